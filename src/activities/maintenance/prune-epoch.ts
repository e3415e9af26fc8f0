import type { ObjectStore } from '../../clients/object-store.ts';
import { type EpochLocation, shardKey, shardsDirectory } from '../../pipeline/changes/change-directory.ts';
import type { Listed } from '../../pipeline/changes/lineage.ts';
import type { Epoch } from '../../pipeline/changes/log-documents.ts';
import { logObjectOf } from '../../pipeline/changes/log-objects.ts';
import { type LogReader, planRetention } from '../../pipeline/changes/retention.ts';
import { forgettable, type LoggedShard, removableShards } from '../../pipeline/changes/shard-removal.ts';
import { forgetPositions, type Position } from '../../pipeline/load/positions.ts';
import { leftCursors } from '../../store/changes/history-files.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { findEpoch, readGaps, readShards } from '../../store/changes/log-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { GuardFailed, runTransaction } from '../sql/transaction.ts';
import type { LogReaders } from './log-readers.ts';

/** Few enough for a batch. What is left is deleted the next day. */
const POSITIONS_AT_ONCE = 5_000;

/** What the directory of a shard has. */
interface ShardObjects {
  readonly shard: string;
  /** Of its document; undefined if it has none: an earlier pruning was interrupted. */
  documentMs?: number;
  readonly others: string[];
  newestMs: number;
  readonly checkpoints: { readonly number: number; readonly writtenMs: number; readonly key: string }[];
  readonly records: { readonly number: number; readonly key: string }[];
}

const emptyShard = (shard: string): ShardObjects => ({
  ...{ shard, others: [], newestMs: 0, checkpoints: [], records: [] },
});

/** What is left of a shard's directory. */
interface LeftShard {
  readonly shard: string;
  readonly documentMs: number | undefined;
  readonly newestMs: number;
  /** Its last checkpoint; 0: none. */
  readonly last: number;
  /** Without its document. Only if all of it is old enough to be deleted. */
  readonly keys: readonly string[];
}

/** What the logs of a pipeline lose, epoch by epoch. */
export class EpochPruning {
  /** Of what was listed. */
  bytes = 0;
  /** What keeps changes that are old enough. */
  readonly keptFor = new Set<string>();
  readonly #deps: Pick<Dependencies, 'changeStreams'>;
  readonly #store: ObjectStore;
  readonly #readers: LogReaders;
  readonly #olderThanMs: number;
  readonly #remove: (keys: readonly string[], store?: ObjectStore) => Promise<void>;
  readonly #signal: AbortSignal;

  /** @param options `remove` deletes objects, of the log's bucket unless another store is given */
  constructor(
    deps: Pick<Dependencies, 'changeStreams'>,
    {
      store,
      readers,
      olderThanMs,
      remove,
      signal,
    }: {
      readonly store: ObjectStore;
      readonly readers: LogReaders;
      readonly olderThanMs: number;
      readonly remove: (keys: readonly string[], store?: ObjectStore) => Promise<void>;
      readonly signal: AbortSignal;
    },
  ) {
    this.#deps = deps;
    this.#store = store;
    this.#readers = readers;
    this.#olderThanMs = olderThanMs;
    this.#remove = remove;
    this.#signal = signal;
  }

