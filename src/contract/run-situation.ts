import type { FailedPart, PartKind, RunSituation } from '../pipeline/run/outcome.ts';
import {
  type FanOutProgress,
  type Progress,
  RETRY_CHECK,
  RETRY_SEGMENT,
  RETRY_TABLE,
  type RefreshInput,
} from './refresh.ts';

/** What the table of next steps needs to know about a run, from its progress and input. */

/** The parts that a phase of the run works on, if it has any. */
export function partsOf(
  phase: string,
  { extract, load, checks }: Pick<Progress, 'extract' | 'load' | 'checks'>,
): { readonly kind: PartKind; readonly fan: FanOutProgress } | undefined {
  if (phase === 'extract' && extract !== undefined) return { kind: 'segment', fan: extract };
  if (phase === 'load' && load !== undefined) return { kind: 'table', fan: load };
  return phase === 'verify' && checks !== undefined ? { kind: 'check', fan: checks } : undefined;
}

/** The update that retries parts of this kind. */
export const retryOf = (kind: PartKind) =>
  (({ segment: RETRY_SEGMENT, table: RETRY_TABLE, check: RETRY_CHECK }) as const)[kind];

/** The segments, tables or checks that failed, of those that the progress lists. */
export function failedParts(progress: Progress): FailedPart[] {
  const parts = partsOf(progress.phase, progress);
  return (parts?.fan.unfinished ?? []).flatMap(({ child, state, code }) =>
    state === 'failed' && parts !== undefined ? [{ kind: parts.kind, child, code }] : [],
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
