import type { FailureCode } from '../failure/failure-codes.ts';

/**
 * The states of a run, and what an operator does next: the one table that `status`, `runs`, the report, Temporal's Web
 * UI and the TypeScript client show.
 */

export type RunState =
  | 'running'
  | 'waiting'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'terminated'
  | 'timed out';

/** How a state is to be shown. */
export type Tone = 'ok' | 'warn' | 'bad' | 'calm';

const STATES: Readonly<Record<RunState, { readonly word: string; readonly tone: Tone }>> = {
  running: { word: 'running', tone: 'calm' },
  waiting: { word: 'waiting for you', tone: 'warn' },
  completed: { word: 'done', tone: 'ok' },
  failed: { word: 'failed', tone: 'bad' },
  cancelled: { word: 'cancelled', tone: 'warn' },
  terminated: { word: 'terminated', tone: 'warn' },
  'timed out': { word: 'timed out', tone: 'bad' },
};

/**
 * A run's state in words.
 * @param status of a completed run: `replaced`, or the last phase it was to do; undefined if not known
 */
export function outcomeOf(state: RunState, status?: string): { readonly word: string; readonly tone: Tone } {
  const { word, tone } = STATES[state];
  if (state !== 'completed' || status === undefined) return { word, tone };
  return { word: status === 'replaced' ? 'replaced' : `done up to ${status}`, tone };
}

/** Whether a failure came after the swap: live holds the run's data. */
export const isAfterSwap = (failureType: string | undefined) =>
  failureType === ('CleanUpFailed' satisfies FailureCode);

/** Where a run failed: `in load`, or `after replace` if live was already replaced. */
export const placeOf = (phase: string, failureType: string | undefined) =>
  `${isAfterSwap(failureType) ? 'after' : 'in'} ${phase}`;

interface Remedy {
  /** What to do before the command, as an imperative clause; `null` if nothing. Default: `Fix the cause`. */
  readonly fix?: string | null;
  /**
   * What to repeat: the part or phase that failed (the default), the run from an earlier phase, or everything, in a new
   * run; `nothing` if no command helps.
   */
  readonly repeat?: 'new run' | 'nothing' | { readonly from: string };
  /** A further option of the command. */
  readonly option?: string;
}

/**
 * What helps after each failure. A code without a row: fix the cause, then repeat what failed. A row that does not start
 * a new run is wrong if the failure follows from `plan.json` or from the extracted files, which a resumed run keeps.
 */
