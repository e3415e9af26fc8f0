import { type Html, html } from '../html.ts';
import { countsText, type DrawnDataset, type GraphPicture, stateOf } from './graph-picture.ts';

const BOX = { width: 240, height: 62 };
const GAP = { x: 36, y: 58 };
const MARGIN = 14;

interface Placed {
  readonly dataset: DrawnDataset;
  readonly x: number;
  readonly y: number;
}

/** Datasets in rows: each below all that it reads. */
function place(datasets: readonly DrawnDataset[]): {
  readonly boxes: readonly Placed[];
  readonly width: number;
  readonly height: number;
} {
  const rowOf = new Map<string, number>();
  for (const { name, reads } of datasets)
    rowOf.set(
      name,
      reads.reduce((row, { dataset }) => Math.max(row, (rowOf.get(dataset) ?? -1) + 1), 0),
    );
  const rows = Map.groupBy(datasets, ({ name }) => rowOf.get(name) ?? 0);
  const most = [...rows.values()].reduce((count, row) => Math.max(count, row.length), 1);
  const widthOf = (count: number) => count * BOX.width + (count - 1) * GAP.x;
  const boxes = [...rows].flatMap(([row, own]) =>
    own.map((dataset, index) => ({
      dataset,
      x: MARGIN + (widthOf(most) - widthOf(own.length)) / 2 + index * (BOX.width + GAP.x),
      y: MARGIN + row * (BOX.height + GAP.y),
    })),
  );
  return {
    boxes,
    width: widthOf(most) + 2 * MARGIN,
    height: rows.size * BOX.height + Math.max(0, rows.size - 1) * GAP.y + 2 * MARGIN,
  };
}

/** The colours, which a page and a file share. In the dark, boxes keep their light ground and dark text. */
export const GRAPH_STYLE = `
.graph rect{stroke-width:1.5;fill:#eef0f3;stroke:#5b6472}
.graph text{font:600 14px system-ui,sans-serif;fill:#16191d}
.graph text.counts{font:400 12px system-ui,sans-serif}
.graph path{fill:none;stroke:#7b8493;stroke-width:1.5}
.graph marker path{fill:#7b8493;stroke:none}
.graph path.reference{stroke-dasharray:5 4}
.graph text.rule{font:400 11px system-ui,sans-serif;fill:#7b8493}
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
    to.dataset.reads.flatMap(({ dataset, rule, isReference }) => {
      const from = byName.get(dataset);
      return from === undefined ? [] : [arrow(from, to, rule, isReference)];
    }),
  );
  const drawn = boxes.map(
    ({ dataset, x, y }) =>
      html`<g class="${stateOf(dataset)}"><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="8"/><text x="${x + 12}" y="${y + 25}">${short(dataset.name, 28)}</text><text class="counts" x="${x + 12}" y="${y + 46}">${short(countsText(dataset), 38)}</text><title>${dataset.name}: ${countsText(dataset)}</title></g>`,
  );
  return html`<svg class="graph" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Datasets, and what they are made of" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>${arrows}${drawn}</svg>`;
}

function arrow(from: Placed, to: Placed, rule: string, isReference: boolean): Html {
  const [x1, y1] = [from.x + BOX.width / 2, from.y + BOX.height];
  const [x2, y2] = [to.x + BOX.width / 2, to.y];
  const bend = (y2 - y1) / 2;
  const path = `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
  return html`<path class="${isReference ? 'reference' : 'input'}" d="${path}" marker-end="url(#end)"/><text class="rule" x="${(x1 + x2) / 2 + 6}" y="${(y1 + y2) / 2 + 4}">${rule}</text>`;
}

const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** The graph as a file. */
export const graphSvg = (picture: GraphPicture): string => {
  const { text } = graphDrawing(picture);
  const end = text.indexOf('>') + 1;
  return `${text.slice(0, end)}<style>${GRAPH_STYLE}</style>${text.slice(end)}\n`;
};
