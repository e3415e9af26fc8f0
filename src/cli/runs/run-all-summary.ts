import type { RunObservation } from '../observe/observe-run.ts';
import type { RunFigures } from '../observe/run-figures.ts';
import { driftText, statusWord } from '../observe/run-report.ts';
import { nextStepOf, secondsOf, stateText, stepLines } from '../observe/run-state.ts';
import { type ChosenPipeline, labelOf } from '../temporal/chosen-pipeline.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { count, counted, duration } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

/** The result of several runs: one line each, what to do about those that did not complete, and one exit code. */

export type Outcome =
  /** Its last state: it has ended, waits for an operator, or was still running when the command was interrupted. */
  | { readonly kind: 'seen'; readonly last: RunObservation }
  /** Interrupted before the first look at it. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'not started' };

export interface EndedRun extends ChosenPipeline {
  readonly run: string;
  readonly outcome: Outcome;
  readonly figures: RunFigures;
}

/** The worst of all: failed, then waiting, then drifted. */
export function exitCodeOfAll(runs: readonly EndedRun[]): ExitCode {
  const codes = runs.map(({ outcome }) => exitCodeOf(outcome));
  const order = [ExitCode.failed, ExitCode.waiting, ExitCode.drifted];
  return order.find((code) => codes.includes(code)) ?? ExitCode.done;
}

function exitCodeOf(outcome: Outcome): ExitCode {
  if (outcome.kind !== 'seen') return ExitCode.failed;
  const { result, closedAt } = outcome.last;
  if (closedAt === undefined) return ExitCode.waiting;
  if (result === undefined) return ExitCode.failed;
  return result.drift?.flagged === true ? ExitCode.drifted : ExitCode.done;
}

export function summaryLines(
  runs: readonly EndedRun[],
  config: string | undefined,
  colours: Palette,
): string[] {
  const rows = runs.map(({ outcome, figures, ...chosen }) => [
    labelOf(chosen),
    resultText(outcome, colours),
    outcome.kind === 'seen' ? count(figures.items) : '',
    outcome.kind === 'seen' ? count(figures.tables.reduce((sum, { rows: n }) => sum + n, 0)) : '',
    outcome.kind === 'seen' ? duration(secondsFor(outcome.last)) : '',
  ]);
  const columns = [
    { title: 'pipeline' },
    { title: 'result' },
    { title: 'items', align: 'right' as const },
    { title: 'rows', align: 'right' as const },
    { title: 'time', align: 'right' as const },
  ];
  const done = runs.filter(({ outcome }) => exitCodeOf(outcome) === ExitCode.done).length;
  const head =
    done === runs.length
      ? `${colours.green('✓')} ${colours.bold(`All ${counted(runs.length, 'pipeline')} done`)}`
      : `${colours.red('✗')} ${colours.bold(`${done} of ${counted(runs.length, 'pipeline')} done`)}`;
  return [
    '',
    head,
    ...textTable(columns, rows, colours.dim).map((line) => `  ${line}`),
    ...runs.flatMap((each) => remarks(each, config, colours)),
  ];
}

const secondsFor = (last: RunObservation): number => last.result?.seconds ?? secondsOf(last);

function resultText(outcome: Outcome, colours: Palette): string {
  if (outcome.kind === 'seen') return stateText(outcome.last, colours);
  if (outcome.kind === 'refused') return colours.red('not started');
  return outcome.kind === 'unseen' ? 'started' : colours.dim('not started');
}

/** What to know about a run that did not complete, or whose schema drifted. */
function remarks(
  { run, outcome, ...chosen }: EndedRun,
  config: string | undefined,
  colours: Palette,
): string[] {
  const label = labelOf(chosen);
  switch (outcome.kind) {
    case 'not started':
      return [];
    case 'refused':
      return ['', `${colours.red('✗')} ${colours.bold(label)}: ${asTypedHere(outcome.why)}`];
    case 'unseen':
      return [
        '',
        `${colours.bold(label)} continues. Watch it: ${TRIBUTARY} status ${run} --wait${WITH_CONFIG}`,
      ];
    case 'seen':
      return remarksOn(label, run, outcome.last, config, colours);
  }
}

function remarksOn(
  label: string,
  run: string,
  last: RunObservation,
  config: string | undefined,
  colours: Palette,
): string[] {
  if (last.result !== undefined) {
    const drift = driftText(last.result.drift);
    return drift === undefined ? [] : ['', `${colours.bold(label)}: ${colours.yellow(drift)}`];
  }
  if (last.closedAt === undefined && last.state === 'running') {
    return [
      '',
      `${colours.bold(label)} continues. Watch it: ${TRIBUTARY} status ${run} --wait${WITH_CONFIG}`,
    ];
  }
  const isWaiting = last.closedAt === undefined;
  const reason = asTypedHere(last.failure ?? (isWaiting ? 'something failed' : 'no reason is known'));
  return [
    '',
    `${isWaiting ? colours.yellow('!') : colours.red('✗')} ${colours.bold(`${label} ${isWaiting ? 'waits for you' : last.state}`)}: ${reason}`,
    ...stepLines(nextStepOf(last, config), colours).slice(1),
    `  See more: ${colours.cyan(`${TRIBUTARY} status ${run}${WITH_CONFIG}`)}`,
  ];
}

const WORDS = new Map<ExitCode, string>([
  [ExitCode.done, 'done'],
  [ExitCode.failed, 'failed'],
  [ExitCode.waiting, 'waiting'],
  [ExitCode.drifted, 'drifted'],
  [ExitCode.interrupted, 'interrupted'],
]);

/** The last line of `run --all --json`. */
export function summaryJson(runs: readonly EndedRun[], code: ExitCode): string {
  return JSON.stringify({
    status: WORDS.get(code) ?? 'failed',
    runs: runs.map(({ pipeline, destination, run, outcome, figures: { tables, items, rejects, drift } }) => ({
      pipeline,
      ...(destination === undefined ? {} : { destination }),
      run: outcome.kind === 'refused' || outcome.kind === 'not started' ? null : run,
      status:
        outcome.kind === 'seen'
          ? statusWord(outcome.last)
          : outcome.kind === 'unseen'
            ? 'started'
            : 'not started',
      tables: tables.map(({ table, rows, bytes }) => ({ table, rows, bytes })),
      items,
      rejects,
      drift: drift ?? null,
      seconds: outcome.kind === 'seen' ? Math.round(secondsFor(outcome.last) * 10) / 10 : 0,
      reason:
        outcome.kind === 'refused'
          ? outcome.why
          : outcome.kind === 'seen'
            ? (outcome.last.failure ?? null)
            : null,
    })),
  });
}
