import { randomBytes } from 'node:crypto';
import type { AdjustableClock } from '../adjustable-clock.ts';
import { sameContent } from '../item.ts';
import { hashOf, type KeyNames } from '../item-key.ts';
import type { SequenceNumbers } from './sequence-numbers.ts';
import { ALL_HASHES, type HashRange, Shard } from './shard.ts';
import { type Change, streamRecord, type ViewType } from './stream-record.ts';

/** How long DynamoDB keeps records, closed shards and disabled streams. */
export const RETENTION_MS = 24 * 60 * 60 * 1000;

/** A table, as far as its stream needs it. */
export interface StreamedTable {
  readonly name: string;
  readonly arn: string;
  /** In the form of DescribeTable. */
  readonly keySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
}

interface StreamOptions {
  readonly table: StreamedTable;
  readonly viewType: ViewType;
  readonly label: string;
  readonly partitions: number;
  readonly clock: AdjustableClock;
  readonly sequences: SequenceNumbers;
}

/** The stream of a table, from when it is enabled until it is disabled, and the records of its last 24 hours. */
export class Stream {
  readonly table: StreamedTable;
  readonly keyNames: KeyNames;
  readonly viewType: ViewType;
  readonly label: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly #clock: AdjustableClock;
  readonly #sequences: SequenceNumbers;
  readonly #region: string;
  /** Parents before children. */
  #shards: Shard[] = [];
  #open: Shard[] = [];
  #disabledAtMs: number | undefined;

  constructor(options: StreamOptions) {
    const { table, viewType, label, partitions, clock, sequences } = options;
    this.table = table;
    this.keyNames = ['HASH', 'RANGE'].flatMap((type) =>
      table.keySchema.flatMap((each) => (each.KeyType === type ? each.AttributeName : [])),
    );
    this.viewType = viewType;
    this.label = label;
    this.arn = `${table.arn}/stream/${label}`;
    this.createdAtMs = clock.nowMs();
    this.#clock = clock;
    this.#sequences = sequences;
    this.#region = table.arn.split(':')[3] ?? 'us-east-1';
    for (let index = 0; index < partitions; index++) {
      const [from, to] = [index, index + 1].map((each) => Math.floor((ALL_HASHES.to * each) / partitions));
      this.#addShard({ from: from!, to: to! });
    }
  }

  get isEnabled(): boolean {
    return this.#disabledAtMs === undefined;
  }

  /** True once DynamoDB has forgotten it. */
  get isGone(): boolean {
    return this.#disabledAtMs !== undefined && this.#disabledAtMs + RETENTION_MS <= this.#clock.nowMs();
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
    const hash = hashOf(this.keyNames, change.key);
    const shard = this.#open.find((each) => each.holds(hash))!;
    const sequence = this.#sequences.next();
    const addedAtMs = this.#clock.nowMs();
    const { json, size } = streamRecord(change, {
      viewType: this.viewType,
      region: this.#region,
      sequence,
      atMs: addedAtMs,
    });
    shard.records.add({ sequence, addedAtMs, size }, json);
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
    return ranges.map((range) => this.#addShard(range, shard.id));
  }

  disable(): void {
    if (!this.isEnabled) return;
    for (const shard of this.#open) this.#close(shard);
    this.#disabledAtMs = this.#clock.nowMs();
  }

  /** Trims what is older than 24 hours, and forgets shards that were closed before that. */
  expire(): void {
    const beforeMs = this.#clock.nowMs() - RETENTION_MS;
    for (const { records } of this.#shards) records.trimWhile(({ addedAtMs }) => addedAtMs <= beforeMs);
    this.forget((shard) => shard.closedAtMs !== undefined && shard.closedAtMs <= beforeMs);
  }

  forget(shall: (shard: Shard) => boolean): void {
    if (this.#shards.some(shall)) this.#shards = this.#shards.filter((shard) => !shall(shard));
  }

  #addShard(range: HashRange, parent?: string): Shard {
    const time = String(this.#clock.nowMs()).padStart(20, '0');
    const id = `shardId-${time}-${randomBytes(4).toString('hex')}`;
    const shard = new Shard({ id, parent, range, starting: this.#sequences.next() });
    this.#shards.push(shard);
    this.#open.push(shard);
    return shard;
  }

  #close(shard: Shard): void {
    shard.close(this.#sequences.next(), this.#clock.nowMs());
    this.#open = this.#open.filter((each) => each !== shard);
  }
}
