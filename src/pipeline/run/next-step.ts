import type { FailureCode } from '../failure/failure-codes.ts';

/** What helps a run whose workflow ended before the run was done. Such a workflow accepts no retries. */

/** What is known about the workflow that ended. */
interface EndedRun {
  readonly pipeline: string;
  readonly run: string;
  /** The phase in which it ended. */
  readonly phase: string | undefined;
  /** All phases, in order; empty if not known. */
  readonly phases: readonly EndedPhase[];
  /** The last requested phase, if known from elsewhere than `phases`. */
  readonly to?: string | undefined;
  /** Further options that it was started with, e.g. `--older`. */
  readonly options?: readonly string[];
  /** The code of the failure that ended it. */
  readonly failureType?: string | undefined;
}

interface EndedPhase {
  readonly phase: string;
  readonly state: string;
  /** The other workflow that worked on this phase earlier. */
  readonly workflowId?: string | undefined;
}

export interface NextStep {
  readonly command: string;
  /** Whether it continues with what the run extracted. Otherwise, it starts a new run. */
  readonly resumes: boolean;
}

type Remedy = { readonly from: string } | { readonly option: string } | 'new run' | 'nothing';

/** Failures that would recur if the phase were repeated, and what helps instead. */
const REMEDIES: Readonly<Partial<Record<FailureCode, Remedy>>> = {
  RunNotFound: 'nothing',
  CheckpointsDisjoint: 'new run',
  TableRecreated: 'new run',
  CountsDiffer: 'new run',
  // Replacing later data on purpose (--older) is the exception. The message explains it.
  OlderThanLive: 'new run',
  SegmentsNotExtracted: { from: 'extract' },
  RunNotSealed: { from: 'extract' },
  NotPrepared: { from: 'prepare' },
  StagingDisagrees: { from: 'prepare' },
  VerificationFailed: { from: 'prepare' },
  SchemaDrifted: { option: '--accept-drift' },
};

/**
 * The command that helps. It goes no further than the last requested phase: a run that was not meant to go live must
 * not go live.
 * @returns undefined if no command helps.
 */
export function nextStep({
  pipeline,
  run,
  failureType = '',
  phases,
  options = [],
  ...ended
}: EndedRun): NextStep | undefined {
  const remedy = Object.hasOwn(REMEDIES, failureType) ? REMEDIES[failureType as FailureCode] : undefined;
  if (remedy === 'nothing') return undefined;
  const requested = phases.filter(({ state, workflowId }) => state !== 'skipped' && workflowId === undefined);
  // If the workflow ended before it started any phase: the first requested one.
  const phase = requested.some((each) => each.phase === ended.phase) ? ended.phase : requested[0]?.phase;
  const to = ended.to ?? requested.at(-1)?.phase ?? 'replace';
  const until = to === 'replace' ? [] : [`--to ${to}`];
  // Without a plan, there is nothing to resume.
  if (remedy === 'new run' || phase === 'plan') {
    return { command: [`tributary run ${pipeline}`, ...until, ...options].join(' '), resumes: false };
  }
  const from = typeof remedy === 'object' && 'from' in remedy ? remedy.from : (phase ?? '<phase>');
  const more = typeof remedy === 'object' && 'option' in remedy ? [remedy.option] : [];
  const words = [`tributary run ${pipeline} --run ${run} --from ${from}`, ...until];
  return { command: [...words, ...new Set([...options, ...more])].join(' '), resumes: true };
}
