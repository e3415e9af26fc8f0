import { RecordLog } from './record-log.ts';
import type { Sequence } from './sequence-numbers.ts';

/** Partition keys whose hash is from `from` to below `to`. */
export interface HashRange {
  readonly from: number;
  readonly to: number;
}

export const ALL_HASHES: HashRange = { from: 0, to: 2 ** 32 };

/** What outlives a restart, apart from records. */
export interface ShardState {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly range: HashRange;
  readonly starting: Sequence;
  readonly openedAtMs: number;
  readonly closed?: { readonly ending: Sequence; readonly atMs: number } | undefined;
}

/** One shard of a stream: open, and then closed. */
export class Shard {
  readonly id: string;
  readonly parent: string | undefined;
  readonly range: HashRange;
  /** Less than those of all its records. */
  readonly starting: Sequence;
  readonly openedAtMs: number;
  readonly records = new RecordLog();
  #closed: ShardState['closed'];

  constructor({ id, parent, range, starting, openedAtMs, closed }: ShardState) {
    this.id = id;
    this.parent = parent;
    this.range = range;
    this.starting = starting;
    this.openedAtMs = openedAtMs;
    this.#closed = closed;
  }

  get state(): ShardState {
    const { id, parent, range, starting, openedAtMs } = this;
    return { id, parent, range, starting, openedAtMs, closed: this.#closed };
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  /** Greater than those of all its records; undefined while it is open. */
  get ending(): Sequence | undefined {
    return this.#closed?.ending;
  }

  get closedAtMs(): number | undefined {
    return this.#closed?.atMs;
  }

  close(ending: Sequence, atMs: number): void {
    this.#closed = { ending, atMs };
  }

  holds(hash: number): boolean {
    return this.range.from <= hash && hash < this.range.to;
  }
}
