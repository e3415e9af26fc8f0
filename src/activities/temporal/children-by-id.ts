import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';

/**
 * What a workflow cannot see of children that Temporal does not count as its own: those that somebody started by hand,
 * and those that run since before it was reset. They are known by their workflow ids alone.
 */

const ASKED_AT_ONCE = 8;

/** How each of these workflows ended, by its id: `COMPLETED`, `TERMINATED`…, `GONE`. Those that are open are not in it. */
export async function endsOfChildren({
  workflowIds,
}: {
  readonly workflowIds: readonly string[];
}): Promise<Record<string, string>> {
  const { client } = Context.current();
  const ends: Record<string, string> = {};
  await whileHeartbeating(
    () => `asking for ${workflowIds.length} workflows`,
    () =>
      forEachLimited(workflowIds, ASKED_AT_ONCE, async (workflowId) => {
        const status = await statusOf(workflowId);
        if (status !== 'RUNNING') ends[workflowId] = status;
      }),
  );
  return ends;

  async function statusOf(workflowId: string): Promise<string> {
    try {
      return (await client.workflow.getHandle(workflowId).describe()).status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'GONE';
      throw error;
    }
  }
}

/**
 * Asks every open workflow whose id begins with the parent's and a slash to cancel itself. The list that Temporal gives
 * may be a second or two behind.
 * @returns the ids of those that were asked
 */
export async function cancelChildren({ parent }: { readonly parent: string }): Promise<readonly string[]> {
  const { client } = Context.current();
  const asked: string[] = [];
  await whileHeartbeating(
    () => ({ cancelled: asked.length }),
    async () => {
      const below = `${parent}/`;
      const query = `ExecutionStatus = "Running" AND WorkflowId STARTS_WITH ${JSON.stringify(below)}`;
      for await (const { workflowId } of client.workflow.list({ query })) {
        // Others' must never be ended, whatever a server's list makes of an underscore.
        if (!workflowId.startsWith(below)) continue;
        try {
          await client.workflow.getHandle(workflowId).cancel();
          asked.push(workflowId);
        } catch (error) {
          // It has ended meanwhile.
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }
    },
  );
  return asked;
}
