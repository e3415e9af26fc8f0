import type { FailedPart, RunSituation } from '../pipeline/run/outcome.ts';
import type { Progress, RefreshInput } from './refresh.ts';

/** What the table of next steps needs to know about a run, from its progress and input. */

/** The segments or tables that failed, of those that the progress lists. */
export function failedParts({ phase, extract, load }: Progress): FailedPart[] {
  const [kind, fan] = phase === 'load' ? (['table', load] as const) : (['segment', extract] as const);
  if (phase !== 'load' && phase !== 'extract') return [];
  return (fan?.unfinished ?? []).flatMap(({ child, state, code }) =>
    state === 'failed' ? [{ kind, child, code }] : [],
  );
}

/**
 * The options that a command needs to resume a run as it was started.
 * @param config the file that its definition came from; it matters only if a definition was sent with the run
 */
export function resumeOptions(
  { older, acceptDrift, definition }: Partial<RefreshInput>,
  config: string | undefined,
): string[] {
  return [
    ...(older ? ['--older'] : []),
    ...(acceptDrift ? ['--accept-drift'] : []),
    ...(definition === undefined ? [] : [`--config ${config ?? '<file>'}`]),
  ];
}

/** The situation of a run that is open and reports its progress. */
export function situationOf(
  progress: Progress,
  options: readonly string[],
): RunSituation & { readonly state: 'running' | 'waiting' | 'completed' } {
  const { pipeline, run = '<run>', phase, phases, state } = progress;
  return { pipeline, run, state, phase, phases, options, failed: failedParts(progress) };
}
