import { catchUpText } from '../../contract/catch-up-text.ts';
import type { CatchUpProgress, FanOutProgress, PhaseProgress, Progress } from '../../contract/refresh.ts';
import { countLines, shareOf, workOf } from '../../contract/work-details.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { bar, count, counted, duration } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textWidth, wrapped } from '../terminal/text-table.ts';
import { checkLines } from './check-lines.ts';
import { dictionaryLines } from './dictionary-lines.ts';
import { externals, failures, fanOutOf, fanOutText, settledText } from './progress-lines.ts';

/** A run on a terminal: phases with their times, bars for segments and tables, failures and what to do next. */

interface RunView {
  readonly title: string;
  /** Shown next to the title, e.g. `running 12 s`. */
  readonly state: string;
  readonly progress: Progress | undefined;
  /** How the run ended if it did not complete, e.g. `failed`. */
  readonly ended?: string | undefined;
  /** Why it ended so. */
  readonly failure?: string | undefined;
  /** What to do about it, as lines: see `stepLines`. */
  readonly step: readonly string[];
  /** Notes for the operator: no worker, an activity that is being retried. */
  readonly notes: readonly string[];
}

interface ViewSize {
  readonly columns: number;
  /** The most failures to list. */
  readonly maxFailures: number;
  /** The most lines to show of a failure's reason. */
  readonly maxReasonLines: number;
}

const BAR_CELLS = 16;
/** Times and states are right-aligned in a column of this width: `not requested` is the longest. */
const TIME_COLUMNS = 14;

export function runView(view: RunView, colours: Palette, size: ViewSize, nowMs: number): string[] {
  const space = Math.max(2, size.columns - 1 - textWidth(view.title) - textWidth(view.state));
  const lines = [`${colours.bold(view.title)}${' '.repeat(space)}${view.state}`];
  const { progress } = view;
  lines.push(...failureLines(view, colours, size), ...view.step, '');
  if (progress?.origin !== undefined)
    lines.push(...wrapped(progress.origin, size.columns - 3).map((line) => `  ${line}`), '');
  const phases = progress?.phases ?? [];
  const begins = phases.findIndex(({ state }) => state !== 'skipped');
  for (const [i, phase] of phases.entries()) {
    const work = phase.state === 'running' && view.ended === undefined ? workOf(progress!) : undefined;
    const share = work && shareOf(work);
    const at = { fan: fanOutOf(phase, progress!), isBefore: i < begins, ended: view.ended, share, nowMs };
    lines.push(phaseLine(phase, at, colours));
    for (const line of work === undefined ? [] : countLines(work))
      lines.push(...wrapped(line, size.columns - 7).map((part) => `      ${part}`));
    if (phase.phase === 'replace' && work !== undefined && progress?.catchUp !== undefined)
      lines.push(...catchUpLines(progress.catchUp, size));
  }
  if (progress !== undefined && view.ended === undefined) {
    lines.push(...externalLines('segment', progress.extract, colours, size));
    lines.push(...externalLines('table', progress.load, colours, size));
  }
  if (progress !== undefined && progress.state !== 'completed')
    lines.push(...checkLines(progress.checked, colours));
  // The lines of the result say it again.
  if (progress !== undefined && progress.state !== 'completed') {
    const hint = dictionaryLines(progress.dictionaries, colours, size.columns, view.failure);
    if (hint.length > 0) lines.push('', ...hint);
  }
  for (const note of view.notes) {
    lines.push('', ...wrapped(note, size.columns - 3).map((line) => `  ${colours.yellow(line)}`));
  }
  return lines;
}

const catchUpLines = (catchUp: CatchUpProgress, { columns }: ViewSize): string[] =>
  wrapped(`changes since the scan: ${catchUpText(catchUp)}`, columns - 7).map((part) => `      ${part}`);

interface PhaseView {
  readonly fan: FanOutProgress | undefined;
  /** The phase comes before `--from`: an earlier workflow of this run did it. */
  readonly isBefore: boolean;
  readonly ended: string | undefined;
  /** The share of items or rows that are done, if the phase is running. */
  readonly share: number | undefined;
  readonly nowMs: number;
}

