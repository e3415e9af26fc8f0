import { type Client, type WorkflowExecutionDescription, WorkflowFailedError } from '@temporalio/client';
import type { DecodedMemo } from '../../activities/temporal/undecoded.ts';
import { rootCause } from '../../contract/failure.ts';
import type { InferProgress, InferResult } from '../../contract/infer.ts';
import { currentProgress } from '../../contract/older-progress.ts';
import {
  type FanOutProgress,
  type Progress,
  QUERY_PROGRESS,
  type RefreshInput,
  type RefreshResult,
} from '../../contract/refresh.ts';
import type { RunState } from '../../pipeline/run/outcome.ts';
import type { WorkNow } from '../../pipeline/run/work-now.ts';
import { failureText } from '../temporal/failure-text.ts';
import { knownInput } from '../temporal/known-input.ts';
import { describeWorkflow, refuseUndecodable } from '../temporal/known-workflow.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { ownSteps, withSettled, workSeen } from './work-seen.ts';

/** One observation of a run: from its workflow if a worker answers, else from what Temporal knows. */

/** The state of a run; of an inference with its own types of progress and result. */
export interface RunObservation<Shown = Progress, Result = RefreshResult> {
  readonly workflowId: string;
  readonly pipeline: string | undefined;
  /** Undefined if the pipeline has only one. */
  readonly destination?: string | undefined;
  readonly run: string | undefined;
  readonly state: RunState;
  /** Of a completed run: `replaced`, or its last phase. Undefined if not known, and for an inference. */
  readonly status: string | undefined;
  /** The run that a rollback restored in its place. Undefined if there was none, or if Temporal no longer lists it. */
  readonly rolledBackTo?: string | undefined;
  readonly startedAt: Date;
  readonly closedAt: Date | undefined;
  /** Written by the run into its memo. It may be some seconds old. */
  readonly summary: string | undefined;
  /** Undefined if no worker answered in time. */
  readonly progress: Shown | undefined;
  readonly result: Result | undefined;
  readonly failure: string | undefined;
  /** Class of the failure, e.g. `TooManyRejects`. */
  readonly failureType: string | undefined;
  /** The file that the command which started it sent its definition from. */
  readonly configFile: string | undefined;
  /** The input of a run that failed or waits. Undefined if it is not available. */
  readonly input: Partial<RefreshInput> | undefined;
  /** What it is doing now, even if no worker answers. Undefined if nothing runs, or if Temporal did not answer. */
  readonly now: WorkNow | undefined;
  /** Of a listed run: why what Temporal stores about it cannot be decoded here. */
  readonly undecodable: string | undefined;
  /** Steps that failed and are being retried. */
  readonly retrying: readonly RetriedStep[];
}

interface RetriedStep {
  readonly step: string;
  /** False for the workflow itself. */
  readonly isActivity: boolean;
  readonly attempt: number;
  readonly reason: string;
}

/** What a workflow's list entry and its description have in common. */
type Listed = Pick<WorkflowExecutionDescription, 'workflowId' | 'status' | 'startTime' | 'closeTime'> &
  DecodedMemo;

const QUERY_SECONDS = 3;
const DESCRIBE_SECONDS = 5;
const STATES: Readonly<Record<string, RunState>> = {
  RUNNING: 'running',
  PAUSED: 'running',
  CONTINUED_AS_NEW: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
};

/** What is known without a query to the workflow itself. */
export function fromListing(listed: Listed): RunObservation<never, never> {
  const { workflowId, memo, undecodable } = listed;
  const text = (key: string) => (typeof memo?.[key] === 'string' ? memo[key] : undefined);
  const summary = text('tributary');
  const state = STATES[listed.status.name] ?? 'running';
  const named = /^refresh-(?<pipeline>.+)-(?<run>[^-]+)$/.exec(workflowId)?.groups;
  return {
    workflowId,
    pipeline: text('pipeline') ?? named?.pipeline,
    destination: text('destination'),
    run: text('run') ?? text('inference') ?? named?.run,
    state: state === 'running' && summary?.startsWith('waiting') ? 'waiting' : state,
    status: state === 'completed' ? statusIn(summary) : undefined,
    startedAt: listed.startTime,
    closedAt: listed.closeTime,
    summary,
    progress: undefined,
    result: undefined,
    failure: undefined,
    failureType: undefined,
    configFile: text('config'),
    input: undefined,
    now: undefined,
    undecodable,
    retrying: [],
  };
}

/** The status that a completed run wrote into its memo: see `outcomeOf`. */
const statusIn = (summary = ''): string | undefined =>
  summary === 'replaced' ? summary : /^done up to (\w+)$/.exec(summary)?.[1];

