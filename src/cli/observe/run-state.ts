import { progressLine } from '../../contract/progress-details.ts';
import { failedParts, resumeOptions } from '../../contract/run-situation.ts';
import { commandOf, leadOf, type NextStep, nextStep, outcomeOf } from '../../pipeline/run/outcome.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import type { Palette } from '../terminal/palette.ts';
import type { RunObservation } from './observe-run.ts';

/** The state of a run in words, and what an operator can do about one that did not complete. */

export function stateText(
  { state, status, rolledBackTo }: Pick<RunObservation, 'state' | 'status' | 'rolledBackTo'>,
  colours: Palette,
): string {
  if (rolledBackTo !== undefined) return colours.yellow('rolled back');
  const { word, tone } = outcomeOf(state, status);
  return { ok: colours.green, warn: colours.yellow, bad: colours.red, calm: colours.cyan }[tone](word);
}

/** Its progress on one line. The memo may be older, and a run that has ended no longer waits for an operator. */
export const summaryOf = ({
  closedAt,
  progress,
  summary,
}: Pick<RunObservation, 'closedAt' | 'progress' | 'summary'>): string | undefined => {
  if (progress === undefined) return summary;
  return progressLine(closedAt === undefined ? progress : { ...progress, state: 'running' });
};

export const secondsOf = ({ startedAt, closedAt }: Pick<RunObservation, 'startedAt' | 'closedAt'>): number =>
  Math.max(0, (closedAt ?? new Date()).getTime() - startedAt.getTime()) / 1000;

/**
 * What to do about a run that waits or did not complete; undefined if there is nothing to do.
 * @param config the file given to this command. Default: the one that the run was started with
 */
export function nextStepOf(
  {
    state,
    pipeline,
    run,
    progress,
    failureType,
    configFile,
    input = {},
  }: Pick<RunObservation, 'state' | 'pipeline' | 'run' | 'progress' | 'failureType' | 'configFile' | 'input'>,
  config: string | undefined,
): NextStep | undefined {
  const { phase, phases = [] } = progress ?? {};
  const options = resumeOptions(input, config ?? configFile);
  const failed = progress === undefined ? [] : failedParts(progress);
  return nextStep({ pipeline, run, state, phase, phases, to: input.to, options, failed, failureType });
}

/** Whether there can be a report: a run that failed before it had a plan wrote nothing. */
export const hasReport = ({ state, run, progress }: Pick<RunObservation, 'state' | 'run' | 'progress'>) =>
  state !== 'running' && run !== undefined && (state === 'completed' || progress?.phase !== 'plan');

/** The step as lines: what to do, and the command as this operator types it. */
export function stepLines(step: NextStep | undefined, colours: Palette): string[] {
  if (step === undefined) return [];
  const command = asTypedHere(`\`${commandOf(step)}\``).slice(1, -1);
  return ['', `  ${leadOf(step)}${command === '' ? '' : `  ${colours.cyan(command)}`}`];
}
