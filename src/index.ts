import type { Client } from '@temporalio/client';
import { observeRun } from './cli/observe/observe-run.ts';
import { checkAnswer, requested, sendRetry } from './cli/observe/retry-request.ts';
import { nextStepOf } from './cli/observe/run-state.ts';
import { startRun } from './cli/temporal/begin-run.ts';
import { newRunName } from './cli/temporal/run-name.ts';
import { CommandError, ExitCode } from './cli/terminal/exit-code.ts';
import {
  type Progress,
  RETRY_SEGMENT,
  type RefreshInput,
  type RefreshResult,
  refreshWorkflowId,
} from './contract/refresh.ts';
import { type NextStep, nextStepText } from './pipeline/run/outcome.ts';

/**
 * Tributary for other TypeScript code: the workflows' names, inputs and results, and three functions that use your
 * Temporal client. Workers are separate processes: `tributary worker`.
 */

export type { FailureDetails } from './contract/failure.ts';
export type { InferInput, InferProgress, InferResult } from './contract/infer.ts';
export type {
  BackupList,
  Check,
  CheckPipelineInput,
  CheckPipelineResult,
  DeletedRun,
  Leftover,
  ListBackupsInput,
  PruneRunsInput,
  PruneRunsResult,
  RemoveLeftoversInput,
  RemoveLeftoversResult,
  RollbackInput,
  RollbackResult,
} from './contract/maintenance.ts';
export type { PlanPipelineInput, PlanPipelineResult } from './contract/plan-pipeline.ts';
export {
  type ChildProgress,
  CONTROL_TASK_QUEUE,
  type DriftCounts,
  EXTRACT_TASK_QUEUE,
  type ExtractSegmentInput,
  type FanOutProgress,
  type LoadResult,
  type LoadTableInput,
  PHASES,
  type Phase,
  type PhaseProgress,
  type Progress,
  QUERY_PROGRESS,
  RETRY_SEGMENT,
  RETRY_TABLE,
  type RefreshInput,
  type RefreshResult,
  refreshWorkflowId,
  SEARCH_ATTRIBUTES,
  type SegmentResult,
  type TableResult,
} from './contract/refresh.ts';
export type { Workflows } from './contract/workflows.ts';
export { defineRecords, type RecordDefinition } from './pipeline/datasets/records/define-records.ts';
export { type JsonRecord, type JsonValue, WrittenNumber } from './pipeline/datasets/records/json-value.ts';
export { RecordRefused } from './pipeline/datasets/records/map-record.ts';
export type { Cell } from './pipeline/datasets/records/record-row.ts';
/** For tests of a record module: the row of one record. */
export { rowOf } from './pipeline/datasets/records/row-of.ts';
/** What the function of a derived dataset gets. */
export type { StepContext, StepRow, StepValue } from './pipeline/datasets/records/step-context.ts';
export type { NextStep } from './pipeline/run/outcome.ts';
/**
 * For a client of the same workers: `new Client({ connection, dataConverter: await loadDataConverter('./converter.js') })`.
 * Workers and the CLI load the module that TRIBUTARY_DATA_CONVERTER names.
 */
export { loadDataConverter } from './workers/data-converter.ts';

export interface StartedRefresh {
  readonly workflowId: string;
  /** The run's name, as in `tributary status <run>` and in its directory in S3. */
  readonly run: string;
}

/**
 * Starts a run, and returns once Temporal has accepted it; workers do the rest. With `input.run`, a repeated call cannot
 * start the same run twice: it is refused while the run is in progress. Without it, each call starts a new run. To await
 * the end, use `client.workflow.getHandle(workflowId).result()`. It waits as long as the run takes, even while the run
 * waits for an operator. If the run fails, the `cause` of its `WorkflowFailedError` is an ApplicationFailure: `type` is the
 * code, `message` says why and what to do, and `details[0]` (`FailureDetails`) has both apart.
 * @throws WorkflowExecutionAlreadyStartedError from `@temporalio/client` if the pipeline's run of that name is open
 * @throws ServiceError from `@temporalio/client` if Temporal does not accept the request
 */
export async function startRefresh(client: Client, input: RefreshInput): Promise<StartedRefresh> {
  const run = input.run ?? newRunName();
  const workflowId = refreshWorkflowId(input.pipeline, run);
  await startRun(client, workflowId, { ...input, run });
  return { workflowId, run };
}

export interface RefreshStatus {
  readonly workflowId: string;
  readonly pipeline: string | undefined;
  readonly run: string | undefined;
  /** `waiting`: nothing runs, something failed, and the run continues once it is retried. */
  readonly state: 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed out';
  readonly startedAt: Date;
  readonly closedAt: Date | undefined;
  /** Undefined if no worker answered within three seconds. */
  readonly progress: Progress | undefined;
  /** Present for a completed run. */
  readonly result: RefreshResult | undefined;
  /** Why the run did not complete. docs/operating.md lists the codes. */
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  /** What an operator does now; undefined if nothing. */
  readonly nextStep: NextStep | undefined;
}

/**
 * Returns the state of a run, from Temporal and, while the run is open, from the run itself. Takes at most about eight
 * seconds.
 * @param workflowId the id of a run that `startRefresh`, the CLI or a schedule started
 * @throws Error if the client's data converter cannot decode the workflow; the message names it
 * @throws WorkflowNotFoundError from `@temporalio/client` if Temporal has no such workflow
 */
export async function status(client: Client, workflowId: string): Promise<RefreshStatus> {
  const seen = await observeRun(client, workflowId);
  const { pipeline, run, state, startedAt, closedAt, progress, result, failure, failureType } = seen;
  return {
    ...{ workflowId, pipeline, run, state, startedAt, closedAt, progress, result },
    failure: failure === undefined ? undefined : { code: failureType ?? 'Error', message: failure },
    nextStep: nextStepOf(seen, undefined),
  };
}

/**
 * Retries what failed in a run that waits: one segment by its number, one table by its name in the warehouse or, without
 * `part`, everything that failed in its phase. Returns once the run has accepted the request.
 * @returns the run's answer, as text
 * @throws Error if the run has ended, has no such part or has nothing to retry, if it cannot be decoded, or if no worker answers within 15
 * seconds; the message says what to do
 * @throws WorkflowNotFoundError from `@temporalio/client` if Temporal has no such workflow
 */
export async function retry(
  client: Client,
  workflowId: string,
  part?: { readonly segment: number } | { readonly table: string },
): Promise<string> {
  const seen = await observeRun(client, workflowId);
  if (seen.closedAt !== undefined) {
    const step = nextStepOf(seen, undefined);
    const message = `${workflowId} has ended (${seen.state}), so it accepts no more requests.${step === undefined ? '' : ` ${nextStepText(step)}`}`;
    throw new CommandError(ExitCode.failed, message);
  }
  const request = requested(part ?? {}, seen);
  const answer = await sendRetry(client, workflowId, request);
  const fanOut = request.update === RETRY_SEGMENT ? seen.progress?.extract : seen.progress?.load;
  checkAnswer(answer, request, fanOut, workflowId);
  return answer;
}
