import type { Report } from '../pipeline/run/report.ts';
import { type Html, html } from './html.ts';

const WORDS = { failed: 'failed', warned: 'warns', skipped: 'skipped', passed: 'passed' } as const;
const TONES = { failed: 'bad', warned: 'warn', skipped: 'calm', passed: 'ok' } as const;
const ORDER = ['failed', 'warned', 'skipped', 'passed'] as const;

/** What the pipeline's checks found in the tables, the worst first. */
export function checksSection({ checks }: Pick<Report, 'checks'>): Html {
  const sorted = checks.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  return html`<ul class="plain checks">${sorted.map(
    ({ check, outcome, found }) =>
      html`<li><span class="verdict ${TONES[outcome]}">${WORDS[outcome]}</span> <code>${check}</code>${found === undefined ? '' : html` ${found}`}</li>`,
  )}</ul>`;
}
