import type { ObjectStore } from '../../clients/object-store.ts';
import type { PrunedLog } from '../../contract/changes/follow-activities.ts';
import {
  appliesDirectory,
  type ChangesLocation,
  type EpochLocation,
  shardsDirectory,
  windowExportsDirectory,
} from '../../pipeline/changes/change-directory.ts';
import { logObjectOf } from '../../pipeline/changes/log-objects.ts';
import { type ListedShard, type LogReader, planRetention } from '../../pipeline/changes/retention.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { listEpochs } from '../../store/changes/log-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { measureLog } from '../runtime/metrics.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { logReaders } from './log-readers.ts';

const DAY_MS = 86_400_000;
/** A run that is as old as `keepDays` began with the log a little earlier. */
const MARGIN_MS = DAY_MS;
const KEYS_PER_DELETE = 1_000;

/**
 * Deletes what a pipeline's log no longer needs: files older than `keepDays` and behind every destination and backup. A shard's
 * last checkpoint stays. Files of applies
 * that were never removed, because their worker was killed, are deleted after a day, and files of exports after `keepDays`. If the
 * warehouse or a history cannot be read, nothing is deleted.
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
      const readersOf = await logReaders(deps, name, pipeline, signal);
      const now = await sharedTime(deps, staging.bucket, { signal });
      const keepMs = (source.changes?.keepDays ?? Number.POSITIVE_INFINITY) * DAY_MS;
      const olderThanMs = now.getTime() - keepMs - MARGIN_MS;
      const pruned = new Pruning(store, olderThanMs, signal);
      const at = { prefix: staging.prefix, pipeline: name };
      for (const epoch of await listEpochs(store, at, signal)) {
        doing = `deleting what the log of epoch ${epoch} no longer needs: ${counted(pruned.deleted, 'object')} deleted before`;
        await pruned.epoch({ ...at, epoch }, await readersOf(epoch));
      }
      doing = `deleting what exports left: ${counted(pruned.deleted, 'object')} deleted before`;
      await pruned.exports(at, olderThanMs);
      doing = `deleting what applies left: ${counted(pruned.deleted, 'object')} deleted before`;
      await pruned.applies(at, now.getTime() - DAY_MS);
      measureLog(name, pruned.bytes);
      const { deleted, bytes, keptFor } = pruned;
      return { deleted, bytes, keptFor: [...keptFor], at: now.toISOString() };
    },
  );
}

interface ShardObjects {
  readonly shard: string;
  readonly checkpoints: { readonly number: number; readonly writtenMs: number; readonly key: string }[];
  readonly records: { readonly number: number; readonly key: string }[];
}

class Pruning {
  deleted = 0;
  /** Of what stays. */
  bytes = 0;
  readonly keptFor = new Set<string>();
  readonly #store: ObjectStore;
  readonly #olderThanMs: number;
  readonly #signal: AbortSignal;
  readonly #record = ActivityRecord.current();

  constructor(store: ObjectStore, olderThanMs: number, signal: AbortSignal) {
    this.#store = store;
    this.#olderThanMs = olderThanMs;
    this.#signal = signal;
  }

  /** Shard by shard, as they are listed: a log may have millions of objects. */
  async epoch(at: EpochLocation, readers: readonly LogReader[]): Promise<void> {
    const directory = shardsDirectory(at);
    let open: ShardObjects | undefined;
    for await (const { key, bytes, modifiedMs } of this.#store.list(directory, { signal: this.#signal })) {
      this.bytes += bytes;
      const object = logObjectOf(key.slice(directory.length));
      if (object.kind === 'other') continue;
      const { shard, number } = object;
      if (open !== undefined && open.shard !== shard) await this.#shard(open, readers);
      if (open?.shard !== shard) open = { shard, checkpoints: [], records: [] };
      if (object.kind === 'records') open.records.push({ number, key });
      else open.checkpoints.push({ number, key, writtenMs: modifiedMs ?? Number.POSITIVE_INFINITY });
    }
    if (open !== undefined) await this.#shard(open, readers);
  }

  /** The reader of a window removes its own exports, once the window is in the log. */
  async exports(at: ChangesLocation, olderThanMs: number): Promise<void> {
    const left: string[] = [];
    for await (const { key, modifiedMs } of this.#store.list(windowExportsDirectory(at), {
      signal: this.#signal,
    }))
      if (modifiedMs !== undefined && modifiedMs < olderThanMs) left.push(key);
    await this.#delete(left);
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
    await this.#delete(left);
  }

  async #shard({ shard, checkpoints, records }: ShardObjects, readers: readonly LogReader[]): Promise<void> {
    const listed: ListedShard = { shard, checkpoints };
    const { deletable, keptFor } = planRetention([listed], readers, this.#olderThanMs);
    for (const what of keptFor) this.keptFor.add(what);
    const upTo = deletable[0]?.upTo;
    if (upTo === undefined) return;
    // The checkpoints first: no one then looks for files that are gone.
    await this.#delete(
      [...checkpoints, ...records].flatMap(({ number, key }) => (number <= upTo ? [key] : [])),
    );
  }

  async #delete(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += KEYS_PER_DELETE) {
      const some = keys.slice(from, from + KEYS_PER_DELETE);
      await this.#store.delete(some, { signal: this.#signal });
      this.deleted += some.length;
      this.#record.advance();
    }
  }
}