function phaseLine(
  phase: PhaseProgress,
  { fan, isBefore, ended, share, nowMs }: PhaseView,
  colours: Palette,
): string {
  const name = phase.phase.padEnd(8);
  const began = phase.startedAt === undefined ? nowMs : Date.parse(phase.startedAt);
  const seconds = phase.seconds ?? Math.max(0, nowMs - began) / 1000;
  const time = duration(seconds).padStart(TIME_COLUMNS);
  const what = fan === undefined ? '' : fanOutText(phase.phase, fan);
  switch (phase.state) {
    case 'completed':
      return `  ${colours.green('✓')} ${name}${time}  ${colours.dim(what)}`.trimEnd();
    case 'running': {
      // Show no time: it would keep counting.
      if (ended !== undefined)
        return `  ${colours.red('✗')} ${colours.bold(name)}${ended.padStart(TIME_COLUMNS)}  ${what}`.trimEnd();
      const done = share === undefined ? [fan?.settled ?? 0, fan?.total ?? 0] : [share, 1];
      // The line below counts the items of all segments, of which these have ended.
      const settled = fan !== undefined && share !== undefined ? settledText(phase.phase, fan) : what;
      const bars = fan === undefined ? '' : `${colours.cyan(bar(done[0]!, done[1]!, BAR_CELLS))} ${settled}`;
      return `  ${colours.cyan('▸')} ${colours.bold(name)}${time}  ${bars}`.trimEnd();
    }
    case 'skipped':
      return colours.dim(`  - ${name}${(isBefore ? 'done before' : 'not requested').padStart(TIME_COLUMNS)}`);
    case 'not started':
      return colours.dim(`  · ${name}${'not started'.padStart(TIME_COLUMNS)}`);
  }
}

/** Why the run ended badly, and what failed in it. */
function failureLines({ progress, ended, failure }: RunView, colours: Palette, size: ViewSize): string[] {
  const { extract, load, checks } = progress ?? {};
  const reasons = [
    ...(failure === undefined ? [] : [{ title: ended ?? 'failed', reason: failure }]),
    ...failures(extract).map(({ child, error }) => ({ title: `segment ${child} failed`, reason: error })),
    ...failures(load).map(({ child, error }) => ({ title: `table ${child} failed`, reason: error })),
    ...failures(checks).map(({ child, error }) => ({ title: `check ${child} failed`, reason: error })),
  ];
  const lines: string[] = [];
  for (const { title, reason = 'no reason is known' } of reasons.slice(0, size.maxFailures)) {
    const wrappedReason = wrapped(asTypedHere(reason), size.columns - 5);
    const shown = wrappedReason.slice(0, size.maxReasonLines);
    if (wrappedReason.length > shown.length) shown[shown.length - 1] += ' …';
    lines.push('', `  ${colours.red('✗')} ${colours.bold(title)}`, ...shown.map((line) => `    ${line}`));
  }
  const all =
    (extract?.failed ?? 0) + (load?.failed ?? 0) + (checks?.failed ?? 0) + (failure === undefined ? 0 : 1);
  if (all > size.maxFailures)
    lines.push('', `  ${colours.red('✗')} and ${count(all - size.maxFailures)} more`);
  return lines;
}

function externalLines(
  kind: 'segment' | 'table',
  fan: FanOutProgress | undefined,
  colours: Palette,
  size: ViewSize,
): string[] {
  if (fan === undefined || fan.external === 0) return [];
  const ids = externals(fan).slice(0, size.maxFailures);
  const text =
    `${counted(fan.external, kind)} in progress in workflows that were started by hand, or by this run before its reset. ` +
    'The run waits for their signals, and regularly checks that they are still running.';
  return [
    '',
    ...wrapped(text, size.columns - 3).map((line) => `  ${line}`),
    ...ids.map(({ workflowId }) => colours.dim(`    ${workflowId}`)),
    ...(fan.external > ids.length ? [colours.dim(`    and ${fan.external - ids.length} more`)] : []),
  ];
}
