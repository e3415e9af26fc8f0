import type {
  DocumentedColumn,
  DocumentedSchema,
  DocumentedTable,
} from '../pipeline/documentation/documented-schema.ts';
import type { ColumnProfile, TableProfile } from '../pipeline/documentation/profile.ts';
import { parentTable } from '../pipeline/item/path.ts';
import { shareText } from '../pipeline/staging/comments.ts';
import { count, counted } from '../pipeline/text/measures.ts';
import { CATALOGUE_SCRIPT } from './catalogue-script.ts';
import { CATALOGUE_STYLE } from './catalogue-style.ts';
import { dataTable, type Heading } from './data-table.ts';
import { mark } from './headline.ts';
import { type Html, html, measure, moment } from './html.ts';
import { htmlPage, link, pageSections } from './page.ts';

/** A schema of the catalogue page, and what is known of its values. */
export interface CataloguedSchema {
  readonly schema: DocumentedSchema;
  /** By table name; a table without a profile is absent. */
  readonly profiles: ReadonlyMap<string, TableProfile>;
  /** The report of the live run, from this page. */
  readonly report: string | undefined;
}

export interface CatalogueOptions {
  /** ISO 8601, UTC. */
  readonly writtenAt: string;
  /** The index of runs, from this page. */
  readonly index: string | undefined;
  /** Why something is missing, as sentences. */
  readonly notes: readonly string[];
}

/** All schemas as one page for their readers: tables, columns, joins, values, where they come from, and their changes. */
export function catalogueHtml(schemas: readonly CataloguedSchema[], options: CatalogueOptions): string {
  const { writtenAt, index, notes } = options;
  const tables = schemas.flatMap(({ schema }) => schema.tables);
  const columns = tables.flatMap((table) => table.columns);
  const body = html`<div class="page">
<header class="head">
<p class="brand">${mark} Tributary <span>catalogue</span></p>
<div class="title"><h1>Catalogue</h1></div>
<p class="lead">${counted(tables.length, 'table')} with ${counted(columns.length, 'column')}, from ${counted(schemas.length, 'DynamoDB table')}.</p>
${index === undefined ? '' : html`<p>${link(index, 'Runs of the pipelines')}</p>`}
${notes.map((note) => html`<p class="trouble warn">${note}</p>`)}
</header>
<div class="find" id="find" role="search" hidden><label for="words">Find</label> <input id="words" type="search" autocomplete="off" spellcheck="false" aria-describedby="found"> <kbd aria-hidden="true">/</kbd> <output id="found" for="words"></output></div>
${pageSections(schemas.map((each) => [idOf(each.schema.pipeline), each.schema.pipeline, schemaBody(each)]))}
<footer><p>Written by Tributary, ${moment(writtenAt)}. Counts of rows are those of the live run.</p></footer>
</div>`;
  return htmlPage({ title: 'Catalogue', style: CATALOGUE_STYLE, script: CATALOGUE_SCRIPT, body });
}

/** An id without blanks. A pipeline's and a table's never clash: only the latter has a dot. */
const idOf = (pipeline: string, table?: string) =>
  table === undefined ? `pipeline-${pipeline}` : `${pipeline}.${table}`;
const linkTo = (pipeline: string, table: string) =>
  link(`#${encodeURIComponent(idOf(pipeline, table))}`, html`<code>${table}</code>`);

function schemaBody({ schema, profiles, report }: CataloguedSchema): Html {
  const { pipeline, source, database, where, description, run, tables, history } = schema;
  const line = (name: string, value: Html) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const name = run && html`<code>${run.name}</code>`;
  return html`${description === undefined ? '' : html`<p>${description}</p>`}
<dl class="lines beside">
${line('read from', html`DynamoDB table <code>${source}</code>`)}
${line('loaded into', html`schema <code>${schema.schema}</code> of database <code>${database}</code>, <code>${where}</code>`)}
${line('live', run === undefined || name === undefined ? html`no run: tables as agreed, revision ${count(schema.revision)}` : html`run ${report === undefined ? name : link(report, name)}, ${counted(run.items, 'item')} read from ${moment(run.extractedFrom)}`)}
</dl>
<div class="beside"><h3>From items to tables</h3>
<ul class="tree"><li><code>${source}</code> <span>DynamoDB</span>${branch(schema, undefined)}</li></ul></div>
<h3 class="beside">Tables</h3>
<div class="folds">${tables.map((table) => entry(pipeline, table, tables, profiles.get(table.name)))}</div>
<div class="beside"><h3>Changes of the schema</h3>
${history.map(
  ({ revision, changedAt, changedBy, changes }) =>
    html`<details><summary>revision ${count(revision)} <span>${moment(changedAt)}, by ${changedBy}</span></summary>${
      changes.length === 0
        ? html`<p>The first schema.</p>`
        : html`<ul class="plain">${changes.map((change) => html`<li>${change}</li>`)}</ul>`
    }</details>`,
)}</div>`;
}

