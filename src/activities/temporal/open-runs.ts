import { Context, log } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import type { Owner } from '../../pipeline/run/run-ref.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { undecoded } from './undecoded.ts';
import { UndecodableInput, workflowInput } from './workflow-input.ts';

const READ_AT_ONCE = 8;

/** Workflows that only report about runs: a run can be pruned while an alert about it is not delivered. */
const REPORTING = ['sendAlert', 'sendLineage', 'testAlerts', 'muteAlerts', 'watchSchedule'];

/**
 * The runs of a pipeline for which a workflow is open in Temporal, running or waiting for an operator:
 *
 * - every run named in the input of an open workflow on the control queue, whatever that workflow does;
 * - the earlier run whose part files such a workflow takes;
 * - the run of a workflow that was started without a run's name.
 *
 * An open workflow that this worker cannot decode may work on any run of its pipeline. Then every run counts as open.
 *
 * Temporal's list may be a second or two behind.
 */
export class OpenRuns {
  readonly #client: Client;
  readonly #named: ReadonlySet<string>;
  /** Whether an open workflow chose its run's name itself. Then only the run's plan shows which run it is. */
  readonly hasUnnamed: boolean;
  readonly #hasUndecodable: boolean;

  private constructor(
    client: Client,
    named: ReadonlySet<string>,
    hasUnnamed: boolean,
    hasUndecodable: boolean,
  ) {
    this.#client = client;
    this.#named = named;
    this.hasUnnamed = hasUnnamed || hasUndecodable;
    this.#hasUndecodable = hasUndecodable;
  }

  static async now(pipeline: string): Promise<OpenRuns> {
    const { client } = Context.current();
    const query = `ExecutionStatus="Running" AND TaskQueue="${CONTROL_TASK_QUEUE}"`;
    const open: { type: string; workflowId: string; runId: string }[] = [];
    for await (const { type, workflowId, runId } of undecoded(client).workflow.list({ query }))
      if (!REPORTING.includes(type)) open.push({ type, workflowId, runId });
    const named = new Set<string>();
    let hasUnnamed = false;
    let hasUndecodable = false;
    await forEachLimited(open, READ_AT_ONCE, async ({ type, ...execution }) => {
      const input = await workflowInput(client, execution).catch((error: unknown) => {
        if (!(error instanceof UndecodableInput)) throw error;
        if (!mayBelongTo(pipeline, execution.workflowId)) return undefined;
        hasUndecodable = true;
        log.warn(
          `Workflow ${execution.workflowId} is open and cannot be decoded: ${error.message}. While it is open, every run of ${pipeline} counts as in progress.`,
        );
        return undefined;
      });
      if (typeof input !== 'object' || input === null) return;
      const { pipeline: other, run, replay, reuse } = input as Readonly<Record<string, unknown>>;
      if (other !== pipeline) return;
      if (type === 'refreshWarehouse' && run === undefined) hasUnnamed = true;
      for (const each of [run, replay, reuse]) if (typeof each === 'string') named.add(each);
    });
    return new OpenRuns(client, named, hasUnnamed, hasUndecodable);
  }

  /** @param owner the owner that the run's plan names */
  async has(run: string, owner: Owner | undefined): Promise<boolean> {
    return (
      this.#hasUndecodable ||
      this.#named.has(run) ||
      (owner !== undefined && (await isOpen(this.#client, owner)))
    );
  }
}

/**
 * Whether a workflow may work on this pipeline, by its id alone. The ids of runs, inferences, rollbacks and prunings
 * begin with the pipeline's name after their kind; other ids say nothing.
 */
export const mayBelongTo = (pipeline: string, workflowId: string): boolean => {
  const [, named] = /^(?:refresh|infer|rollback|prune)-(.+)$/.exec(workflowId) ?? [];
  return named === undefined || named === pipeline || named.startsWith(`${pipeline}-`);
};

/** A later workflow may have the same id, as with a schedule that uses a fixed one: it belongs to another run. */
async function isOpen(client: Client, { workflowId, firstExecutionRunId }: Owner): Promise<boolean> {
  try {
    const { status, raw } = await undecoded(client).workflow.getHandle(workflowId).describe();
    const first = raw.workflowExecutionInfo?.firstRunId;
    return status.name === 'RUNNING' && (!first || first === firstExecutionRunId);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
