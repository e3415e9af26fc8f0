import type { Client } from '@temporalio/client';
import { readConfig } from '../../config/read-config.ts';
import { refreshWorkflowId } from '../../contract/refresh.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { childOfRun } from '../temporal/child-of-run.ts';
import { listWorkflows } from '../temporal/known-workflow.ts';
import { temporalProgram } from '../temporal/temporal-program.ts';
import { workflowType } from '../temporal/workflow-type.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { fromListing, type RunObservation } from './observe-run.ts';
import { withRollbacks } from './rollbacks.ts';

const WORKFLOW_TYPE = 'refreshWarehouse';
/** Temporal lists the closed workflows of many days. A command reads no more of them than this. */
const MOST_LISTED = 1000;

/** The newest runs first. Temporal's list may lag by a second or two. */
export async function newestRuns(
  client: Client,
  { limit, pipeline }: { readonly limit: number; readonly pipeline?: string | undefined },
): Promise<RunObservation[]> {
  const runs: RunObservation[] = [];
  let listed = 0;
  for await (const workflow of listWorkflows(client, `WorkflowType="${WORKFLOW_TYPE}"`)) {
    const run = fromListing(workflow);
    if (pipeline === undefined || run.pipeline === pipeline) runs.push(run);
    // Temporal lists open workflows first, then the newest closed ones. Read enough of both before sorting.
    if (++listed >= Math.max(MOST_LISTED, limit * 2) || runs.length >= limit * 2) break;
  }
  const newest = runs.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, limit);
  return withRollbacks(client, newest);
}

/** The newest of these runs that can be decoded here; if none can, the newest. */
export const newestDecodable = (runs: readonly RunObservation[]): RunObservation | undefined =>
  runs.find(({ undecodable }) => undecodable === undefined) ?? runs[0];

/**
 * The workflow id of a run, by its run name or workflow id. A name that no configured pipeline has is searched for
 * among all runs.
 * @throws CommandError if there is none (with the nearest name), if several pipelines have one (with their ids), or if
 * the name is another workflow's (with its type).
 */
export async function findRun(client: Client, name: string, config: string | undefined): Promise<string> {
  const type = await workflowType(client, name);
  if (type === WORKFLOW_TYPE) return name;
  // The list may not have a run that was just started: try the ids it would have.
  const pipelines = await readConfig(config).then(
    (read) => Object.keys(read.pipelines),
    () => [],
  );
  const configured: string[] = [];
  for (const pipeline of pipelines) {
    const id = refreshWorkflowId(pipeline, name);
    if ((await workflowType(client, id)) === WORKFLOW_TYPE) configured.push(id);
  }
  if (configured.length > 0) return onlyOne(name, configured);
  const runs = await newestRuns(client, { limit: MOST_LISTED });
  const found = runs.filter((run) => run.run === name || run.workflowId.endsWith(`-${name}`));
  // Several workflows of a pipeline may have worked on one run. The newest has its current state.
  const newest = new Map(found.toReversed().map(({ pipeline, workflowId }) => [pipeline, workflowId]));
  if (newest.size > 0) return onlyOne(name, [...newest.values()]);
  if (type !== undefined) throw new CommandError(ExitCode.usage, await noRun(name, type));
  const names = runs.flatMap((run) => run.run ?? run.workflowId);
  throw new CommandError(
    ExitCode.usage,
    `Temporal has no run "${name}"${didYouMean(name, names)}. List them: ${TRIBUTARY} runs`,
  );
}

/** Describes the other workflow. For a child, names the commands for the run or inference that awaits it. */
async function noRun(workflowId: string, type: string): Promise<string> {
  const child = childOfRun(workflowId);
  if (child === undefined) {
    return `Workflow ${workflowId} is not a run but a ${type}. Inspect it: ${await temporalProgram()} workflow describe --workflow-id ${workflowId}`;
  }
  const { parent, what, option } = child;
  return (
    `Workflow ${workflowId} is ${what} of ${parent}. See its run: ${TRIBUTARY} status ${parent}. ` +
    `If it failed, retry it: ${TRIBUTARY} retry ${parent} ${option}`
  );
}

function onlyOne(name: string, [first, ...others]: readonly string[]): string {
  if (first !== undefined && others.length === 0) return first;
  throw new CommandError(
    ExitCode.usage,
    `Several pipelines have a run "${name}". Choose one by its workflow id: ${[first, ...others].join(', ')}`,
  );
}

/** The workflow id of this pipeline's run. Undefined if Temporal has none. */
export async function findRunOf(client: Client, pipeline: string, run: string): Promise<string | undefined> {
  const id = refreshWorkflowId(pipeline, run);
  if ((await workflowType(client, id)) === WORKFLOW_TYPE) return id;
  const runs = await newestRuns(client, { limit: MOST_LISTED, pipeline });
  return runs.find((each) => each.run === run)?.workflowId;
}
