import { type Html, html } from '../html.ts';
import { htmlPage, pageSections, type Section } from '../page.ts';
import { GRAPH_PAGE_STYLE } from './graph-page-style.ts';
import {
  countsText,
  type DrawnDataset,
  type DrawnPartition,
  type GraphPicture,
  readText,
  STATE_WORDS,
  STATES,
  stateOf,
  took,
  unstableText,
} from './graph-picture.ts';
import { graphDrawing } from './graph-svg.ts';

/** How many of a dataset's latest partitions the calendar shows. */
const MOST_SHOWN = 400;
/** How many partitions that are not complete are listed. */
const MOST_REASONS = 200;

/** The graph, what is not complete and why, durations and a calendar, as one page that needs no script and makes no request. */
export function graphPage(picture: GraphPicture): string {
  const { datasets, at } = picture;
  const measured = datasets.filter(({ durations }) => durations !== undefined);
  const sections: Section[] = [
    ['graph', 'Datasets', html`<div class="scroll wide">${graphDrawing(picture)}</div>${listed(datasets)}`],
    ['waiting', 'What is not complete', unfinished(datasets)],
    ...(measured.length === 0 ? [] : [['durations', 'Durations', durations(measured)] as const]),
    ['calendar', 'Partitions', html`${legend()}${datasets.map(calendar)}`],
  ];
  return htmlPage({
    title: 'Datasets',
    style: GRAPH_PAGE_STYLE,
    script: '',
    body: html`<header><h1>Datasets</h1><p class="dim">As planned for ${at.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC')}.</p></header>${pageSections(sections)}`,
  });
}

/** The graph where it is too narrow for the drawing. */
const listed = (datasets: readonly DrawnDataset[]): Html =>
  html`<ol class="narrow">${datasets.map(
    (dataset) =>
      html`<li class="box ${stateOf(dataset)}"><b>${dataset.name}</b><span>${countsText(dataset)}</span>${durationLine(dataset)}${dataset.reads.map((read) => html`<span>← ${readText(read)}</span>`)}</li>`,
  )}</ol>`;

const durationLine = ({ durations: measured }: DrawnDataset): Html =>
  measured === undefined
    ? html``
    : html`<span>median ${took(measured.medianMs)}, last ${took(measured.last.milliseconds)}</span>`;

const legend = (): Html =>
  html`<ul class="legend">${STATES.map((state) => html`<li><span class="cell ${state}">${mark(state)}</span> ${state === STATE_WORDS[state] ? state : `${state}: ${STATE_WORDS[state]}`}</li>`)}</ul>`;

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
      html`<div class="calendar"><span class="month">${row}</span><ul>${own.map((partition) => cell(partition, row))}</ul></div>`,
  )}`;
}

function cell({ partition, state, reason, milliseconds }: DrawnPartition, row: string): Html {
  const title = [
    `${partition}: ${state}`,
    ...(reason === '' ? [] : [reason]),
    ...(milliseconds === undefined ? [] : [`built in ${took(milliseconds)}`]),
  ].join(': ');
  return html`<li class="cell ${state}" title="${title}">${partition.slice(row.length + 1) || partition}${state === 'complete' ? '' : ` ${mark(state)}`}</li>`;
}

/** What failed is first, then what waits for it. */
const URGENT = ['failed', 'held', 'blocked', 'ready', 'waits'] as const;

function unfinished(datasets: readonly DrawnDataset[]): Html {
  const open = datasets.flatMap(({ name, partitions }) =>
    partitions.filter(({ state }) => state !== 'complete').map((partition) => ({ name, ...partition })),
  );
  const unstable = datasets.flatMap(({ name, unstable: found }) =>
    found === undefined ? [] : [{ name, found }],
  );
  const warnings =
    unstable.length === 0
      ? html``
      : html`<ul class="reasons">${unstable.map(({ name, found }) => html`<li><span class="cell blocked">unstable</span><div><b>${name}</b><p>${unstableText(found)}</p></div></li>`)}</ul>`;
  if (open.length === 0) return html`<p>Every partition is complete.</p>${warnings}`;
  const sorted = URGENT.flatMap((state) => open.filter((each) => each.state === state));
  const shown = sorted.slice(0, MOST_REASONS);
  return html`${warnings}<ul class="reasons">${shown.map(reasonOf)}</ul>${open.length > shown.length ? html`<p class="dim">and ${open.length - shown.length} more</p>` : html``}`;
}

function reasonOf({
  name,
  partition,
  state,
  reason,
  help,
  inputs = [],
}: DrawnPartition & { readonly name: string }): Html {
  return html`<li><span class="cell ${state}">${state}</span><div><b>${name} ${partition}</b><p>${reason}</p>${
    inputs.length === 0 ? html`` : html`<p class="dim">reads ${inputs.join(', ')}</p>`
  }${help === undefined ? html`` : html`<p><code>${help}</code></p>`}</div></li>`;
}

function durations(datasets: readonly DrawnDataset[]): Html {
  const rows = datasets.flatMap(({ name, durations: measured }) =>
    measured === undefined
      ? []
      : [
          html`<tr><th scope="row">${name}</th><td>${took(measured.medianMs)}</td><td>${took(measured.last.milliseconds)} <small>${measured.last.partition}</small></td><td>${took(measured.slowest.milliseconds)} <small>${measured.slowest.partition}</small></td></tr>`,
        ],
  );
  return html`<table class="durations"><thead><tr><th>dataset</th><th>median</th><th>last</th><th>longest</th></tr></thead><tbody>${rows}</tbody></table><p class="dim">Of builds of the partitions as they are now, by the clocks of the workers.</p>`;
}
