import { nextStep } from '../pipeline/run/next-step.ts';
import type { Report } from '../pipeline/run/report.ts';
import { byteSize, count, counted, duration } from '../pipeline/text/measures.ts';
import { type Html, html, measure, moment } from './html.ts';

type Tone = 'ok' | 'warn' | 'bad' | 'calm';

/** The outcome of the run in a word, and the tone to show it in. */
export function verdict({ outcome, status }: Pick<Report, 'outcome' | 'status'>): {
  readonly word: string;
  readonly tone: Tone;
} {
  switch (outcome) {
    case 'completed':
      return status === 'replaced'
        ? { word: 'replaced', tone: 'ok' }
        : { word: `done up to ${status}`, tone: 'ok' };
    case 'waiting':
      return { word: 'waits for you', tone: 'warn' };
    case 'failed':
      return { word: 'failed', tone: 'bad' };
    case 'cancelled':
      return { word: 'cancelled', tone: 'warn' };
    case 'running':
      return { word: 'running', tone: 'calm' };
  }
}

const MARKS: Readonly<Record<Tone, string>> = { ok: '✓', warn: '!', bad: '✕', calm: '…' };

/** Head of the page: pipeline, verdict, source and target, and the run in a sentence. */
export function headline(report: Report): Html {
  const { word, tone } = verdict(report);
  const { source, warehouse } = report;
  return html`<header class="head">
<p class="brand">${mark} Tributary <span>run report</span></p>
<div class="title"><h1>${report.pipeline}</h1><p class="verdict ${tone}"><span aria-hidden="true">${MARKS[tone]}</span> ${word}</p></div>
<p class="way"><code>${source.table}</code> <span aria-label="to">→</span> <code>${warehouse.database}.${warehouse.schema}</code></p>
<p class="lead">${sentence(report)}</p>
${trouble(report)}
</header>`;
}

/** The logo: rivers that join. */
const mark = html`<svg class="mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true"><path d="M4 1c0 7 7 6 7 13v7M18 1c0 7-7 6-7 13M11 1v20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></svg>`;

function sentence(report: Report): Html {
  const { items, rows, tables, seconds, segments } = report;
  const took = html`in ${measure(duration(seconds))}`;
  if (tables.length > 0) {
    return html`${counted(items, 'item')} became ${counted(rows, 'row')} in ${counted(tables.length, 'table')}, ${took}.`;
  }
  const ended = segments.filter((segment) => segment.ended).length;
  return html`${counted(items, 'item')} read, ${ended} of ${counted(segments.length, 'segment')} completed, ${took}.`;
}

function trouble({ outcome, status, error, unfinished, pipeline, run, phases }: Report): Html | undefined {
  if (outcome !== 'failed' && outcome !== 'waiting' && outcome !== 'cancelled') return undefined;
  const untouched = status === 'replace' ? '' : ' The live schema is unchanged.';
  const step = nextStep({ pipeline, run, phase: status, phases, failureType: error?.type });
  const resumes = step?.resumes !== false;
  const what = {
    failed: html`<strong>The run failed in ${status}.</strong>${untouched} Fix the cause, then ${resumes ? 'resume it' : 'start a new run'}:`,
    waiting: html`<strong>The run waits for an operator, in ${status}.</strong>${untouched} Fix the cause, then retry:`,
    cancelled: html`<strong>The run was cancelled in ${status}.</strong>${untouched} ${resumes ? 'What it extracted is kept. To resume it' : 'To start a new run'}:`,
  }[outcome];
  const command = outcome === 'waiting' ? `tributary retry ${run}` : `${step?.command} --wait`;
  return html`<div class="trouble ${outcome === 'failed' ? 'bad' : 'warn'}"><p>${what}</p>${
    error === undefined ? '' : html`<p class="why"><code>${error.type}</code> ${error.message}</p>`
  }${
    unfinished.length === 0
      ? ''
      : html`<ul>${unfinished.map(
          (child) =>
            html`<li><strong>${/^\d+$/.test(child.child) ? `segment ${child.child}` : child.child}</strong> ${child.state}${child.error === undefined ? '' : html`: ${child.error}`}<br><small><code>${child.workflowId}</code></small></li>`,
        )}</ul>`
  }<pre tabindex="0"><code>${command}</code></pre></div>`;
}

/** The run in eight numbers. */
export function figures(report: Report): Html {
  const { bytes, rawBytes, rejects, odd, drift } = report;
  const figure = (name: string, value: string, more = '') =>
    html`<div><dt>${name}</dt><dd><b>${measure(value)}</b>${more === '' ? '' : html`<span>${more}</span>`}</dd></div>`;
  const changes =
    drift === undefined ? 0 : drift.newTables.length + drift.newColumns.length + drift.widened.length;
  return html`<dl class="figures">
${figure('items', count(report.items), odd === 0 ? '' : `${count(odd)} with rare attributes`)}
${report.sealedAt === undefined ? figure('rows', 'not sealed', 'known after the seal') : figure('rows', count(report.rows), `in ${counted(report.tables.length, 'table')}`)}
${figure('set aside', count(rejects), rejects === 0 ? 'none' : 'see below')}
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
