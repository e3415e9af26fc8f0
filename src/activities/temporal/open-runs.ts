import { Context } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import type { Owner } from '../../pipeline/run/run-ref.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { workflowInput } from './workflow-input.ts';

const READ_AT_ONCE = 8;

/**
 * The runs of a pipeline for which a workflow is open in Temporal, running or waiting for an operator:
 *
 * - every run named in the input of an open workflow on the control queue, whatever that workflow does;
 * - the earlier run whose rejects such a workflow replays;
 * - the run of a workflow that was started without a run's name.
 *
 * Temporal's list may be a second or two behind.
 */
export class OpenRuns {
  readonly #client: Client;
  readonly #named: ReadonlySet<string>;
  /** Whether an open workflow chose its run's name itself. Then only the run's plan shows which run it is. */
  readonly hasUnnamed: boolean;

  private constructor(client: Client, named: ReadonlySet<string>, hasUnnamed: boolean) {
    this.#client = client;
    this.#named = named;
    this.hasUnnamed = hasUnnamed;
  }

  static async now(pipeline: string): Promise<OpenRuns> {
    const { client } = Context.current();
    const query = `ExecutionStatus="Running" AND TaskQueue="${CONTROL_TASK_QUEUE}"`;
    const open: { type: string; workflowId: string; runId: string }[] = [];
    for await (const { type, workflowId, runId } of client.workflow.list({ query }))
      open.push({ type, workflowId, runId });
    const named = new Set<string>();
    let hasUnnamed = false;
    await forEachLimited(open, READ_AT_ONCE, async ({ type, ...execution }) => {
      const input = await workflowInput(client, execution);
      if (typeof input !== 'object' || input === null) return;
      const { pipeline: other, run, replay } = input as Readonly<Record<string, unknown>>;
      if (other !== pipeline) return;
      if (type === 'refreshWarehouse' && run === undefined) hasUnnamed = true;
      for (const each of [run, replay]) if (typeof each === 'string') named.add(each);
    });
    return new OpenRuns(client, named, hasUnnamed);
  }

  /** @param owner the owner that the run's plan names */
  async has(run: string, owner: Owner | undefined): Promise<boolean> {
    return this.#named.has(run) || (owner !== undefined && (await isOpen(this.#client, owner)));
  }
}

/** A later workflow may have the same id, as with a schedule that uses a fixed one: it belongs to another run. */
async function isOpen(client: Client, { workflowId, firstExecutionRunId }: Owner): Promise<boolean> {
  try {
    const { status, raw } = await client.workflow.getHandle(workflowId).describe();
    const first = raw.workflowExecutionInfo?.firstRunId;
    return status.name === 'RUNNING' && (!first || first === firstExecutionRunId);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
