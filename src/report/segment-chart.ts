import { type SegmentTotals, secondsBetween } from '../pipeline/run/segments/segment-totals.ts';
import { count, counted, fineDuration } from '../pipeline/text/measures.ts';
import { type Html, html, measure, percent } from './html.ts';
import type { Skew } from './skew.ts';

/** Up to this many segments get a labelled bar. More are drawn as thin lines. */
const NAMED_SEGMENTS = 24;
const MOST_HEIGHT = 560;
/** How many of the slowest are highlighted. */
const SLOWEST = 10;

/** When each segment was worked on, on a common time axis. */
export function segmentChart(segments: readonly SegmentTotals[], skew: Skew): Html {
  const slow = new Set(slowestOf(skew).map(({ segment }) => segment.segment));
  const chart =
    segments.length <= NAMED_SEGMENTS ? namedLines(segments, skew) : thinLines(segments, skew, slow);
  return html`<figure class="gantt">${chart}${axis(skew.wallSeconds, segments.length <= NAMED_SEGMENTS)}<figcaption>${
    segments.length <= NAMED_SEGMENTS
      ? 'One line per segment, from the start of the first. In a gap, no worker worked on the segment.'
      : `One line for each of ${counted(segments.length, 'segment')}, in the order of their start. The slowest ${slow.size} are darker.`
  }</figcaption></figure>`;
}

/** The slowest segments: at most a quarter of all. */
export const slowestOf = ({ slowest }: Skew): Skew['slowest'] =>
  slowest.slice(0, Math.max(1, Math.min(SLOWEST, Math.floor(slowest.length / 4))));

function namedLines(segments: readonly SegmentTotals[], skew: Skew): Html {
  return html`<ol class="named">${segments.map(
    (
      segment,
    ) => html`<li><span class="name"><span class="wide">segment </span>${segment.segment}</span><svg class="bar" width="100%" height="12" aria-hidden="true">${grid(12)}${bars(segment, skew, 0, 12, 3)}</svg><span class="took">${
      segment.stretches.length === 0 ? 'not begun' : measure(`${count(segment.items)} items`)
    }${segment.ended || segment.stretches.length === 0 ? '' : html` <em>not ended</em>`}</span></li>
`,
  )}</ol>`;
}

function thinLines(segments: readonly SegmentTotals[], skew: Skew, slow: ReadonlySet<number>): Html {
  const begun = segments
    .filter(({ stretches }) => stretches.length > 0)
    .toSorted(
      (a, b) => compare(a.stretches[0]?.startedAt, b.stretches[0]?.startedAt) || a.segment - b.segment,
    );
  const pitch = Math.min(8, MOST_HEIGHT / begun.length);
  const thickness = pitch >= 3 ? pitch - 1 : pitch;
  const height = Math.ceil(pitch * begun.length);
  const label = `${counted(begun.length, 'segment')} over ${fineDuration(skew.wallSeconds)}; the slowest is segment ${skew.slowest[0]?.segment.segment} with ${fineDuration(skew.slowestSeconds)}.`;
  return html`<svg class="thin" width="100%" height="${height}" role="img" aria-label="${label}">${grid(height)}${begun.map(
    (segment, i) =>
      html`<g${slow.has(segment.segment) ? html` class="slow"` : ''}><title>segment ${segment.segment}</title>${bars(segment, skew, round(i * pitch), round(thickness), pitch >= 5 ? 2 : 0)}</g>
`,
  )}</svg>`;
}

function bars(
  segment: SegmentTotals,
  skew: Skew,
  y: number,
  height: number,
  radius: number,
): readonly Html[] {
  const { wallSeconds } = skew;
  return segment.stretches.map(({ startedAt, endedAt }) => {
    const from = secondsBetween(skew.from, startedAt);
    const seconds = Math.max(secondsBetween(startedAt, endedAt), wallSeconds * 0.003);
    return html`<rect x="${percent(Math.min(from, wallSeconds * 0.997), wallSeconds)}" width="${wallSeconds === 0 ? '100%' : percent(seconds, wallSeconds)}"${y === 0 ? '' : html` y="${y}"`} height="${height}"${radius === 0 ? '' : html` rx="${radius}"`}/>`;
  });
}

const QUARTERS = [0, 0.25, 0.5, 0.75, 1] as const;

const grid = (height: number) =>
  QUARTERS.map((at) => html`<line x1="${at * 100}%" x2="${at * 100}%" y1="0" y2="${height}"/>`);

function axis(seconds: number, named: boolean): Html {
  return html`<p class="axis${named ? ' beside' : ''}" aria-hidden="true">${QUARTERS.map(
    (at) => html`<span>${at === 0 ? '0' : measure(fineDuration(seconds * at))}</span>`,
  )}</p>`;
}

const compare = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);
const round = (n: number) => Math.round(n * 100) / 100;
