import type { ObjectStore } from '../../clients/object-store.ts';
import type { PrunedLog } from '../../contract/changes/follow-activities.ts';
import {
  appliesDirectory,
  type ChangesLocation,
  windowExportsDirectory,
} from '../../pipeline/changes/change-directory.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { listEpochs } from '../../store/changes/log-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { measureLog } from '../runtime/metrics.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { logReaders } from './log-readers.ts';
import { EpochPruning } from './prune-epoch.ts';

const DAY_MS = 86_400_000;
/** A run that is as old as `keepDays` began with the log a little earlier. */
const MARGIN_MS = DAY_MS;
const KEYS_PER_DELETE = 1_000;

/**
 * Deletes what a pipeline's log no longer needs, if it is older than `keepDays` and every destination and backup is past it:
 *
 * 1. Checkpoints and their files. A shard's last checkpoint stays.
 * 2. Shards that were read to their end, and windows, with all they have. What follows them in their lineage stays.
 * 3. Their positions in the schemas that are live, and their cursors in histories.
 *
 * Files of applies that were never removed, because their worker was killed, are deleted after a day, and files of exports
 * after `keepDays`. If the warehouse or a history cannot be read, nothing is deleted.
 * @throws Terminal `UnknownPipeline`
 */
export function pruneChangeLog(
  deps: Dependencies,
  { pipeline: name }: { readonly pipeline: string },
): Promise<PrunedLog> {
  let doing = `looking for what needs the changes of ${name}`;
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const pipeline = await deps.pipelineOf(name);
      const { staging, source } = pipeline;
      const store = deps.store(staging.bucket);
      const readers = await logReaders(deps, name, pipeline, signal);
      const now = await sharedTime(deps, staging.bucket, { signal });
      const keepMs = (source.changes?.keepDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
      const olderThanMs = now.getTime() - keepMs - MARGIN_MS;
      const pruned = new Pruning(store, signal);
      const { remove } = pruned;
      const epochs = new EpochPruning(deps, { store, readers, olderThanMs, remove, signal });
      const at = { prefix: staging.prefix, pipeline: name };
      for (const epoch of await listEpochs(store, at, signal)) {
        doing = `deleting what the log of epoch ${epoch} no longer needs: ${counted(pruned.deleted, 'object')} deleted before`;
        await epochs.prune({ ...at, epoch });
      }
      doing = `deleting what exports left: ${counted(pruned.deleted, 'object')} deleted before`;
      await pruned.exports(at, olderThanMs);
      doing = `deleting what applies left: ${counted(pruned.deleted, 'object')} deleted before`;
      await pruned.applies(at, now.getTime() - DAY_MS);
      const { bytes, keptFor } = epochs;
      measureLog(name, bytes);
      return { deleted: pruned.deleted, bytes, keptFor: [...keptFor], at: now.toISOString() };
    },
  );
}

class Pruning {
  deleted = 0;
  readonly #store: ObjectStore;
  readonly #signal: AbortSignal;
  readonly #record = ActivityRecord.current();

  constructor(store: ObjectStore, signal: AbortSignal) {
    this.#store = store;
    this.#signal = signal;
  }

  /** The reader of a window removes its own exports, once the window is in the log. */
  async exports(at: ChangesLocation, olderThanMs: number): Promise<void> {
    const left: string[] = [];
    for await (const { key, modifiedMs } of this.#store.list(windowExportsDirectory(at), {
      signal: this.#signal,
    }))
      if (modifiedMs !== undefined && modifiedMs < olderThanMs) left.push(key);
    await this.remove(left);
  }

  /** An apply removes its own files. A destination's pause, which is beside them, is no such file. */
  async applies(at: ChangesLocation, olderThanMs: number): Promise<void> {
    const directory = appliesDirectory(at);
    const left: string[] = [];
    for await (const { key, modifiedMs } of this.#store.list(directory, { signal: this.#signal })) {
      const [, attempt, file] = key.slice(directory.length).split('/');
      if (attempt === undefined || file === undefined) continue;
      if (modifiedMs !== undefined && modifiedMs < olderThanMs) left.push(key);
    }
    await this.remove(left);
  }

  readonly remove = async (keys: readonly string[], store = this.#store): Promise<void> => {
    for (let from = 0; from < keys.length; from += KEYS_PER_DELETE) {
      const some = keys.slice(from, from + KEYS_PER_DELETE);
      await store.delete(some, { signal: this.#signal });
      this.deleted += some.length;
      this.#record.advance();
    }
  };
}