const REMEDIES: Readonly<Partial<Record<FailureCode, Remedy>>> = {
  // No command: it would leave out what the input was meant to say.
  BadInput: { fix: 'Start it again with a corrected input', repeat: 'nothing' },
  ConfigInvalid: { fix: 'Correct the configuration' },
  AccessDenied: { fix: 'Allow the action' },
  CredentialsMissing: { fix: 'Give the worker AWS credentials' },
  CredentialsExpired: { fix: "Renew the worker's AWS session" },
  CredentialsInvalid: { fix: "Correct the worker's AWS credentials" },
  ClockWrong: { fix: "Set the worker's clock" },
  RegionMissing: { fix: 'Set AWS_REGION for the worker' },
  TableNotFound: { fix: "Check the table's name, AWS_REGION and the account" },
  TableRecreated: { fix: null, repeat: 'new run' },
  ObjectArchived: { fix: 'Restore the object' },
  FileMissing: { fix: null, repeat: 'new run' },
  DamagedFile: { fix: 'Restore the file' },
  CheckpointMissing: { fix: null, repeat: 'new run' },
  CheckpointsDisjoint: { fix: 'Fix the store ("tributary doctor" checks it)', repeat: 'new run' },
  RunNotFound: { fix: "Check the run's name", repeat: 'nothing' },
  SegmentsNotExtracted: { fix: null, repeat: { from: 'extract' } },
  RunNotSealed: { fix: null, repeat: { from: 'extract' } },
  WorkerLost: { fix: "Find out in the worker's log why it died" },
  CountsDiffer: { fix: null, repeat: 'new run' },
  NothingSetAside: { fix: null, repeat: 'nothing' },
  EarlierRunGone: { fix: null, repeat: 'new run' },
  KeyHidden: { fix: 'Remove hash or mask from the key', repeat: 'new run' },
  HashKeyMissing: { fix: 'Set TRIBUTARY_HASH_KEY for all workers' },
  HashKeyDiffers: { fix: 'Give all workers the same TRIBUTARY_HASH_KEY' },
  ValuesDiffer: { fix: 'Undo the change of the mapping', repeat: 'new run' },
  SchemaDrifted: { fix: 'To accept the changes', option: '--accept-drift' },
  SchemaEpochEnded: { fix: null, repeat: 'new run' },
  KeyChanged: {
    fix: 'Give the new table a pipeline of its own, or reset the agreed schema',
    repeat: 'nothing',
  },
  TypeTooNarrow: { fix: 'Choose a wider type in the mapping' },
  NameTaken: { fix: 'Choose another name in the mapping', repeat: 'new run' },
  TooManyTables: {
    fix: 'Set asRows for the map that is used as a dictionary',
    repeat: 'new run',
  },
  TooManyColumns: {
    fix: 'Set asRows or asSuper for the map that is used as a dictionary',
    repeat: 'new run',
  },
  StatementTooLong: { fix: 'Give the table fewer columns or shorter names', repeat: 'new run' },
  StatementTimedOut: { fix: 'End what blocks the statement, or raise its time limit' },
  StatementNotEnding: { fix: 'Wait until the statement has ended, or end its session' },
  WarehousePaused: { fix: 'Resume the cluster' },
  WarehouseFull: { fix: 'Free disk space or add nodes' },
  WarehouseLimited: { fix: 'Raise the limit' },
  GrantMissing: { fix: 'Grant what is missing' },
  NotPrepared: { fix: null, repeat: { from: 'prepare' } },
  StagingForeign: { fix: 'Give one of the pipelines a schema of its own', repeat: { from: 'prepare' } },
  StagingCannotFollow: { fix: null, repeat: 'new run' },
  CannotReuse: { fix: null, repeat: 'new run' },
  StagingDisagrees: { fix: null, repeat: { from: 'prepare' } },
  LoadContended: { fix: 'Wait until the other load has ended' },
  VerificationFailed: { fix: null, repeat: { from: 'prepare' } },
  CheckFailed: { fix: 'To let the run continue, change the check or set severity: warn, then retry' },
  TooManyRejects: { fix: 'To continue without the items that were set aside, raise maxRejects' },
  NothingCopied: { fix: 'Correct where or include in the mapping', repeat: 'new run' },
  ReplacementStopped: { fix: 'Remove what stops the replacement' },
  // Replacing later data on purpose (--older) is the exception. The message explains it.
  OlderThanLive: { fix: null, repeat: 'new run' },
  LiveContended: { fix: 'Wait until the other run has ended', repeat: { from: 'replace' } },
};

const remedyOf = (code: string): Remedy =>
  (Object.hasOwn(REMEDIES, code) ? REMEDIES[code as FailureCode] : undefined) ?? {};

/** What is known about a run that did not complete. */
export interface RunSituation {
  /** Undefined if the workflow ended before it named them: it was not started by our CLI. */
  readonly pipeline: string | undefined;
  readonly run: string | undefined;
  readonly state: RunState;
  /** The phase it is in, or ended in. */
  readonly phase: string | undefined;
  /** All phases, in order; empty if not known. */
  readonly phases: readonly {
    readonly phase: string;
    readonly state: string;
    /** The other workflow that worked on this phase earlier. */
    readonly workflowId?: string | undefined;
  }[];
  /** The last requested phase, if known from elsewhere than `phases`. */
  readonly to?: string | undefined;
  /** Further options that it was started with, e.g. `--older`. */
  readonly options?: readonly string[];
  /** The code of the failure that ended it. */
  readonly failureType?: string | undefined;
  /** The segments, tables or checks that failed, if it waits. */
  readonly failed?: readonly FailedPart[];
}

/** What a run works on in parts, some of which may fail alone. */
export type PartKind = 'segment' | 'table' | 'check';

/** A segment, table or check that failed. */
export interface FailedPart {
  readonly kind: PartKind;
  /** The segment's number, or the name of the table or check. */
  readonly child: string;
  /** The code of its failure; undefined if not known. */
  readonly code?: string | undefined;
}

