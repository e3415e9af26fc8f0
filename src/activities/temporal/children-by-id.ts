import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { undecoded } from './undecoded.ts';

/**
 * Children that Temporal does not count as the workflow's own: those that an operator started by hand, and those that
 * were running when the workflow was reset. They are known only by their workflow ids.
 */

const ASKED_AT_ONCE = 8;

/** How each of these workflows ended, by id: `COMPLETED`, `TERMINATED`…, or `GONE`. Open ones are left out. */
export async function endsOfChildren({
  workflowIds,
}: {
  readonly workflowIds: readonly string[];
}): Promise<Record<string, string>> {
  const { client } = Context.current();
  const ends: Record<string, string> = {};
  await whileHeartbeating(
    () => `checking ${workflowIds.length} workflows`,
    () =>
      forEachLimited(workflowIds, ASKED_AT_ONCE, async (workflowId) => {
        const status = await statusOf(workflowId);
        if (status !== 'RUNNING') ends[workflowId] = status;
      }),
  );
  return ends;

  async function statusOf(workflowId: string): Promise<string> {
    try {
      return (await undecoded(client).workflow.getHandle(workflowId).describe()).status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'GONE';
      throw error;
    }
  }
}

/**
 * Requests the cancellation of every open workflow whose id begins with the parent's and a slash. Temporal's list may
 * be a second or two behind.
 * @returns their ids
 */
export async function cancelChildren({ parent }: { readonly parent: string }): Promise<readonly string[]> {
  const { client } = Context.current();
  const requested: string[] = [];
  await whileHeartbeating(
    () => `cancelling children: ${requested.length} so far`,
    async () => {
      const below = `${parent}/`;
      const query = `ExecutionStatus = "Running" AND WorkflowId STARTS_WITH ${JSON.stringify(below)}`;
      for await (const { workflowId } of undecoded(client).workflow.list({ query })) {
        // Never cancel other workflows, even if a server's list treats an underscore as a wildcard.
        if (!workflowId.startsWith(below)) continue;
        try {
          await client.workflow.getHandle(workflowId).cancel();
          requested.push(workflowId);
        } catch (error) {
          // It has ended in the meantime.
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }
    },
  );
  return requested;
}
