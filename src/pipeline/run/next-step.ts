import type { FailureCode } from '../failure/failure-codes.ts';

/** What helps a run whose workflow ended before it was done: it takes no retries any more. */

/** What is known of the workflow that ended. */
interface EndedRun {
  readonly pipeline: string;
  readonly run: string;
  /** The phase it says it was in. */
  readonly phase: string | undefined;
  /** All of them, in their order; none where they are not known. */
  readonly phases: readonly EndedPhase[];
  /** The last phase it was asked for, where that is known otherwise than by its phases. */
  readonly to?: string | undefined;
  /** Further options that it was started with, e.g. `--older`. */
  readonly options?: readonly string[];
  /** Class of the failure that ended it. */
  readonly failureType?: string | undefined;
}

interface EndedPhase {
  readonly phase: string;
  readonly state: string;
  /** Another workflow's, which did it before. */
  readonly workflowId?: string | undefined;
}

export interface NextStep {
  readonly command: string;
  /** It goes on with what the run extracted; else it starts a new run. */
  readonly resumes: boolean;
}

type Remedy = { readonly from: string } | { readonly option: string } | 'new run' | 'nothing';

/** The failures that doing the same phase again would only repeat, and what helps. */
const REMEDIES: Readonly<Partial<Record<FailureCode, Remedy>>> = {
  RunNotFound: 'nothing',
  CheckpointsDisjoint: 'new run',
  TableRecreated: 'new run',
  CountsDiffer: 'new run',
  // Or the earlier data is what is wanted: the message says how, but that is nobody's first choice.
  OlderThanLive: 'new run',
  SegmentsNotExtracted: { from: 'extract' },
  RunNotSealed: { from: 'extract' },
  NotPrepared: { from: 'prepare' },
  StagingDisagrees: { from: 'prepare' },
  VerificationFailed: { from: 'prepare' },
  SchemaDrifted: { option: '--accept-drift' },
};

/**
 * The command that helps, which goes no further than the run was asked to go: what was only to be looked at must not
 * go live.
 * @returns undefined where there is nothing to go on with.
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
  const asked = phases.filter(({ state, workflowId }) => state !== 'skipped' && workflowId === undefined);
  // Of a workflow that ended before it began any, the first that it was asked for.
  const phase = asked.some((each) => each.phase === ended.phase) ? ended.phase : asked[0]?.phase;
  const to = ended.to ?? asked.at(-1)?.phase ?? 'replace';
  const until = to === 'replace' ? [] : [`--to ${to}`];
  // Before its plan was made there is nothing to go on with.
  if (remedy === 'new run' || phase === 'plan') {
    return { command: [`tributary run ${pipeline}`, ...until, ...options].join(' '), resumes: false };
  }
  const from = typeof remedy === 'object' && 'from' in remedy ? remedy.from : (phase ?? '<phase>');
  const more = typeof remedy === 'object' && 'option' in remedy ? [remedy.option] : [];
  const words = [`tributary run ${pipeline} --run ${run} --from ${from}`, ...until];
  return { command: [...words, ...new Set([...options, ...more])].join(' '), resumes: true };
}
