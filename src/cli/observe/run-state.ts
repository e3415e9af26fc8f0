import { progressLine } from '../../contract/progress-details.ts';
import { type NextStep, nextStep } from '../../pipeline/run/next-step.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import type { Palette } from '../terminal/palette.ts';
import type { RunObservation } from './observe-run.ts';

/** How a run stands, in words, and what a person can do about one that ended badly. */

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

/** Where it is, or was when it ended, in a line: the memo's words may be older, and a run that ended waits for nobody. */
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
 * What helps a run that ended badly; undefined for one that is open or done, or was never there. `config` is the file
 * that the asking command named: a definition that the run was sent comes from there.
 */
export function nextStepOf(
  {
    closedAt,
    state,
    pipeline = '<pipeline>',
    run = '<run>',
    progress,
    failureType,
    asked = {},
  }: Pick<RunObservation, 'closedAt' | 'state' | 'pipeline' | 'run' | 'progress' | 'failureType' | 'asked'>,
  config: string | undefined,
): NextStep | undefined {
  if (closedAt === undefined || state === 'completed') return undefined;
  const { phase, phases = [] } = progress ?? {};
  const options = [
    ...(asked.older ? ['--older'] : []),
    ...(asked.acceptDrift ? ['--accept-drift'] : []),
    ...(asked.definition === undefined ? [] : [`--config ${config ?? '<file>'}`]),
  ];
  const step = nextStep({ pipeline, run, phase, phases, to: asked.to, options, failureType });
  return step && { ...step, command: asTypedHere(step.command) };
}
