import { type Html, html } from '../html.ts';
import {
  countsText,
  countTexts,
  type DrawnDataset,
  filledLines,
  type GraphPicture,
  readText,
  stateOf,
  took,
} from './graph-picture.ts';

const WIDTH = 240;
const GAP = { x: 20, y: 46 };
/** Beside boxes that an arrow goes around. */
const ASIDE = 14;
const MARGIN = 16;
const PADDING = 12;
/** Boxes beside each other: they fit a page. */
const MOST_IN_ROW = 4;
/** Characters of a line in a box, at its size of type. */
const [NAME_CHARACTERS, LINE_CHARACTERS] = [25, 30];
const LINE_HEIGHT = 18;
const FIRST_LINE = 24;

interface Placed {
  readonly dataset: DrawnDataset;
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

interface Layout {
  readonly boxes: readonly Placed[];
  readonly width: number;
  readonly height: number;
}

/** Datasets in rows: each below all that it reads. A row that is too long is several. */
function place(datasets: readonly DrawnDataset[]): Layout {
  const levelOf = new Map<string, number>();
  for (const { name, reads } of datasets)
    levelOf.set(
      name,
      reads.reduce((level, { dataset }) => Math.max(level, (levelOf.get(dataset) ?? -1) + 1), 0),
    );
  const levels = Map.groupBy(datasets, ({ name }) => levelOf.get(name) ?? 0);
  const rows = [...levels.values()].flatMap((level) =>
    Array.from({ length: Math.ceil(level.length / MOST_IN_ROW) }, (_, index) =>
      level.slice(index * MOST_IN_ROW, (index + 1) * MOST_IN_ROW),
    ),
  );
  const most = rows.reduce((count, row) => Math.max(count, row.length), 1);
  const widthOf = (count: number) => count * WIDTH + (count - 1) * GAP.x;
  const boxes: Placed[] = [];
  let y = MARGIN;
  for (const row of rows) {
    const own = row.map((dataset) => ({ dataset, lines: linesOf(dataset) }));
    const height = own.reduce((tallest, { lines }) => Math.max(tallest, heightOf(lines)), 0);
    const left = MARGIN + (widthOf(most) - widthOf(row.length)) / 2;
    for (const [index, { dataset, lines }] of own.entries())
      boxes.push({ dataset, lines, x: left + index * (WIDTH + GAP.x), y, height });
    y += height + GAP.y;
  }
  return { boxes, width: widthOf(most) + 2 * MARGIN, height: y - GAP.y + MARGIN };
}

const heightOf = (lines: readonly string[]) => FIRST_LINE + lines.length * LINE_HEIGHT + PADDING;

/** What a box says below its name: partitions by state, durations, and what it reads. */
function linesOf(dataset: DrawnDataset): string[] {
  const { durations, reads } = dataset;
  return [
    ...filledLines(countTexts(dataset), LINE_CHARACTERS),
    ...(durations === undefined
      ? []
      : [`median ${took(durations.medianMs)}, last ${took(durations.last.milliseconds)}`]),
    ...reads.flatMap(readLines),
  ].map((line) => short(line, LINE_CHARACTERS));
}

/** The colours, which a page and a file share. In the dark, boxes keep their light ground and dark text. */
export const GRAPH_STYLE = `
.graph rect{stroke-width:1.5;fill:#eef0f3;stroke:#5b6472}
.graph text{font:600 14px system-ui,sans-serif;fill:#16191d}
.graph text.line{font:400 13px system-ui,sans-serif}
.graph path{fill:none;stroke:#7b8493;stroke-width:1.5}
.graph marker path{fill:#7b8493;stroke:none}
.graph path.reference{stroke-dasharray:5 4}
.graph .complete rect{fill:#dff3e4;stroke:#2c7a4b}
.graph .ready rect{fill:#dfeafc;stroke:#2f5fb3}
.graph .blocked rect{fill:#fdeed2;stroke:#9a6400}
.graph .held rect{fill:#efe5fb;stroke:#6b3fa8}
.graph .failed rect{fill:#fbe0e0;stroke:#b02525}
`.trim();

/** The graph, without a style of its own. */
export function graphDrawing({ datasets }: GraphPicture): Html {
  const { boxes, width, height } = place(datasets);
  const byName = new Map(boxes.map((box) => [box.dataset.name, box]));
  const arrows = boxes.flatMap((to) =>
    to.dataset.reads.flatMap(({ dataset, isReference }, index) => {
      const from = byName.get(dataset);
      return from === undefined ? [] : [arrow(from, to, index, isReference, boxes)];
    }),
  );
  return html`<svg class="graph" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Datasets, and what they are made of" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>${arrows}${boxes.map(box)}</svg>`;
}

function box({ dataset, lines, x, y, height }: Placed): Html {
  const text = lines.map(
    (line, index) =>
      html`<text class="line" x="${x + PADDING}" y="${y + FIRST_LINE + (index + 1) * LINE_HEIGHT}">${line}</text>`,
  );
  return html`<g class="${stateOf(dataset)}"><rect x="${x}" y="${y}" width="${WIDTH}" height="${height}" rx="8"/><text x="${x + PADDING}" y="${y + FIRST_LINE}">${short(dataset.name, NAME_CHARACTERS)}</text>${text}<title>${dataset.name}: ${countsText(dataset)}</title></g>`;
}

/**
 * An arrow goes around boxes that are between its ends.
 * @param index of the input: each arrow ends at a place of its own
 */
function arrow(
  from: Placed,
  to: Placed,
  index: number,
  isReference: boolean,
  boxes: readonly Placed[],
): Html {
  const [x1, y1] = [from.x + WIDTH / 2, from.y + from.height];
  const [x2, y2] = [to.x + (WIDTH * (index + 1)) / (to.dataset.reads.length + 1), to.y];
  const bend = Math.min(60, Math.max(12, (y2 - y1) / 2));
  const between = boxes.filter(({ y, height }) => y > y1 && y + height < y2);
  const [leftmost] = between.map(({ x }) => x).toSorted((a, b) => a - b);
  let path = `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
  if (leftmost !== undefined) {
    const right = between.reduce((most, { x }) => Math.max(most, x + WIDTH), 0) + ASIDE;
    const left = leftmost - ASIDE;
    const aside = x1 + x2 - 2 * left < 2 * right - x1 - x2 ? left : right;
    const [top, bottom] = [y1 + GAP.y, y2 - GAP.y];
    path =
      `M${x1} ${y1}C${x1} ${y1 + GAP.y / 2} ${aside} ${top - GAP.y / 2} ${aside} ${top}` +
      `L${aside} ${bottom}C${aside} ${bottom + GAP.y / 2} ${x2} ${y2 - GAP.y / 2} ${x2} ${y2}`;
  }
  return html`<path class="${isReference ? 'reference' : 'input'}" d="${path}" marker-end="url(#end)"/>`;
}

/** In two lines, if one is too short for it. */
function readLines(read: DrawnDataset['reads'][number]): string[] {
  const line = `← ${readText(read)}`;
  if (line.length <= LINE_CHARACTERS) return [line];
  const at = line.indexOf(' of ') + ' of '.length;
  return [line.slice(0, at), `\u00a0\u00a0\u00a0${line.slice(at)}`];
}

const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** The graph as a file. */
export const graphSvg = (picture: GraphPicture): string => {
  const { text } = graphDrawing(picture);
  const end = text.indexOf('>') + 1;
  return `${text.slice(0, end)}<style>${GRAPH_STYLE}</style>${text.slice(end)}\n`;
};
