import { progressLine } from '../../contract/progress-details.ts';
import { type NextStep, nextStep } from '../../pipeline/run/next-step.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import type { Palette } from '../terminal/palette.ts';
import type { RunObservation } from './observe-run.ts';

/** The state of a run in words, and what an operator can do about one that did not complete. */

export function stateText(
  { state, result }: Pick<RunObservation, 'state' | 'result'>,
  colours: Palette,
): string {
  switch (state) {
    case 'running':
      return colours.cyan('running');
    case 'waiting':
      return colours.yellow('waiting for you');
    case 'completed':
      return colours.green(
        result === undefined
          ? 'done'
          : result.status === 'replaced'
            ? 'replaced'
            : `done to ${result.status}`,
      );
    case 'failed':
    case 'cancelled':
    case 'terminated':
    case 'timed out':
      return colours.red(state);
  }
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
 * What to do about a run that did not complete; undefined if it is open, is done, or never existed. `config` is the file
 * given to this command: if a definition was sent with the run, it came from that file.
 */
export function nextStepOf(
  {
    closedAt,
    state,
    pipeline = '<pipeline>',
    run = '<run>',
    progress,
    failureType,
    input = {},
  }: Pick<RunObservation, 'closedAt' | 'state' | 'pipeline' | 'run' | 'progress' | 'failureType' | 'input'>,
  config: string | undefined,
): NextStep | undefined {
  if (closedAt === undefined || state === 'completed') return undefined;
  const { phase, phases = [] } = progress ?? {};
  const options = [
    ...(input.older ? ['--older'] : []),
    ...(input.acceptDrift ? ['--accept-drift'] : []),
    ...(input.definition === undefined ? [] : [`--config ${config ?? '<file>'}`]),
  ];
  const step = nextStep({ pipeline, run, phase, phases, to: input.to, options, failureType });
  return step && { ...step, command: asTypedHere(step.command) };
}
