import type { Client } from '@temporalio/client';
import { batchRetry } from '../../activities/temporal/batch-retry.ts';
import type { LoaderProgress } from '../../contract/loader/loader.ts';
import type { WatchProgress } from '../../contract/loader/watch.ts';
import { unmatchedKey } from '../../pipeline/loader/loader-directory.ts';
import type { Loaders } from '../../pipeline/loader/routing.ts';
import { unmatchedStaging } from '../../pipeline/loader/watched.ts';
import { findDocument } from '../../store/document.ts';
import { type UnmatchedFiles, unmatchedFiles } from '../../store/loader/unmatched-files.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { type SeenWorkflow, seenWorkflow } from '../temporal/seen-workflow.ts';
import { filesOf, type LoadedTable, sourcesOf, type WatchedSource } from './loaders-here.ts';
import { type StoredLoader, storedLoader } from './stored-loader.ts';

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
