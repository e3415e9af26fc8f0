import { type Html, html } from '../html.ts';
import { htmlPage, pageSections, type Section } from '../page.ts';
import { countsText, type DrawnDataset, type GraphPicture, STATE_WORDS, STATES } from './graph-picture.ts';
import { GRAPH_STYLE, graphDrawing } from './graph-svg.ts';

/** How many of a dataset's latest partitions the calendar shows. */
const MOST_SHOWN = 400;
/** How many reasons are listed. */
const MOST_REASONS = 200;

const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--text:#16191d;--dim:#5b6472;--line:#d9dde3;--panel:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--ground:#14171b;--text:#e8eaed;--dim:#a2abb8;--line:#333a44;--panel:#1b2027}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
p{margin:.3rem 0}.dim{color:var(--dim)}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1rem;margin:.8rem 0}a{color:inherit}
.scroll{overflow-x:auto;background:var(--panel);border:1px solid var(--line);border-radius:.5rem}
.graph{display:block;margin:auto}
ul.calendar{list-style:none;margin:0 0 .4rem;padding:0;display:flex;flex-wrap:wrap;gap:3px;align-items:center}
ul.calendar .month{width:4.6rem;color:var(--dim);font-size:.85rem}
ul.calendar .cell,ul.legend .cell{min-width:2rem;padding:1px 4px;border:1px solid #5b6472;border-radius:4px;text-align:center;font-size:.8rem;color:#16191d;background:#eef0f3}
ul.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.4rem 1rem}
.cell.complete{background:#dff3e4!important;border-color:#2c7a4b!important}
.cell.ready{background:#dfeafc!important;border-color:#2f5fb3!important}
.cell.blocked{background:#fdeed2!important;border-color:#9a6400!important}
.cell.held{background:#efe5fb!important;border-color:#6b3fa8!important}
.cell.failed{background:#fbe0e0!important;border-color:#b02525!important}
.reasons td,.reasons th{padding:.25rem .6rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.reasons{border-collapse:collapse;width:100%;font-size:.92rem}
${GRAPH_STYLE}
`.trim();

/** The graph, a calendar of partitions and what waits for what, as one page that needs no script and makes no request. */
export function graphPage(picture: GraphPicture): string {
  const { datasets, at } = picture;
  const sections: Section[] = [
    ['graph', 'Datasets', html`<div class="scroll">${graphDrawing(picture)}</div>`],
    ['waiting', 'What is not complete', reasons(datasets)],
    ['calendar', 'Partitions', html`${legend()}${datasets.map(calendar)}`],
  ];
  return htmlPage({
    title: 'Datasets',
    style: STYLE,
    script: '',
    body: html`<header><h1>Datasets</h1><p class="dim">as planned for ${at}</p></header>${pageSections(sections)}`,
  });
}

const legend = (): Html =>
  html`<ul class="legend">${STATES.map((state) => html`<li><span class="cell ${state}">${mark(state)}</span> ${state}: ${STATE_WORDS[state]}</li>`)}</ul>`;

/** The first letter of a state, beside its colour. */
const mark = (state: string): string => (state === 'complete' ? '✓' : state.slice(0, 1).toUpperCase());

function calendar(dataset: DrawnDataset): Html {
  const { name, partitions, unit } = dataset;
  const shown = partitions.slice(-MOST_SHOWN);
  const left = partitions.length - shown.length;
  const rows = Map.groupBy(shown, ({ partition }) => partition.slice(0, unit === 'month' ? 4 : 7));
  return html`<h3>${name}</h3><p class="dim">${countsText(dataset)}${left === 0 ? '' : `; the latest ${shown.length} of ${partitions.length}`}</p>${[
    ...rows,
  ].map(
    ([row, own]) =>
      html`<ul class="calendar"><li class="month">${row}</li>${own.map(({ partition, state, reason }) => html`<li class="cell ${state}" title="${partition}: ${state}${reason === '' ? '' : `: ${reason}`}">${partition.slice(row.length + 1) || partition}${state === 'complete' ? '' : ` ${mark(state)}`}</li>`)}</ul>`,
  )}`;
}

function reasons(datasets: readonly DrawnDataset[]): Html {
  const open = datasets.flatMap(({ name, partitions }) =>
    partitions.filter(({ state }) => state !== 'complete').map((partition) => ({ name, ...partition })),
  );
  if (open.length === 0) return html`<p>Every partition is complete.</p>`;
  const shown = open.slice(0, MOST_REASONS);
  return html`<div class="scroll"><table class="reasons"><thead><tr><th>dataset</th><th>partition</th><th>state</th><th>why</th></tr></thead><tbody>${shown.map(({ name, partition, state, reason }) => html`<tr><td>${name}</td><td>${partition}</td><td>${state}</td><td>${reason}</td></tr>`)}</tbody></table></div>${open.length > shown.length ? html`<p class="dim">and ${open.length - shown.length} more</p>` : html``}`;
}
