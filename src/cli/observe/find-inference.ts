import type { Client } from '@temporalio/client';
import { readConfig } from '../../config/read-config.ts';
import { inferWorkflowId } from '../../contract/infer.ts';
import { listWorkflows } from '../temporal/known-workflow.ts';
import { workflowType } from '../temporal/workflow-type.ts';

const WORKFLOW_TYPE = 'inferSchema';
/** The same limit as for runs: see find-run.ts. */
const MOST_LISTED = 1000;

/** The workflow id of an inference, by its name or workflow id. Undefined if there is none. */
export async function findInference(
  client: Client,
  name: string,
  config: string | undefined,
): Promise<string | undefined> {
  const found = await workflowType(client, name);
  if (found !== undefined) return found === WORKFLOW_TYPE ? name : undefined;
  const pipelines = await readConfig(config).then(
    (read) => Object.keys(read.pipelines),
    () => [],
  );
  for (const pipeline of pipelines) {
    const id = inferWorkflowId(pipeline, name);
    if ((await workflowType(client, id)) === WORKFLOW_TYPE) return id;
  }
  let listed = 0;
  for await (const { workflowId, memo } of listWorkflows(client, `WorkflowType="${WORKFLOW_TYPE}"`)) {
    if (memo?.inference === name || workflowId.endsWith(`-${name}`)) return workflowId;
    if (++listed >= MOST_LISTED) break;
  }
  return undefined;
}
