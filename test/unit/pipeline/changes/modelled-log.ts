import { ReadOrder } from '../../../../src/pipeline/apply/read-order.ts';
import type { LogShard } from '../../../../src/pipeline/changes/log-documents.ts';
import { type LogReader, planRetention } from '../../../../src/pipeline/changes/retention.ts';
import { forgettable, removableShards } from '../../../../src/pipeline/changes/shard-removal.ts';
import { deletedBefore, startPositions } from '../../../../src/pipeline/changes/start-positions.ts';
import type { Position } from '../../../../src/pipeline/load/positions.ts';

const EPOCH = 'e';
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const KEEP_MS = 2 * DAY_MS;
const SETTLE_MS = HOUR_MS / 12;

interface Checkpoint {
  readonly number: number;
  readonly writtenMs: number;
  readonly ended: boolean;
  readonly record: number | undefined;
}

interface Shard {
  readonly shard: string;
  readonly parent: string | undefined;
  foundMs: number | undefined;
  closedMs: number | undefined;
  count: number;
  /** Those that retention has left. */
  checkpoints: Checkpoint[];
}

/** Tables: what they say they have, and what they have. */
export interface Tables {
  readonly name: string;
  readonly plannedMs: number;
  positions: Position[];
  readonly has: Set<number>;
}

/** The changes that tables need are no longer in the log. */
export class Missing extends Error {}

/** A stream, its log, and what reads that: the decisions are the real ones, and everything else is in memory. */
export class ModelledLog {
  nowMs = 1000 * DAY_MS;
  readonly roots: readonly string[];
  live: Tables;
  backup: Tables | undefined;
  staging: Tables | undefined;
  /** The last checkpoint of each shard that a history has. */
  readonly history = new Map<string, number>();
  records = 0;
  readonly removed: { readonly shard: string; readonly writtenMs: number }[] = [];
  readonly #shards = new Map<string, Shard>();
  readonly #log = new Set<string>();
  readonly #isStream: boolean;
  #named = 0;

