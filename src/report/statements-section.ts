import type { Report } from '../pipeline/run/report.ts';
import { count, counted, fineDuration } from '../pipeline/text/measures.ts';
import type { ByteBudget } from './byte-budget.ts';
import { dataTable } from './data-table.ts';
import { type Html, html, measure, moment } from './html.ts';

type Statement = Report['statements'][number];

/** More are listed only in report.json. Failed and slow transactions take precedence. */
const MOST_LISTED = 1200;
const SLOWEST = 5;

/** The transactions run in the warehouse: one fold-out per phase. */
export function statementsSection({ statements }: Pick<Report, 'statements'>, budget: ByteBudget): Html {
  if (statements.length === 0) return html`<p>Nothing was run in the warehouse.</p>`;
  const byTime = statements.toSorted((a, b) => rank(b) - rank(a));
  const listed = new Set(byTime.slice(0, MOST_LISTED));
  const texts = new Map<Statement, Html>();
  for (const statement of listed) {
    const text = budget.afford(() => textOf(statement));
    if (text !== undefined) texts.set(statement, text);
  }
  const phases = [...new Set(statements.map(({ phase }) => phase))];
  const total = secondsOf(statements);
  const named = namer(statements);
  const slowest = slowestOf(statements, named).slice(0, SLOWEST);
  return html`<p>${counted(statements.length, 'transaction')}, ${measure(fineDuration(total))} of the warehouse’s time.</p>
${
  statements.length < SLOWEST * 2 || slowest.length === 0
    ? ''
    : html`<h3>The slowest</h3>${dataTable(
        'The slowest transactions',
        [
          { title: 'Transaction' },
          { title: 'Phase', short: 'in' },
          { title: 'Time', short: '', numeric: true },
        ],
        slowest.map(({ name, phase, seconds, times }) => [
          times === 1 ? name : html`${name} <em>${count(times)} times, the slowest</em>`,
          phase,
          measure(fineDuration(seconds)),
        ]),
      )}<h3>By phase</h3>`
}
<div class="folds">${phases.map((phase) => {
    const all = statements.filter((statement) => statement.phase === phase);
    const shown = all.filter((statement) => listed.has(statement));
    const failed = all.filter(({ status }) => status !== 'FINISHED').length;
    return html`<details><summary><b>${phase}</b> <span>${counted(all.length, 'transaction')}, ${measure(fineDuration(secondsOf(all)))}${
      failed === 0 ? '' : html`, <strong>${count(failed)} did not finish</strong>`
    }</span></summary><ol class="statements">${shown.map((statement) => entry(statement, named(statement), texts.get(statement)))}</ol>${
      shown.length === all.length
        ? ''
        : html`<p>The other ${count(all.length - shown.length)} are in report.json.</p>`
    }</details>
`;
  })}</div>`;
}

/** Transactions whose time is known, the slowest first: one for all of a phase that have the same name. */
function slowestOf(statements: readonly Statement[], named: (statement: Statement) => string) {
  const timed = statements.flatMap((each) => {
    const { phase, seconds } = each;
    return seconds === undefined ? [] : [{ name: named(each), phase, seconds }];
  });
  return [...Map.groupBy(timed, ({ name, phase }) => JSON.stringify([phase, name])).values()]
    .map((same) => {
      const [first, ...others] = same.toSorted((a, b) => b.seconds - a.seconds);
      return { ...first!, times: 1 + others.length };
    })
    .sort((a, b) => b.seconds - a.seconds);
}

/** Unfinished transactions first, then the slowest. */
const rank = ({ status, seconds = 0 }: Statement) => (status === 'FINISHED' ? seconds : 1e9 + seconds);

const secondsOf = (some: readonly Statement[]) => some.reduce((sum, { seconds = 0 }) => sum + seconds, 0);

/** Names without what all of them contain: the word `tributary` and this run's staging schema. */
function namer(statements: readonly Statement[]): (statement: Statement) => string {
  const [staging] = statements.flatMap(({ name }) => / in (\S+)$/.exec(name)?.[1] ?? []);
  return ({ name }) => {
    const short = name.replace(/^tributary /, '');
    return staging === undefined
      ? short
      : short.replace(` in ${staging}`, '').replace(`${staging}.`, '').replace(staging, 'staging');
  };
}

const tookOf = ({ seconds, status }: Statement): Html =>
  seconds === undefined ? html`<strong>${status.toLowerCase()}</strong>` : measure(fineDuration(seconds));

function entry(statement: Statement, name: string, text: Html | undefined): Html {
  const { statements } = statement;
  const many = statements.length === 1 ? '' : html` <em>${count(statements.length)} statements</em>`;
  const title = html`<span class="sname">${name}${many}</span> <span class="took">${tookOf(statement)}</span>`;
  return text === undefined
    ? html`<li class="unfolded">${title} <small><code>${statement.id}</code></small></li>
`
    : html`<li><details><summary>${title}</summary>${text}</details></li>
`;
}

function textOf({ id, submittedAt, error, statements }: Statement): Html {
  return html`<div class="sql"><p>Data API id <code>${id}</code>, submitted ${moment(submittedAt)}</p>${
    error === undefined ? '' : html`<p class="why">${error}</p>`
  }${statements.map(({ sql, characters, seconds, queryId }) => {
    const facts = [
      ...(seconds === undefined ? [] : [fineDuration(seconds)]),
      ...(queryId === undefined ? [] : [`query ${queryId}`]),
    ].join(', ');
    const more =
      characters > sql.length ? html`<i>… ${count(characters - sql.length)} more characters</i>` : '';
    return html`<pre tabindex="0"><code>${sql}</code>${more}</pre>${facts === '' ? '' : html`<p class="facts">${facts}</p>`}`;
  })}</div>`;
}
