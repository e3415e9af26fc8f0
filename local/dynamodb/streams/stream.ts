import { randomBytes } from 'node:crypto';
import { sameContent } from '../item.ts';
import { hashOf, type KeyNames } from '../item-key.ts';
import type { AdjustableClock } from '../table-clocks.ts';
import type { SequenceNumbers } from './sequence-numbers.ts';
import { ALL_HASHES, type HashRange, Shard, type ShardState } from './shard.ts';
import { type Change, streamRecord, type ViewType } from './stream-record.ts';

/** How long DynamoDB keeps records, closed shards and disabled streams. */
const RETENTION_MS = 24 * 60 * 60 * 1000;

/** How long DynamoDB leaves a shard open, even if it has no records: about so long. */
const OPEN_MS = 4 * 60 * 60 * 1000;

/** A table, as far as its stream needs it. */
export interface StreamedTable {
  readonly name: string;
  readonly arn: string;
  /** In the form of DescribeTable. */
  readonly keySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
}

interface StreamContext {
  /** The table's. */
  readonly clock: AdjustableClock;
  readonly sequences: SequenceNumbers;
  /** Called after anything but its records has changed. */
  readonly changed: () => void;
  /** Called after a record was added. */
  readonly recorded: (bytes: number) => void;
}

/** What outlives a restart, apart from records. */
export interface StreamState {
  readonly table: StreamedTable;
  readonly viewType: ViewType;
  readonly label: string;
  readonly createdAtMs: number;
  readonly disabledAtMs?: number | undefined;
  readonly shards: readonly ShardState[];
}

/** The stream of a table, from when it is enabled until it is disabled, and the records of its last 24 hours. */
export class Stream {
  readonly table: StreamedTable;
  readonly keyNames: KeyNames;
  readonly viewType: ViewType;
  readonly label: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly #context: StreamContext;
  readonly #region: string;
  /** Parents before children. */
  #shards: Shard[];
  #open: Shard[];
  #disabledAtMs: number | undefined;

  constructor(state: StreamState, context: StreamContext) {
    const { table, viewType, label } = state;
    this.table = table;
    this.keyNames = ['HASH', 'RANGE'].flatMap((type) =>
      table.keySchema.flatMap((each) => (each.KeyType === type ? each.AttributeName : [])),
    );
    this.viewType = viewType;
    this.label = label;
    this.arn = `${table.arn}/stream/${label}`;
    this.createdAtMs = state.createdAtMs;
    this.#disabledAtMs = state.disabledAtMs;
    this.#context = context;
    this.#region = table.arn.split(':')[3] ?? 'us-east-1';
    this.#shards = state.shards.map((shard) => new Shard(shard));
    this.#open = this.#shards.filter(({ isOpen }) => isOpen);
  }

  /** A new stream of a table. @param partitions how many shards it has at first */
  static enable(
    start: Pick<StreamState, 'table' | 'viewType' | 'label'>,
    partitions: number,
    context: StreamContext,
  ): Stream {
    const stream = new Stream({ ...start, createdAtMs: context.clock.nowMs(), shards: [] }, context);
    for (let index = 0; index < partitions; index++) {
      const [from, to] = [index, index + 1].map((each) => Math.floor((ALL_HASHES.to * each) / partitions));
      stream.#addShard({ from: from!, to: to! });
    }
    return stream;
  }

  get state(): StreamState {
    const { table, viewType, label, createdAtMs } = this;
    const shards = this.#shards.map(({ state }) => state);
    return { table, viewType, label, createdAtMs, disabledAtMs: this.#disabledAtMs, shards };
  }

  get clock(): AdjustableClock {
    return this.#context.clock;
  }

  get isEnabled(): boolean {
    return this.#disabledAtMs === undefined;
  }

  /** True once DynamoDB has forgotten it. */
  get isGone(): boolean {
    return (
      this.#disabledAtMs !== undefined && this.#disabledAtMs + RETENTION_MS <= this.#context.clock.nowMs()
    );
  }

  /** Parents before children. */
  get shards(): readonly Shard[] {
    return this.#shards;
  }

  shard(id: string): Shard | undefined {
    return this.#shards.find((each) => each.id === id);
  }

  /** Records a change, unless nothing changed. */
  record(change: Change): void {
    if (!this.isEnabled || sameContent(change.before, change.after)) return;
    this.#rollOld();
    const hash = hashOf(this.keyNames, change.key);
    const shard = this.#open.find((each) => each.holds(hash))!;
    const sequence = this.#context.sequences.next();
    const addedAtMs = this.#context.clock.nowMs();
    const { json, size } = streamRecord(change, {
      viewType: this.viewType,
      region: this.#region,
      sequence,
      atMs: addedAtMs,
    });
    shard.records.add({ sequence, addedAtMs, size }, json);
    this.#context.recorded(json.length);
  }

  /** Closes an open shard, whose keys then belong to children. @param ways 1: one child with all keys; 2: two with half the hashes each */
  succeed(shard: Shard, ways: 1 | 2): readonly Shard[] {
    const { from, to } = shard.range;
    const middle = Math.floor((from + to) / 2);
    this.#close(shard);
    const ranges =
      ways === 1
        ? [shard.range]
        : [
            { from, to: middle },
            { from: middle, to },
          ];
    const children = ranges.map((range) => this.#addShard(range, shard.id));
    this.#context.changed();
    return children;
  }

  /** Whether a change took effect is not known: no reader may pass over it, so every position counts as trimmed. */
  lose(): void {
    const lost = this.#context.sequences.next();
    for (const { records } of this.#open) {
      records.trimWhile(() => true);
      records.trimmedUpTo = lost;
    }
  }

  disable(): void {
    if (!this.isEnabled) return;
    for (const shard of this.#open) this.#close(shard);
    this.#disabledAtMs = this.#context.clock.nowMs();
    this.#context.changed();
  }

  /** Trims what is older than 24 hours, forgets shards that were closed before that, and closes those open for 4 hours. */
  expire(): void {
    this.#rollOld();
    const beforeMs = this.#context.clock.nowMs() - RETENTION_MS;
    for (const { records } of this.#shards) records.trimWhile((addedAtMs) => addedAtMs <= beforeMs);
    this.forget((shard) => shard.closedAtMs !== undefined && shard.closedAtMs <= beforeMs);
  }

  forget(shall: (shard: Shard) => boolean): void {
    if (!this.#shards.some(shall)) return;
    this.#shards = this.#shards.filter((shard) => !shall(shard));
    this.#context.changed();
  }

  #rollOld(): void {
    const beforeMs = this.#context.clock.nowMs() - OPEN_MS;
    for (const shard of this.#open) if (shard.openedAtMs <= beforeMs) this.succeed(shard, 1);
  }

  #addShard(range: HashRange, parent?: string): Shard {
    const time = String(this.#context.clock.nowMs()).padStart(20, '0');
    const id = `shardId-${time}-${randomBytes(4).toString('hex')}`;
    const shard = new Shard({
      id,
      parent,
      range,
      starting: this.#context.sequences.next(),
      openedAtMs: this.#context.clock.nowMs(),
    });
    this.#shards.push(shard);
    this.#open.push(shard);
    return shard;
  }

  #close(shard: Shard): void {
    shard.close(this.#context.sequences.next(), this.#context.clock.nowMs());
    this.#open = this.#open.filter((each) => each !== shard);
  }
}