export interface NextStep {
  /** What to do first, as an imperative clause. Undefined if nothing. */
  readonly fix: string | undefined;
  /** What to run then, in this order, e.g. `tributary retry a`. Empty if no command helps. */
  readonly commands: readonly string[];
  /** Whether what the run extracted is used again. */
  readonly resumes: boolean;
}

/**
 * What an operator does about a run. It goes no further than the last requested phase: a run that was not meant to go
 * live must not go live.
 * @returns undefined for a run that is done or in which nothing failed, and if nothing can be done
 */
export function nextStep(situation: RunSituation): NextStep | undefined {
  switch (situation.state) {
    case 'completed':
      return undefined;
    case 'running':
      // A part can be retried while the others are still at work.
      return situation.failed?.length ? stepOfWaiting(situation) : undefined;
    case 'waiting':
      return stepOfWaiting(situation);
    case 'cancelled':
    case 'terminated':
    case 'timed out':
      return stepAfterEnd(situation, { fix: null });
    case 'failed':
      return stepAfterEnd(situation, remedyOf(situation.failureType ?? ''));
  }
}

/** A workflow that waits accepts retries. If none would help, it is cancelled first. */
function stepOfWaiting(situation: RunSituation): NextStep | undefined {
  const { run = '<run>', failed = [] } = situation;
  const remedies = failed.map(({ code = '' }) => remedyOf(code));
  const hopeless =
    remedies.find(({ repeat }) => repeat === 'new run') ??
    remedies.find(({ repeat }) => repeat !== undefined);
  if (hopeless !== undefined) {
    const step = stepAfterEnd(situation, hopeless);
    return step && { ...step, commands: [`tributary cancel ${run}`, ...step.commands] };
  }
  const fixes = new Set(remedies.map(fixOf));
  const only = failed.length === 1 ? failed[0] : undefined;
  const part = only === undefined ? '' : ` --${only.kind} ${only.child}`;
  return {
    fix: fixes.size === 1 ? [...fixes][0] : 'Fix the causes',
    commands: [`tributary retry ${run}${part}`],
    resumes: true,
  };
}

/** A workflow that has ended accepts no retries: another one resumes the run. */
function stepAfterEnd(
  { pipeline, run, phases, options = [], ...ended }: RunSituation,
  remedy: Remedy,
): NextStep | undefined {
  const fix = fixOf(remedy);
  const { repeat, option } = remedy;
  if (repeat === 'nothing') return fix === undefined ? undefined : { fix, commands: [], resumes: false };
  const requested = phases.filter(({ state, workflowId }) => state !== 'skipped' && workflowId === undefined);
  // If the workflow ended before it started any phase: the first requested one.
  const phase = requested.some((each) => each.phase === ended.phase) ? ended.phase : requested[0]?.phase;
  const to = ended.to ?? requested.at(-1)?.phase ?? 'replace';
  const until = to === 'replace' ? [] : [`--to ${to}`];
  if (pipeline === undefined) return { fix: 'Start it again', commands: [], resumes: false };
  // Without a plan, there is nothing to resume.
  if (repeat === 'new run' || phase === 'plan' || run === undefined) {
    const words = [`tributary run ${pipeline}`, ...until, ...options];
    return { fix, commands: [words.join(' ')], resumes: false };
  }
  const from = repeat?.from ?? phase ?? '<phase>';
  const words = [`tributary run ${pipeline} --run ${run} --from ${from}`, ...until];
  const all = [...words, ...new Set([...options, ...(option === undefined ? [] : [option])])];
  return { fix, commands: [all.join(' ')], resumes: true };
}

const fixOf = ({ fix = 'Fix the cause' }: Remedy): string | undefined => fix ?? undefined;

/** What to do, up to the command: `Fix the cause, then run:`. A whole sentence if no command helps. */
export function leadOf({ fix, commands, resumes }: NextStep): string {
  if (commands.length === 0) return `${fix}.`;
  if (fix === undefined) return resumes ? 'To resume it:' : 'To start a new run:';
  return fix.startsWith('To ') ? `${fix}:` : `${fix}, then run:`;
}

/** The commands as one line to paste. */
export const commandOf = ({ commands }: NextStep): string => commands.join(' && ');

/** The step in one line, with its command as code: "Fix the cause, then run: `tributary retry a`". */
export const nextStepText = (step: NextStep): string =>
  step.commands.length === 0 ? leadOf(step) : `${leadOf(step)} \`${commandOf(step)}\``;