  /** @param isStream its shards are listed, as those of exports are not */
  constructor(partitions: number, isStream: boolean) {
    this.#isStream = isStream;
    for (let n = 0; n < partitions; n++) this.#open(undefined);
    this.roots = [...this.#shards.keys()];
    this.look();
    this.live = this.#planned('live');
  }

  get logged(): Shard[] {
    return [...this.#log].map((shard) => this.#shards.get(shard) as Shard);
  }

  /** What the stream still lists: as on AWS, for a day. */
  get listed(): Shard[] {
    if (!this.#isStream) return [];
    return [...this.#shards.values()].filter(
      ({ closedMs }) => closedMs === undefined || closedMs > this.nowMs - DAY_MS,
    );
  }

  /** Shards that take records, and have a reader. */
  get open(): Shard[] {
    return this.logged.filter(({ closedMs }) => closedMs === undefined);
  }

  #open(parent: string | undefined): void {
    const shard = `s${String(this.#named++).padStart(4, '0')}`;
    const fresh = { shard, parent, foundMs: undefined, closedMs: undefined, count: 0, checkpoints: [] };
    this.#shards.set(shard, fresh);
  }

  write(shard: Shard, ended = false, isEmpty = false): void {
    const record = isEmpty ? undefined : this.records++;
    shard.checkpoints.push({ number: ++shard.count, writtenMs: this.nowMs, ended, record });
  }

  close(shard: Shard, ways: number, isEmpty: boolean): void {
    this.write(shard, true, isEmpty);
    shard.closedMs = this.nowMs;
    for (let n = 0; n < ways; n++) this.#open(shard.shard);
  }

  /** New shards enter the log. */
  look(): void {
    for (const each of this.#shards.values())
      if (each.foundMs === undefined) {
        each.foundMs = this.nowMs;
        this.#log.add(each.shard);
      }
  }

  /** Reads at most so many checkpoints into tables. @throws Missing */
  apply(tables: Tables, atMost: number): void {
    const order = new ReadOrder(EPOCH, this.#documents(), tables.positions);
    for (let taken = 0; taken < atMost; taken++) {
      const missing = order.missing();
      if (missing !== undefined) throw new Missing(`${tables.name} needs ${missing}`);
      const next = order
        .readable()
        .map(({ shard, after }) => ({
          after,
          checkpoint: this.#shards.get(shard)?.checkpoints.find(({ number }) => number > after),
          shard,
        }))
        .find(({ checkpoint }) => checkpoint !== undefined);
      if (next?.checkpoint === undefined) break;
      const { after, shard, checkpoint } = next;
      if (checkpoint.number !== after + 1) throw new Missing(`${tables.name} needs ${shard}/${after + 1}`);
      if (checkpoint.record !== undefined) tables.has.add(checkpoint.record);
      order.took({ shard, ...checkpoint });
    }
    const moved = new Map(order.moved().map((position) => [position.shard, position]));
    tables.positions = [...tables.positions.filter(({ shard }) => !moved.has(shard)), ...moved.values()];
  }

  readIntoHistory(): void {
    for (const { shard, checkpoints } of this.logged) {
      const last = checkpoints.at(-1)?.number;
      if (last !== undefined) this.history.set(shard, last);
    }
  }

  refresh(): void {
    this.staging = this.#planned('staging');
  }

  /** @returns whether staging went live */
  swap(): boolean {
    const { staging, live } = this;
    if (staging === undefined) return false;
    const has = new Map(staging.positions.map((position) => [position.shard, position]));
    for (const position of live.positions) {
      if (position.checkpoint <= (has.get(position.shard)?.checkpoint ?? 0)) continue;
      // As `shardsBehindLive` takes it over.
      if (!position.ended || has.has(position.shard) || this.#log.has(position.shard)) return false;
      staging.positions.push(position);
    }
    for (const record of live.has)
      if (!staging.has.has(record)) throw new Error(`the swap takes record ${record} back`);
    this.backup = live;
    this.live = staging;
    this.staging = undefined;
    return true;
  }

  rollBack(): void {
    if (this.backup === undefined) return;
    this.live = this.backup;
    this.backup = undefined;
  }

  /** @param isInterrupted before positions are forgotten */
  prune(isInterrupted = false): void {
    const olderThanMs = this.nowMs - KEEP_MS - DAY_MS;
    const tables = [this.live, this.backup].filter((each) => each !== undefined);
    const readers: LogReader[] = tables.map(({ name, positions }) => ({
      ...{ what: name, kind: 'tables' },
      at: new Map(positions.map(({ shard, checkpoint }) => [shard, checkpoint])),
    }));
    readers.push({ what: 'history', kind: 'history', at: this.history });
    for (const each of this.logged) {
      const { deletable } = planRetention([each], readers, olderThanMs);
      const upTo = deletable[0]?.upTo ?? 0;
      each.checkpoints = each.checkpoints.filter(({ number }) => number > upTo);
    }
    const shards = this.logged.map(({ shard, parent, foundMs, checkpoints, count }) => ({
      ...{ shard, parent, foundMs: foundMs as number, last: count },
      writtenMs: checkpoints.at(-1)?.writtenMs ?? 0,
    }));
    const listed = this.listed.map(({ shard, parent }) => ({ id: shard, parent }));
    const { roots } = this;
    for (const shard of removableShards({ roots, shards, listed, isOver: false }, readers, olderThanMs)) {
      this.#log.delete(shard);
      const { checkpoints } = this.#shards.get(shard) as Shard;
      this.removed.push({ shard, writtenMs: checkpoints.at(-1)?.writtenMs ?? 0 });
      this.history.delete(shard);
    }
    if (isInterrupted) return;
    const { live } = this;
    const forgotten = new Set(forgettable(live.positions, EPOCH, this.#documents()));
    live.positions = live.positions.filter((position) => !forgotten.has(position));
  }

  #documents(): LogShard[] {
    return this.logged.map(({ shard, parent }) => ({
      ...{ version: 1, shard, foundAt: '', open: false, since: '' },
      ...(parent === undefined ? {} : { parent }),
    }));
  }

  #planned(name: string): Tables {
    const placeOf = (found: Checkpoint | undefined) => found && { number: found.number, ended: found.ended };
    const shards = this.logged.map(({ shard, parent, checkpoints }) => ({
      ...{ shard, parent },
      held:
        placeOf(checkpoints.findLast(({ writtenMs }) => writtenMs <= this.nowMs - SETTLE_MS)) ??
        deletedBefore(checkpoints[0]?.number),
      last: placeOf(checkpoints.at(-1)),
    }));
    const positions = startPositions(EPOCH, this.roots, shards);
    const has = new Set(Array.from({ length: this.records }, (_, n) => n));
    return { name, plannedMs: this.nowMs, positions, has };
  }
}
