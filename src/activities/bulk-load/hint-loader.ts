import { Context } from '@temporalio/activity';
import type { OpenedLoad } from '../../contract/loader/bulk-load.ts';
import { loaderWorkflowId, SIGNAL_HINT } from '../../contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { tablePath } from '../../pipeline/loader/loader-directory.ts';

/** Has the loader look at its inbox, and starts it if it does not run. It runs when this returns. */
export async function hintLoader({ table, loader }: OpenedLoad): Promise<void> {
  const { client } = Context.current();
  await client.workflow.signalWithStart('loadFiles', {
    workflowId: loaderWorkflowId(table),
    ...{ taskQueue: CONTROL_TASK_QUEUE, args: [{ loader }], signal: SIGNAL_HINT },
    staticSummary: `loads files into ${tablePath(table)}`,
  });
}
