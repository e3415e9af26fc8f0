import { dictionaryHint, namesSetting } from '../pipeline/mapping/suggest/likely-dictionaries.ts';
import type { Report } from '../pipeline/run/report.ts';
import { hasDrift } from '../pipeline/schema/drift.ts';
import { withCommand } from '../pipeline/text/commands.ts';
import { ByteBudget } from './byte-budget.ts';
import { checksSection } from './checks-section.ts';
import { driftSection } from './drift-section.ts';
import { figures, headline, particulars, verdict } from './headline.ts';
import { type Html, html, moment } from './html.ts';
import { htmlPage, link, pageSections, type Section } from './page.ts';
import { phaseChart } from './phase-chart.ts';
import { previousSection } from './previous-section.ts';
import { rejectsSection } from './rejects-section.ts';
import { REPORT_STYLE } from './report-style.ts';
import { segmentsSection } from './segments-section.ts';
import { SORT_SCRIPT } from './sort-script.ts';
import { statementsSection } from './statements-section.ts';
import { tablesSection } from './tables-section.ts';

/** Limits of the fold-outs. The rest of a page with 1,000 segments and 300 tables is about 1 MB. */
const COLUMNS_BYTES = 350_000;
const SQL_BYTES = 350_000;

/**
 * A run's report as one HTML file of less than 2 MB. It makes no request, works without its script, and escapes every
 * text from the data. For what is too large, the page refers to `report.json`.
 * @param asTyped writes commands as the reader types them. Default: as where the run was started
 * @param links to the other pages, if they are beside this one
 */
export function reportHtml(
  report: Report,
  asTyped: AsTyped = asTypedAtStart(report),
  links: ReportLinks = {},
): string {
  return page(inCommandsOf(report, asTyped), asTyped, links);
}

/** Addresses of other pages, from the report. */
export interface ReportLinks {
  readonly index?: string | undefined;
  readonly catalogue?: string | undefined;
  readonly previous?: string | undefined;
  /** The workflow in Temporal’s Web UI. */
  readonly webUi?: string | undefined;
}

/** Writes the commands of a text as an operator types them. */
type AsTyped = (text: string) => string;

/** As where the run was started. */
const asTypedAtStart =
  ({ command = 'tributary' }: Report): AsTyped =>
  (text) =>
    withCommand(text, command);

/** The messages of a report name commands, too. */
const inCommandsOf = (report: Report, asTyped: AsTyped): Report => ({
  ...report,
  ...(report.error && { error: { ...report.error, message: asTyped(report.error.message) } }),
  unfinished: report.unfinished.map((child) => ({
    ...child,
    ...(child.error === undefined ? {} : { error: asTyped(child.error) }),
  })),
  notes: report.notes.map(asTyped),
});

function page(report: Report, asTyped: AsTyped, links: ReportLinks): string {
  const { drift, dictionaries, error } = report;
  const hint = namesSetting(error?.message, dictionaries) ? dictionaryHint(dictionaries) : undefined;
  const notes = report.notes.filter((note) => hint === undefined || !note.startsWith(hint));
  const sections: readonly (Section | undefined)[] = [
    report.rejects === 0 ? undefined : ['aside', 'Set aside', rejectsSection(report)],
    report.checks.length === 0 ? undefined : ['checks', 'Checks', checksSection(report)],
    ['phases', 'Phases', phaseChart(report)],
    report.previous === undefined || report.sealedAt === undefined
      ? undefined
      : ['before', 'Since the run before', previousSection(report, report.previous, links.previous)],
    ['tables', 'Tables', tablesSection(report, new ByteBudget(COLUMNS_BYTES))],
    drift === undefined
      ? undefined
      : [hasDrift(drift) ? 'drift' : 'schema', 'Schema', driftSection({ drift })],
    ['segments', 'Segments', segmentsSection(report)],
    ['statements', 'Statements', statementsSection(report, new ByteBudget(SQL_BYTES))],
    notes.length === 0
      ? undefined
      : ['notes', 'Notes', html`<ul class="plain">${notes.map((note) => html`<li>${note}</li>`)}</ul>`],
    ['run', 'Run', html`${particulars(report)}${sources}`],
  ];
  const shown = sections.filter((section) => section !== undefined);
  const body = html`<div class="page">
${headline(report, asTyped)}
${otherPages(links)}
${figures(report)}
${pageSections(shown)}
<footer><p>Written by Tributary, ${moment(report.writtenAt)}. The same data: <code>report.json</code> in the same directory.</p></footer>
</div>`;
  const title = `${report.pipeline} ${verdict(report).word}, run ${report.run}`;
  return htmlPage({ title, style: REPORT_STYLE, script: SORT_SCRIPT, body });
}

function otherPages({ index, catalogue, webUi }: ReportLinks): Html | undefined {
  const pages = [
    ...(index === undefined ? [] : [link(index, 'All runs')]),
    ...(catalogue === undefined ? [] : [link(catalogue, 'Catalogue')]),
    ...(webUi === undefined ? [] : [link(webUi, 'Workflow in the Web UI')]),
  ];
  return pages.length === 0 ? undefined : html`<nav aria-label="Other pages">${pages}</nav>`;
}

const sources = html`<details><summary>Where the numbers come from</summary>
<dl class="sources">
<div><dt>items, read units, pages</dt><dd>reported by DynamoDB for each page of the scan, summed over the checkpoints</dd></div>
<div><dt>rows, bytes, files</dt><dd>of each upload to S3, from the sealed manifest; verification compared these rows with the warehouse</dd></div>
<div><dt>phases</dt><dd>by the workflow’s clock; if a phase was repeated, its last time</dd></div>
<div><dt>segments</dt><dd>start and end of each checkpoint, by the clock of the worker that wrote it</dd></div>
<div><dt>statements</dt><dd>durations and ids reported by the Data API and recorded by the activities; if the host of an activity died, its last ten seconds may be missing</dd></div>
</dl></details>`;
