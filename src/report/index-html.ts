import type { PipelineHistory, RunEntry } from '../pipeline/documentation/run-history.ts';
import { outcomeOf } from '../pipeline/run/outcome.ts';
import { changeText } from '../pipeline/run/previous-run.ts';
import type { Report } from '../pipeline/run/report.ts';
import { byteSize, count, counted, duration } from '../pipeline/text/measures.ts';
import { CATALOGUE_STYLE } from './catalogue-style.ts';
import { dataTable, numberCell } from './data-table.ts';
import { MARKS, mark } from './headline.ts';
import { type Html, html, measure, moment } from './html.ts';
import { htmlPage, link, pageSections } from './page.ts';
import { SORT_SCRIPT } from './sort-script.ts';

export interface IndexOptions {
  /** ISO 8601, UTC. */
  readonly writtenAt: string;
  readonly catalogue: string | undefined;
  /** The page of a run’s report. */
  readonly reportOf: (report: Report) => string;
  /** A workflow in Temporal’s Web UI, if its address is known. */
  readonly webUiOf: (report: Report) => string | undefined;
}

/** Pipelines and their runs over time, as one page. */
export function indexHtml(histories: readonly PipelineHistory[], options: IndexOptions): string {
  const runs = histories.flatMap((history) => history.runs);
  const body = html`<div class="page">
<header class="head">
<p class="brand">${mark} Tributary <span>runs</span></p>
<div class="title"><h1>Runs</h1></div>
<p class="lead">${counted(runs.length, 'run')} of ${counted(histories.length, 'pipeline')}.</p>
${options.catalogue === undefined ? '' : html`<p>${link(options.catalogue, 'Catalogue of the tables')}</p>`}
</header>
${pageSections([
  ['pipelines', 'Pipelines', overview(histories)],
  ...histories.map(
    (history) => [`pipeline-${history.pipeline}`, history.pipeline, runsOf(history, options)] as const,
  ),
])}
<footer><p>Written by Tributary, ${moment(options.writtenAt)}. The cost is that of the read units at the public on-demand price; a run is unusual if it differs much from the median of the ten before.</p></footer>
</div>`;
  return htmlPage({ title: 'Runs', style: CATALOGUE_STYLE, script: SORT_SCRIPT, body });
}

function overview(histories: readonly PipelineHistory[]): Html {
  return dataTable(
    'Pipelines',
    [
      { title: 'Pipeline' },
      { title: 'Newest run', short: 'newest run' },
      { title: 'Rows', short: 'rows', numeric: true },
      { title: 'Took', short: 'took', numeric: true },
      { title: 'Runs', short: 'runs', numeric: true },
      { title: 'Read cost', short: 'read cost of all runs', numeric: true },
    ],
    histories.map(({ pipeline, source, target, runs }) => {
      const [newest] = runs;
      const cost = runs.reduce((sum, { readCost }) => sum + readCost, 0);
      return [
        html`${link(`#pipeline-${pipeline}`, pipeline)}<small><code>${source}</code> <span aria-label="to">→</span> <code>${target}</code></small>`,
        newest === undefined ? '' : html`${state(newest)}<small>${moment(newest.report.plannedAt)}</small>`,
        numberCell(newest?.report.rows ?? 0, count),
        numberCell(newest?.report.seconds ?? 0, duration),
        numberCell(runs.length, count),
        numberCell(cost, dollars),
      ];
    }),
  );
}

/** More would not be seen. */
const TREND_RUNS = 60;

