import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { didYouMean } from '../config/nearest.ts';
import { readConfig } from '../config/read-config.ts';
import { refreshWorkflowId } from '../workflows/messages.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { fromListing, type RunObservation } from './observe-run.ts';

/** Temporal's list of closed workflows goes back days; nobody reads further by eye. */
const MOST_LISTED = 1000;

/** The newest runs first. Temporal's list may be a second or two behind. */
export async function newestRuns(
  client: Client,
  { limit, pipeline }: { readonly limit: number; readonly pipeline?: string | undefined },
): Promise<RunObservation[]> {
  const runs: RunObservation[] = [];
  let listed = 0;
  for await (const workflow of client.workflow.list({ query: 'WorkflowType="refreshWarehouse"' })) {
    const run = fromListing(workflow);
    if (pipeline === undefined || run.pipeline === pipeline) runs.push(run);
    // Open ones come first in the list, then the newest ended: a full page of both is read before sorting.
    if (++listed >= Math.max(MOST_LISTED, limit * 2) || runs.length >= limit * 2) break;
  }
  return runs.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, limit);
}

/**
 * The workflow id of a run that is named by its run name or by its workflow id.
 * @throws CommandError with the nearest names where there is none.
 */
export async function findRun(client: Client, name: string, config: string | undefined): Promise<string> {
  if (await exists(client, name)) return name;
  // The list may lag behind a run that was just started: try the ids it would have.
  const pipelines = await readConfig(config).then(
    (read) => Object.keys(read.pipelines),
    () => [],
  );
  for (const pipeline of pipelines) {
    const id = refreshWorkflowId(pipeline, name);
    if (await exists(client, id)) return id;
  }
  const runs = await newestRuns(client, { limit: MOST_LISTED });
  const found = runs.find((run) => run.run === name || run.workflowId.endsWith(`-${name}`));
  if (found !== undefined) return found.workflowId;
  const names = runs.flatMap((run) => run.run ?? run.workflowId);
  throw new CommandError(
    ExitCode.usage,
    `No run "${name}" is known to Temporal${didYouMean(name, names)}. List them: npx tributary runs`,
  );
}

async function exists(client: Client, workflowId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