/** The tables below one, as a nested list. */
function branch(schema: DocumentedSchema, above: DocumentedTable | undefined): Html {
  const { tables, pipeline } = schema;
  const known = new Set(tables.map(({ path }) => path));
  const parentOf = (table: DocumentedTable) => {
    for (let path = parentTable(table.path); path !== undefined; path = parentTable(path))
      if (known.has(path)) return path;
    return undefined;
  };
  const below = tables.filter((table) => parentOf(table) === above?.path);
  return below.length === 0
    ? html``
    : html`<ul>${below.map(
        (table) =>
          html`<li>${linkTo(pipeline, table.name)} <span>${table.rowOf}</span>${branch(schema, table)}</li>`,
      )}</ul>`;
}

function entry(
  pipeline: string,
  table: DocumentedTable,
  tables: readonly DocumentedTable[],
  profile: TableProfile | undefined,
): Html {
  const { name, rows, rowOf, description, join, columns, distKey, sortKey } = table;
  const children = tables.filter((each) => each.join?.table === name);
  const size = [
    ...(rows === undefined ? [] : [counted(rows, 'row')]),
    counted(columns.length, 'column'),
  ].join(', ');
  return html`<details class="entry" id="${idOf(pipeline, name)}"><summary><span class="about"><code>${name}</code> <span>${size}, ${rowOf}</span></span></summary>
${description === undefined ? '' : html`<p>${description}</p>`}
<p class="facts">Distribution ${distKey === undefined ? 'AUTO' : html`by <code>${distKey}</code>`}, sort key ${sortKey === undefined ? 'AUTO' : html`<code>${sortKey.join(', ')}</code>`}.${
    children.length === 0
      ? ''
      : html` Joined by ${children.map((each, i) => html`${i === 0 ? '' : ', '}${linkTo(pipeline, each.name)}`)}.`
  }</p>
${join === undefined ? '' : html`<pre tabindex="0"><code>${joinSql(name, join.table, join.on)}</code></pre>`}
${columnTable(table, profile)}</details>
`;
}

const joinSql = (table: string, above: string, on: readonly string[]) =>
  `FROM ${table} t JOIN ${above} a\n  ON ${on.map((column) => `a.${column} = t.${column}`).join(' AND ')}`;

function columnTable(table: DocumentedTable, profile: TableProfile | undefined): Html {
  const headings: readonly Heading[] = [
    { title: 'Column' },
    { title: 'Type', short: '' },
    { title: 'DynamoDB', short: 'from' },
    { title: 'Present', short: 'present', numeric: true },
    ...(profile === undefined
      ? []
      : [
          { title: 'Distinct', short: 'distinct, about', numeric: true },
          { title: 'Values', short: 'values' },
        ]),
  ];
  return dataTable(
    `Columns of ${table.name}`,
    headings,
    table.columns.map((column) => [
      html`<code>${column.name}</code>${column.description === undefined ? '' : html`<small>${column.description}</small>`}`,
      html`<span class="type">${column.type}</span>`,
      originCell(column),
      presence(column, table.rows),
      ...(profile === undefined ? [] : profileCells(profile.get(column.name))),
    ]),
  );
}

const originCell = ({ role, origin, kinds, facts }: DocumentedColumn): Html =>
  html`${role === 'position' || role === 'run' ? html`<em>${origin}</em>` : html`<code>${origin}</code>`}${
    kinds.length + facts.length === 0 ? '' : html`<small>${[...kinds, ...facts].join(', ')}</small>`
  }`;

function presence({ values }: DocumentedColumn, rows: number | undefined) {
  if (values === undefined || rows === undefined) return { shown: '–', sort: -1 };
  return {
    shown: measure(rows === 0 ? 'no rows' : shareText(values, rows).replace(/^in | of rows$/g, '')),
    sort: values,
  };
}

function profileCells(profile: ColumnProfile | undefined) {
  const { distinct, least, greatest, samples = [] } = profile ?? {};
  const range =
    least === undefined || greatest === undefined || least === greatest ? least : `${least} … ${greatest}`;
  const examples = samples.filter((sample) => sample !== range);
  return [
    distinct === undefined ? { shown: '–', sort: -1 } : { shown: count(distinct), sort: distinct },
    html`${range ?? ''}${examples.length === 0 ? '' : html`<small>e.g. ${examples.join(', ')}</small>`}`,
  ];
}