function runsOf({ runs, live }: PipelineHistory, options: IndexOptions): Html {
  const done = runs
    .filter(({ report }) => report.outcome === 'completed' && report.tables.length > 0)
    .slice(0, TREND_RUNS)
    .map(({ report }) => report)
    .toReversed();
  return html`${
    done.length < 2
      ? ''
      : html`<div class="trends">${trend(
          'rows',
          done.map(({ rows }) => rows),
          count,
        )}${trend(
          'duration',
          done.map(({ seconds }) => seconds),
          duration,
        )}${trend(
          'in S3',
          done.map(({ bytes }) => bytes),
          byteSize,
        )}</div>`
  }${dataTable(
    'Runs, the newest first',
    [
      { title: 'Run' },
      { title: 'State', short: '' },
      { title: 'Started', short: 'started' },
      { title: 'Items', short: 'items', numeric: true },
      { title: 'Rows', short: 'rows', numeric: true },
      { title: 'In S3', short: 'in S3', numeric: true },
      { title: 'Took', short: 'took', numeric: true },
      { title: 'Read cost', short: 'read cost', numeric: true },
    ],
    runs.map((entry) => runRow(entry, entry.report.run === live, options)),
  )}`;
}

function runRow(entry: RunEntry, isLive: boolean, { reportOf, webUiOf }: IndexOptions) {
  const { report, readCost } = entry;
  const { run, plannedAt, items, rows, bytes, seconds, previous, tables } = report;
  const webUi = webUiOf(report);
  const change = previous === undefined || tables.length === 0 ? undefined : changeText(previous.rows, rows);
  return [
    html`${link(reportOf(report), html`<code>${run}</code>`)}${webUi === undefined ? '' : html`<small>${link(webUi, 'Web UI')}</small>`}`,
    html`${state(entry)}${isLive ? html` <strong>live</strong>` : ''}${[...problems(report), ...entry.anomalies].map((each) => html`<small>${each}</small>`)}`,
    { shown: moment(plannedAt), sort: Date.parse(plannedAt) },
    numberCell(items, count),
    {
      shown: html`${measure(count(rows))}${change === undefined || change === 'no change' ? '' : html`<small>${change}</small>`}`,
      sort: rows,
    },
    numberCell(bytes, byteSize),
    numberCell(seconds, duration),
    numberCell(readCost, dollars),
  ];
}

function state({ report, anomalies }: RunEntry): Html {
  const { word, tone } = outcomeOf(report.outcome, report.status);
  const shown = tone === 'ok' && anomalies.length > 0 ? 'warn' : tone;
  return html`<span class="mark-${shown}"><span aria-hidden="true">${MARKS[shown]}</span> ${word}</span>`;
}

const MOST_CHARACTERS = 200;

/** What failed, in a line. */
function problems({ error, unfinished, status }: Report): string[] {
  const failed = unfinished.filter((child) => child.state === 'failed').length;
  const text =
    error === undefined
      ? failed === 0
        ? undefined
        : `${counted(failed, status === 'load' ? 'table' : 'segment')} failed`
      : `${error.type}: ${error.message}`;
  if (text === undefined) return [];
  return [text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS).toWellFormed()}…`];
}

/** A line from the oldest run to the newest, above zero, with its words for those who do not see it. */
function trend(name: string, values: readonly number[], show: (n: number) => string): Html {
  const most = values.reduce((max, value) => Math.max(max, value), 1);
  const x = (i: number) => round((i / Math.max(1, values.length - 1)) * 100);
  const y = (value: number) => round(38 - (value / most) * 36);
  const points = values.map((value, i) => `${x(i)},${y(value)}`).join(' ');
  const words = `${name}: ${show(values[0] ?? 0)} at first, now ${show(values.at(-1) ?? 0)}, at most ${show(most)}`;
  return html`<figure><figcaption>${name} <span>${show(values.at(-1) ?? 0)}</span></figcaption><svg class="trend" viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="${words}"><polyline class="area" points="0,40 ${points} 100,40"/><polyline points="${points}"/></svg></figure>`;
}

const round = (n: number) => Math.round(n * 100) / 100;

/** `$0.02`, `$3.40`, and `under $0.01` for what is not nothing. */
const dollars = (n: number): string =>
  n === 0
    ? '$0'
    : n < 0.01
      ? 'under $0.01'
      : `$${n.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