  async prune(at: EpochLocation): Promise<void> {
    const log: ChangeLog = { store: this.#store, at };
    const ofEpoch = await this.#readers.of(at.epoch);
    const left = await this.#checkpoints(at, ofEpoch);
    const logged = await this.#shards(log, left, ofEpoch);
    if (logged === undefined) return;
    await this.#positions(log, logged);
    for (const history of this.#readers.histories) {
      const of = { logged: new Set(logged), olderThanMs: this.#olderThanMs };
      const keys = await leftCursors(history, at.epoch, of, this.#signal);
      await this.#remove(keys, history.store);
    }
  }

  /** Shard by shard, as they are listed: a log may have millions of objects. */
  async #checkpoints(at: EpochLocation, readers: readonly LogReader[]): Promise<LeftShard[]> {
    const directory = shardsDirectory(at);
    const left: LeftShard[] = [];
    let open: ShardObjects | undefined;
    for await (const { key, bytes, modifiedMs = Number.POSITIVE_INFINITY } of this.#store.list(directory, {
      signal: this.#signal,
    })) {
      this.bytes += bytes;
      const object = logObjectOf(key.slice(directory.length));
      const { shard } = object;
      if (open !== undefined && open.shard !== shard) left.push(await this.#shard(open, readers));
      if (open?.shard !== shard) open = emptyShard(shard);
      open.newestMs = Math.max(open.newestMs, modifiedMs);
      if (object.kind === 'shard') open.documentMs = modifiedMs;
      else if (object.kind === 'other') open.others.push(key);
      else if (object.kind === 'records') open.records.push({ number: object.number, key });
      else open.checkpoints.push({ number: object.number, key, writtenMs: modifiedMs });
    }
    if (open !== undefined) left.push(await this.#shard(open, readers));
    return left;
  }

  /** Removes whole shards. @returns those that stay; undefined if the log was never opened */
  async #shards(
    log: ChangeLog,
    left: readonly LeftShard[],
    readers: readonly LogReader[],
  ): Promise<string[] | undefined> {
    const epoch = await findEpoch(log, this.#signal);
    if (epoch === undefined) return undefined;
    const isOld = ({ newestMs }: LeftShard) => newestMs < this.#olderThanMs;
    const found = new Map(left.map((each) => [each.shard, each]));
    const removed = new Set(left.some(isOld) ? await this.#removable(log, epoch, found, readers) : []);
    // The documents first: no one then looks for what follows.
    await this.#remove([...removed].map((shard) => shardKey({ ...log.at, shard })));
    const isGone = (each: LeftShard) =>
      removed.has(each.shard) || (each.documentMs === undefined && isOld(each));
    await this.#remove(left.flatMap((each) => (isGone(each) ? each.keys : [])));
    return left.flatMap((each) => (isGone(each) ? [] : [each.shard]));
  }

  async #removable(
    log: ChangeLog,
    { roots, streamArn }: Epoch,
    found: ReadonlyMap<string, LeftShard>,
    readers: readonly LogReader[],
  ): Promise<string[]> {
    const documents = await readShards(log, undefined, this.#signal);
    const shards = documents.map(({ shard, parent }): LoggedShard => {
      const { documentMs, newestMs, last } = found.get(shard) ?? JUST_FOUND;
      return {
        ...{ shard, parent, last, foundMs: documentMs ?? Number.POSITIVE_INFINITY, writtenMs: newestMs },
      };
    });
    const isOver = (await readGaps(log, undefined, this.#signal)).some(({ shard }) => shard === undefined);
    const removable = (listed: readonly Listed[]) =>
      removableShards({ roots, shards, listed, isOver }, readers, this.#olderThanMs);
    if (streamArn === undefined || removable([]).length === 0) return removable([]);
    const listed = await this.#deps.changeStreams.shards(streamArn, { signal: this.#signal });
    return removable(listed?.shards ?? []);
  }

  /** If another process moves the positions of a schema meanwhile, they stay until the next day. */
  async #positions(log: ChangeLog, logged: readonly string[]): Promise<void> {
    const { epoch } = log.at;
    const { live } = this.#readers;
    const isLogged = new Set(logged);
    const isLeft = (row: Position) => row.epoch === epoch && row.ended && !isLogged.has(row.shard);
    if (!live.some(({ rows }) => rows.some(isLeft))) return;
    const documents = await readShards(log, undefined, this.#signal);
    for (const { database, schema, rows } of live) {
      const forgotten = forgettable(rows, epoch, documents).slice(0, POSITIONS_AT_ONCE);
      // Without any, a schema counts as one that follows no changes.
      if (forgotten.length === 0 || forgotten.length === rows.length) continue;
      const name = `tributary forget positions of ${schema}`;
      const statements = forgetPositions(schema, rows, forgotten);
      await runTransaction(database, { name, scope: schema, statements }, this.#signal).catch(
        (error: unknown) => {
          if (!(error instanceof GuardFailed)) throw error;
        },
      );
      ActivityRecord.current().advance();
    }
  }

  async #shard(found: ShardObjects, readers: readonly LogReader[]): Promise<LeftShard> {
    const { shard, checkpoints, records, others, documentMs, newestMs } = found;
    const { deletable, keptFor } = planRetention([{ shard, checkpoints }], readers, this.#olderThanMs);
    for (const what of keptFor) this.keptFor.add(what);
    const upTo = deletable[0]?.upTo ?? 0;
    // The checkpoints first: no one then looks for files that are gone.
    const objects = [...checkpoints, ...records];
    await this.#remove(objects.flatMap(({ number, key }) => (number <= upTo ? [key] : [])));
    const rest = objects.flatMap(({ number, key }) => (number <= upTo ? [] : [key]));
    return {
      ...{ shard, documentMs, newestMs, last: checkpoints.at(-1)?.number ?? 0 },
      keys: newestMs < this.#olderThanMs ? [...rest, ...others] : [],
    };
  }
}

/** A shard that was added after the log was listed. */
const JUST_FOUND: Pick<LeftShard, 'documentMs' | 'newestMs' | 'last'> = {
  ...{ documentMs: Number.POSITIVE_INFINITY, newestMs: Number.POSITIVE_INFINITY, last: 0 },
};