/**
 * Describes the newest execution of a workflow id, queries its progress, and fetches its result.
 * @throws CommandError if it cannot be decoded here
 */
export const observeRun = (client: Client, workflowId: string): Promise<RunObservation> =>
  observe<Progress, RefreshResult>(client, workflowId);

/** The same for an inference. */
export const observeInference = (
  client: Client,
  workflowId: string,
): Promise<RunObservation<InferProgress, InferResult>> =>
  observe<InferProgress, InferResult>(client, workflowId);

async function observe<
  Shown extends {
    readonly pipeline: string;
    readonly state: string;
    readonly run?: string;
    readonly extract?: FanOutProgress;
    readonly load?: FanOutProgress;
    readonly scan?: FanOutProgress;
  },
  Result,
>(client: Client, workflowId: string): Promise<RunObservation<Shown, Result>> {
  const description = await client.withDeadline(Date.now() + DESCRIBE_SECONDS * 1000, () =>
    describeWorkflow(client, workflowId),
  );
  await refuseUndecodable(description);
  const listed = fromListing(description);
  const [answer, now] = await Promise.all([
    askProgress<Shown>(client, workflowId),
    listed.closedAt === undefined ? workSeen(client, workflowId, description) : undefined,
  ]);
  // What the workflow shows may be minutes old.
  const seen =
    now && withSettled(now, answer?.extract === undefined ? answer?.scan : (answer.load ?? answer.extract));
  const progress = answer && { ...answer, now: answer.state === 'running' ? seen : undefined };
  const end =
    listed.closedAt === undefined ? undefined : await endOf<Result>(client, workflowId, description.runId);
  const open = description.status.name === 'RUNNING';
  return {
    ...listed,
    pipeline: progress?.pipeline ?? listed.pipeline,
    run: (end?.result as { readonly run?: string } | undefined)?.run ?? progress?.run ?? listed.run,
    state:
      open && progress !== undefined ? (progress.state === 'waiting' ? 'waiting' : 'running') : listed.state,
    status: (end?.result as { readonly status?: string } | undefined)?.status ?? listed.status,
    progress,
    result: end?.result,
    failure: end?.failure,
    failureType: end?.failureType,
    input:
      end === undefined && progress?.state === 'waiting'
        ? await knownInput<RefreshInput>(client, { workflowId, runId: description.runId })
        : end?.input,
    now: progress?.state === 'waiting' ? undefined : now,
    retrying: await retriedSteps(client, description),
  };
}

export async function askProgress<Shown extends object = Progress>(
  client: Client,
  workflowId: string,
): Promise<Shown | undefined> {
  try {
    const answer = await client.withDeadline(Date.now() + QUERY_SECONDS * 1000, () =>
      client.workflow.getHandle(workflowId).query<Shown>(QUERY_PROGRESS),
    );
    return currentProgress<Shown>(answer as Shown);
  } catch {
    // There is no worker, it is busy, or the workflow has not begun: use the description alone.
    return undefined;
  }
}

async function endOf<Result>(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<Partial<Pick<RunObservation<never, Result>, 'result' | 'failure' | 'failureType' | 'input'>>> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    return { result: (await handle.result()) as Result };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const input = await knownInput<RefreshInput>(client, { workflowId, runId });
    return { failure: failureText(error.cause), failureType: rootCause(error.cause).type, input };
  }
}

async function retriedSteps(
  client: Client,
  { workflowId, raw }: Pick<WorkflowExecutionDescription, 'workflowId' | 'raw'>,
): Promise<RetriedStep[]> {
  const isOpen = !raw.workflowExecutionInfo?.closeTime;
  const steps = isOpen ? await ownSteps(client, workflowId, raw) : [];
  const taskAttempt = raw.pendingWorkflowTask?.attempt ?? 1;
  return [
    ...steps.flatMap(({ activity, attempt, failure }) =>
      attempt > 1 && failure !== undefined
        ? [{ step: activity, isActivity: true, attempt, reason: failure }]
        : [],
    ),
    // A second attempt is normal: after a crash, the task goes to another worker.
    ...(taskAttempt > 2
      ? [
          {
            step: 'the workflow itself',
            isActivity: false,
            attempt: taskAttempt,
            reason: 'see its history in the Web UI',
          },
        ]
      : []),
  ];
}

/** The exit code for a run or inference that is not waited for. */
export function exitCodeOfState(state: RunState): ExitCode {
  if (state === 'waiting') return ExitCode.waiting;
  return state === 'running' || state === 'completed' ? ExitCode.done : ExitCode.failed;
}
