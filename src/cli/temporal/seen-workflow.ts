import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { failureText } from './failure-text.ts';
import { describeWorkflow } from './known-workflow.ts';

/** A long-lived workflow as Temporal knows it. */
export interface SeenWorkflow<Progress> {
  readonly workflowId: string;
  /** `absent`: it was never started, or ended so long ago that Temporal has forgotten it. */
  readonly state: 'running' | 'ended' | 'absent';
  /** How it ended, as an operator says it: `cancelled`, `failed`… */
  readonly ended?: string;
  readonly closedAt?: string;
  /** Why it failed. */
  readonly failure?: string;
  /** The state that it wrote into its memo last. */
  readonly summary?: string;
  /** Absent if it does not run, or if no worker answered in time. */
  readonly progress?: Progress;
}

const QUERY_SECONDS = 3;
const DESCRIBE_SECONDS = 5;

/** The newest execution of a workflow id, with its progress if a worker answers. */
export async function seenWorkflow<Progress extends object>(
  client: Client,
  workflowId: string,
): Promise<SeenWorkflow<Progress>> {
  try {
    const { status, memo, closeTime, runId } = await client.withDeadline(
      Date.now() + DESCRIBE_SECONDS * 1000,
      () => describeWorkflow(client, workflowId),
    );
    const summary = typeof memo?.tributary === 'string' ? { summary: memo.tributary } : {};
    if (closeTime !== undefined) {
      const ended = status.name.toLowerCase().replaceAll('_', ' ');
      const failure = status.name === 'FAILED' ? { failure: await failureOf(client, workflowId, runId) } : {};
      return {
        ...{ workflowId, state: 'ended', ended, closedAt: closeTime.toISOString() },
        ...{ ...summary, ...failure },
      };
    }
    const progress = await askProgress<Progress>(client, workflowId);
    return { workflowId, state: 'running', ...summary, ...(progress === undefined ? {} : { progress }) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { workflowId, state: 'absent' };
    throw error;
  }
}

async function askProgress<Progress>(client: Client, workflowId: string): Promise<Progress | undefined> {
  try {
    return await client.withDeadline(Date.now() + QUERY_SECONDS * 1000, () =>
      client.workflow.getHandle(workflowId).query<Progress>(QUERY_PROGRESS),
    );
  } catch {
    // There is no worker, it is busy, or the workflow has not begun.
    return undefined;
  }
}

async function failureOf(client: Client, workflowId: string, runId: string): Promise<string> {
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return 'unknown';
  } catch (error) {
    return failureText((error as { readonly cause?: unknown }).cause ?? error);
  }
}
