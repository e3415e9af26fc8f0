import type { Report } from '../pipeline/run/report.ts';
import { duration } from '../pipeline/text/measures.ts';
import { type Html, html, measure, percent } from './html.ts';

const STATES = {
  skipped: 'not in this run',
  'not started': 'not started',
  running: 'in progress',
  completed: '',
  ended: 'interrupted',
} as const;

/** How long each phase took: one bar per phase, starting where the previous one ended. */
export function phaseChart({ phases }: Pick<Report, 'phases'>): Html {
  const total = phases.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
  let before = 0;
  return html`<ol class="phases">${phases.map(({ phase, state, seconds, workflowId }) => {
    const from = before;
    before += seconds ?? 0;
    const note = workflowId === undefined ? STATES[state] : 'by an earlier workflow';
    return html`<li class="${state.replace(' ', '-')}"><span class="name">${phase}</span>${
      seconds === undefined
        ? html`<span class="bar"></span>`
        : html`<svg class="bar" width="100%" height="12" aria-hidden="true"><rect x="${percent(Math.min(from, total * 0.995), total)}" width="${percent(Math.max(seconds, total * 0.004), total)}" height="12" rx="3"/></svg>`
    }<span class="took">${seconds === undefined ? '' : measure(duration(seconds))}${note === '' ? '' : html` <em>${note}</em>`}</span></li>
`;
  })}</ol>`;
}
