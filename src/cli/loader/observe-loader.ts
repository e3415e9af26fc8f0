import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { batchRetry } from '../../activities/temporal/batch-retry.ts';
import type { LoaderProgress } from '../../contract/loader/loader.ts';
import type { WatchProgress } from '../../contract/loader/watch.ts';
import { QUERY_PROGRESS } from '../../contract/refresh.ts';
import { unmatchedKey } from '../../pipeline/loader/loader-directory.ts';
import type { Loaders } from '../../pipeline/loader/routing.ts';
import { unmatchedStaging } from '../../pipeline/loader/watched.ts';
import { findDocument } from '../../store/document.ts';
import { type UnmatchedFiles, unmatchedFiles } from '../../store/loader/unmatched-files.ts';
import { failureText } from '../temporal/failure-text.ts';
import { describeWorkflow } from '../temporal/known-workflow.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { filesOf, type LoadedTable, sourcesOf, type WatchedSource } from './loaders-here.ts';
import { type StoredLoader, storedLoader } from './stored-loader.ts';

/** A long-lived workflow of a loader, as Temporal knows it. */
interface SeenWorkflow<Progress> {
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

export interface SeenWatcher extends SeenWorkflow<WatchProgress> {
  readonly source: WatchedSource;
  /** Examples of files in its queue that no loader matches, the newest first. */
  readonly unmatched?: UnmatchedFiles['files'];
}

/** One observation of the loaders of a table. */
export interface LoaderObservation {
  readonly table: LoadedTable;
  readonly workflow: SeenWorkflow<LoaderProgress>;
  readonly watchers: readonly SeenWatcher[];
  /** What S3 has. Absent if the loader answered, and so knows it itself. */
  readonly stored?: StoredLoader;
  /** Why S3 could not be read. */
  readonly notRead?: string;
}

const QUERY_SECONDS = 3;
const DESCRIBE_SECONDS = 5;

/** Asks Temporal about a table's loader and its watchers, and S3 about what they do not answer. */
export async function observeLoader(
  client: Client,
  all: Loaders,
  table: LoadedTable,
): Promise<LoaderObservation> {
  const names = table.loaders.map(({ name }) => name);
  const [workflow, watchers] = await Promise.all([
    seenWorkflow<LoaderProgress>(client, table.workflowId),
    Promise.all(sourcesOf(all, names).map((source) => seenWatcher(client, all, source))),
  ]);
  const seen = { table, workflow: await withRetry(client, workflow), watchers };
  if (workflow.progress !== undefined && workflow.progress.trouble === undefined) return seen;
  try {
    return { ...seen, stored: await storedLoader(filesOf(table), new AbortController().signal) };
  } catch (error) {
    return { ...seen, notRead: error instanceof Error ? error.message : String(error) };
  }
}

/** The loader itself looks at its batch once a minute only. */
async function withRetry(
  client: Client,
  workflow: SeenWorkflow<LoaderProgress>,
): Promise<SeenWorkflow<LoaderProgress>> {
  const { progress } = workflow;
  if (progress?.current === undefined) return workflow;
  const { retry: _, ...current } = progress.current;
  const retry = await batchRetry(client, current.workflowId);
  return {
    ...workflow,
    progress: { ...progress, current: { ...current, ...(retry === undefined ? {} : { retry }) } },
  };
}

async function seenWatcher(client: Client, all: Loaders, source: WatchedSource): Promise<SeenWatcher> {
  const seen = await seenWorkflow<WatchProgress>(client, source.workflowId);
  const { watched } = source;
  const staging = 'queue' in watched ? unmatchedStaging(all, watched.queue) : undefined;
  const hasSome = (seen.progress?.totals.unmatched ?? 0) > 0;
  if (staging === undefined || !hasSome || !('queue' in watched)) return { ...seen, source };
  try {
    const store = storesHere().store(staging.bucket);
    const found = await findDocument(unmatchedFiles(store, unmatchedKey(staging.prefix, watched.queue)));
    return { ...seen, source, ...(found === undefined ? {} : { unmatched: found.files }) };
  } catch {
    // They are examples: their number is known without them.
    return { ...seen, source };
  }
}

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
    const progress = await askLoader<Progress>(client, workflowId);
    return { workflowId, state: 'running', ...summary, ...(progress === undefined ? {} : { progress }) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { workflowId, state: 'absent' };
    throw error;
  }
}

async function askLoader<Progress>(client: Client, workflowId: string): Promise<Progress | undefined> {
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
