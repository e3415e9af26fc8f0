import {
  commandOf,
  type FailedPart,
  isAfterSwap,
  leadOf,
  nextStep,
  outcomeOf,
  type PartKind,
  placeOf,
  type Tone,
} from '../pipeline/run/outcome.ts';
import type { Report } from '../pipeline/run/report.ts';
import { byteSize, count, counted, duration } from '../pipeline/text/measures.ts';
import { type Html, html, measure, moment } from './html.ts';

/** The outcome of the run in a word, and the tone to show it in. */
export const verdict = ({ outcome, status }: Pick<Report, 'outcome' | 'status'>) =>
  outcomeOf(outcome, status);

export const MARKS: Readonly<Record<Tone, string>> = { ok: '✓', warn: '!', bad: '✕', calm: '…' };

/** Head of the page: pipeline, verdict, source and target, and the run in a sentence. */
export function headline(report: Report, asTyped: (text: string) => string): Html {
  const { word, tone } = verdict(report);
  const { source, warehouse } = report;
  return html`<header class="head">
<p class="brand">${mark} Tributary <span>run report</span></p>
<div class="title"><h1>${report.pipeline}</h1><p class="verdict ${tone}"><span aria-hidden="true">${MARKS[tone]}</span> ${word}</p></div>
<p class="way"><code>${source.table}</code> <span aria-label="to">→</span> <code>${warehouse.database}.${warehouse.schema}</code></p>
<p class="lead">${sentence(report)}</p>
${trouble(report, asTyped)}
</header>`;
}

/** The logo: rivers that join. */
export const mark = html`<svg class="mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true"><path d="M4 1c0 7 7 6 7 13v7M18 1c0 7-7 6-7 13M11 1v20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>`;

function sentence(report: Report): Html {
  const { items, rows, tables, seconds, segments, outcome, filtered = 0 } = report;
  const took = html`in ${measure(duration(seconds))}`;
  if (tables.length > 0) {
    const made = `${counted(rows, 'row')} ${outcome === 'completed' ? 'in' : 'for'} ${counted(tables.length, 'table')}`;
    const left = filtered === 0 ? '' : ` of ${count(items)}`;
    return html`${counted(items - filtered, 'item')}${left} became ${made}, ${took}.${isLive(report) ? '' : ' The rows are in S3, and none of them is live.'}`;
  }
  const ended = segments.filter((segment) => segment.ended).length;
  return html`${counted(items, 'item')} read, ${ended} of ${counted(segments.length, 'segment')} completed, ${took}.`;
}

/** Whether its rows are in the live schema. */
export const isLive = ({ outcome, status, error }: Report) =>
  (outcome === 'completed' && status === 'replaced') || isAfterSwap(error?.type);

/** What an operator does about the run, as `status` and the Web UI show it. */
export function stepOf(report: Report) {
  const { outcome: state, status: phase, error, unfinished, pipeline, run, phases, options } = report;
  const failed = unfinished.flatMap(({ child, state: was, code }): FailedPart[] =>
    was === 'failed' ? [{ kind: kindOf(report), child, code }] : [],
  );
  return nextStep({ pipeline, run, state, phase, phases, options, failed, failureType: error?.type });
}

const kindOf = ({ status }: Report): PartKind =>
  status === 'load' ? 'table' : status === 'verify' ? 'check' : 'segment';

/** More parts than these are listed below the action, so that it is seen first. */
const FEW_PARTS = 3;

function trouble(report: Report, asTyped: (text: string) => string): Html | undefined {
  const { outcome, status, error, unfinished } = report;
  if (outcome === 'completed' || outcome === 'running') return undefined;
  const { word, tone } = verdict(report);
  const kept = outcome === 'waiting' ? '' : ', and what was extracted is kept';
  const untouched = status === 'replace' ? '' : ` The live schema is unchanged${kept}.`;
  const cause = error && html`<p class="why"><code>${error.type}</code> ${error.message}</p>`;
  const step = stepOf(report);
  const command = step && asTyped(`\`${commandOf(step)}\``).slice(1, -1);
  const action =
    step &&
    html`<p>${leadOf(step)}</p>${command === '' ? '' : html`<pre tabindex="0"><code>${command}</code></pre>`}`;
  const parts =
    unfinished.length > 0 &&
    html`<ul>${unfinished.map(
      (child) =>
        html`<li><strong>${kindOf(report)} ${child.child}</strong> ${child.state}${child.error === undefined ? '' : html`: ${child.error}`}<br><small><code>${child.workflowId}</code></small></li>`,
    )}</ul>`;
  const details = unfinished.length > FEW_PARTS ? [action, parts] : [parts, action];
  return html`<div class="trouble ${tone === 'bad' ? 'bad' : 'warn'}"><p><strong>${capitalised(word)} ${placeOf(status, error?.type)}.</strong>${untouched}</p>${[cause, ...details].map((each) => each || '')}</div>`;
}

const capitalised = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** The run in eight numbers. */
export function figures(report: Report): Html {
  const { bytes, rawBytes, rejects, odd, drift, filtered = 0 } = report;
  const figure = (name: string, value: string, more = '') =>
    html`<div><dt>${name}</dt><dd><b>${measure(value)}</b>${more === '' ? '' : html`<span>${more}</span>`}</dd></div>`;
  const changes =
    drift === undefined
      ? 0
      : [drift.newTables, drift.newColumns, drift.widened, drift.retyped, drift.renamed].flat().length;
  return html`<dl class="figures">
${figure('items', count(report.items), [...(filtered === 0 ? [] : [`${count(filtered)} left out by where`]), ...(odd === 0 ? [] : [`${count(odd)} with rare attributes`])].join(', '))}
${report.sealedAt === undefined ? figure('rows', 'not sealed', 'known after the seal') : figure('rows', count(report.rows), `in ${counted(report.tables.length, 'table')}`)}
${figure('set aside', rejects === 0 ? 'none' : count(rejects), rejects === 0 ? '' : 'see below')}
${figure('took', duration(report.seconds), report.outcome === 'completed' ? '' : 'until this report')}
${figure('in S3', byteSize(bytes), bytes === 0 ? '' : `of ${byteSize(rawBytes)}, ${(rawBytes / bytes).toFixed(1)} times smaller`)}
${figure('files', count(report.files), `of ${counted(report.segments.length, 'segment')}`)}
${figure('read units', count(report.readUnits))}
${figure('schema', drift === undefined ? 'not agreed' : `revision ${count(drift.revision)}`, drift === undefined ? '' : drift.first ? 'the first' : changes === 0 ? 'no change' : counted(changes, 'change'))}
</dl>`;
}

/** Names, places and times, for further investigation. */
export function particulars(report: Report): Html {
  const line = (name: string, value: Html) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="lines">
${line('run', html`<code>${report.run}</code>`)}
${line('workflow', html`<code>${report.workflowId}</code>`)}
${line('read from', html`DynamoDB table <code>${report.source.table}</code> in ${counted(report.source.segments, 'segment')}`)}
${line('loaded into', html`schema <code>${report.warehouse.schema}</code> of database <code>${report.warehouse.database}</code>, <code>${report.warehouse.where}</code>`)}
${line('directory', html`<code>${report.directory}</code>`)}
${line('planned', moment(report.plannedAt))}
${report.sealedAt === undefined ? '' : line('sealed', moment(report.sealedAt))}
${line('report written', moment(report.writtenAt))}
</dl>`;
}
