import type { Client } from '@temporalio/client';
import { listWorkflows } from '../temporal/known-workflow.ts';
import { clipped, textTable } from '../terminal/text-table.ts';

/** What reads or applies changes now, by the state that it wrote into its memo last. */
export interface ChangesNow {
  /** `changes/orders`, or `apply/orders/warehouse`. */
  readonly workflowId: string;
  readonly state: string;
}

const QUERY = 'WorkflowType IN ("followChanges", "applyChanges") AND ExecutionStatus = "Running"';
const MOST_STATE = 70;

/** By workflow id, so that what belongs to a pipeline is together. Temporal's list may lag by a second or two. */
export async function changesNow(client: Client): Promise<ChangesNow[]> {
  const found: ChangesNow[] = [];
  for await (const { workflowId, memo } of listWorkflows(client, QUERY))
    found.push({ workflowId, state: typeof memo?.tributary === 'string' ? memo.tributary : 'starting' });
  const nameOf = ({ workflowId }: ChangesNow) => workflowId.slice(workflowId.indexOf('/'));
  return found.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** A table of them; no lines if there are none. */
export function changesNowLines(found: readonly ChangesNow[], dim: (text: string) => string): string[] {
  if (found.length === 0) return [];
  const rows = found.map(({ workflowId, state }) => [workflowId, clipped(state, MOST_STATE)]);
  return ['', dim('Changes:'), ...textTable([{ title: 'workflow' }, { title: 'state' }], rows, dim)];
}
