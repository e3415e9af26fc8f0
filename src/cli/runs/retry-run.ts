import type { Client } from '@temporalio/client';
import type { InferProgress } from '../../contract/infer.ts';
import {
  type FanOutProgress,
  QUERY_PROGRESS,
  RETRY_CHECK,
  RETRY_SEGMENT,
  RETRY_TABLE,
} from '../../contract/refresh.ts';
import { nextStepText } from '../../pipeline/run/outcome.ts';
import { findInference } from '../observe/find-inference.ts';
import { findRun } from '../observe/find-run.ts';
import { observeRun, type RunObservation } from '../observe/observe-run.ts';
import { checkAnswer, type Retry, requested, sendRetry } from '../observe/retry-request.ts';
import { nextStepOf } from '../observe/run-state.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { describeWorkflow, refuseUndecodable } from '../temporal/known-workflow.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';

export interface RetryOptions {
  readonly segment?: number;
  readonly table?: string;
  readonly check?: string;
  readonly all?: boolean;
  readonly config?: string;
}

/** Sends the update that retries failed children, and prints the answer of the run or inference. */
export async function retryRun(name: string, options: RetryOptions): Promise<ExitCode> {
  return withTemporal(options.config, async (client) => {
    const inference = await findInference(client, name, options.config);
    if (inference !== undefined) await retryInference(client, inference, name, options);
    else await retryChildren(client, await findRun(client, name, options.config), name, options);
    process.stdout.write(`Watch it: ${TRIBUTARY} status ${name} --wait${WITH_CONFIG}\n`);
    return ExitCode.done;
  });
}

async function retryChildren(
  client: Client,
  workflowId: string,
  name: string,
  options: RetryOptions,
): Promise<void> {
  const seen = await observeRun(client, workflowId);
  if (seen.closedAt !== undefined)
    throw new CommandError(ExitCode.failed, closedMessage(seen, name, options.config));
  const retry = requested(options, seen);
  const { extract, load, checks } = seen.progress ?? {};
  const fan = { [RETRY_SEGMENT]: extract, [RETRY_TABLE]: load, [RETRY_CHECK]: checks }[retry.update];
  printAnswer(await sendRetry(client, workflowId, retry), retry, fan, name);
}

async function retryInference(
  client: Client,
  workflowId: string,
  name: string,
  { segment, table, check }: RetryOptions,
): Promise<void> {
  if (table !== undefined || check !== undefined)
    throw new CommandError(
      ExitCode.usage,
      `${name} is an inference. It has segments, and neither tables nor checks.`,
    );
  const handle = client.workflow.getHandle(workflowId);
  const described = await describeWorkflow(client, workflowId);
  await refuseUndecodable(described);
  const { status, memo } = described;
  if (status.name !== 'RUNNING') {
    const again = `${TRIBUTARY} infer ${typeof memo?.pipeline === 'string' ? memo.pipeline : '<pipeline>'}`;
    throw new CommandError(
      ExitCode.failed,
      status.name === 'COMPLETED'
        ? `Inference ${name} is done: there is nothing to retry.`
        : `Inference ${name} has ended (${status.name.toLowerCase()}), so it accepts no more requests. Start another: ${again}`,
    );
  }
  const retry: Retry = { update: RETRY_SEGMENT, argument: segment };
  const answer = await sendRetry(client, workflowId, retry);
  const progress = await handle.query<InferProgress>(QUERY_PROGRESS).catch(() => undefined);
  printAnswer(answer, retry, progress?.scan, name);
}

function printAnswer(answer: string, retry: Retry, fan: FanOutProgress | undefined, name: string): void {
  checkAnswer(answer, retry, fan, name);
  process.stdout.write(`${answer}\n`);
}

function closedMessage(seen: RunObservation, name: string, config: string | undefined): string {
  const { state, failure } = seen;
  if (state === 'completed') return `Run ${name} is done: there is nothing to retry.`;
  const ended = `Run ${name} has ended (${state}${failure === undefined ? '' : `: ${failure}`}), so it accepts no more requests.`;
  const step = nextStepOf(seen, config);
  if (step === undefined) return `${ended} There is nothing to resume.`;
  return `${ended}${step.resumes ? ' What it extracted is kept.' : ''} ${nextStepText(step)}`;
}
