import type { Report } from '../pipeline/run/report.ts';
import { byteSize, count, counted, fineDuration } from '../pipeline/text/measures.ts';
import { dataTable, type Heading, numberCell } from './data-table.ts';
import { type Html, html, measure } from './html.ts';
import { segmentChart, slowestOf } from './segment-chart.ts';
import { type Skew, skewOf } from './skew.ts';

/** More are listed only in report.json. */
const MOST_LISTED = 1000;

const HEADINGS: readonly Heading[] = [
  { title: 'Segment' },
  { title: 'Worked', short: 'worked', numeric: true },
  { title: 'Items', short: 'items', numeric: true },
  { title: 'In S3', short: 'in S3', numeric: true },
  { title: 'Read units', short: 'read units', numeric: true },
  { title: 'Pages', short: 'pages', numeric: true },
  { title: 'Checkpoints', short: 'checkpoints', numeric: true },
  { title: 'Executions', short: 'executions', numeric: true },
];

export function segmentsSection({ segments }: Pick<Report, 'segments'>): Html {
  const skew = skewOf(segments);
  if (skew === undefined) return html`<p>No segment was started.</p>`;
  const listed = skew.slowest.slice(0, MOST_LISTED);
  const listing = (some: Skew['slowest']) =>
    some.map(({ segment, seconds }) => [
      numberCell(segment.segment, String),
      numberCell(seconds, fineDuration),
      numberCell(segment.items, count),
      numberCell(segment.bytes, byteSize),
      numberCell(segment.readUnits, count),
      numberCell(segment.pages, count),
      numberCell(segment.checkpoints, count),
      numberCell(segment.stretches.length, count),
    ]);
  const few = listed.length <= 12;
  return html`<p>${skewSentence(segments.length, skew)}</p>
${segmentChart(segments, skew)}
${few ? '' : html`<h3>The slowest</h3>${dataTable('The slowest segments', HEADINGS, listing(slowestOf(skew)))}`}
<details><summary>${few ? 'The segments in numbers' : `All ${counted(listed.length, 'segment')} in numbers`}</summary>${dataTable('Segments, the slowest first', HEADINGS, listing(listed))}${
    skew.slowest.length > listed.length
      ? html`<p>The other ${count(skew.slowest.length - listed.length)} are in report.json.</p>`
      : ''
  }</details>`;
}

function skewSentence(all: number, skew: Skew): Html {
  const begun = skew.slowest.length;
  const unbegun = all === begun ? '' : html` ${counted(all - begun, 'segment')} did not start.`;
  const again = skew.slowest.filter(({ segment }) => segment.stretches.length > 1).length;
  const taken = again === 0 ? '' : html` ${counted(again, 'segment')} continued in another execution.`;
  if (begun === 1) return html`One segment, ${measure(fineDuration(skew.slowestSeconds))}.${unbegun}${taken}`;
  const times = skew.medianSeconds === 0 ? undefined : skew.slowestSeconds / skew.medianSeconds;
  return html`From the first start to the last end: ${measure(fineDuration(skew.wallSeconds))}. Half of the segments took at most ${measure(fineDuration(skew.medianSeconds))}; the slowest, number ${skew.slowest[0]?.segment.segment ?? ''}, took <strong>${measure(fineDuration(skew.slowestSeconds))}</strong>${
    times === undefined ? '' : html`, ${times.toFixed(1)} times as long`
  }. They hold ${count(skew.fewestItems)} to ${count(skew.mostItems)} items, with a median of ${count(skew.medianItems)}.${unbegun}${taken}`;
}
