import { RecordLog } from './record-log.ts';
import type { Sequence } from './sequence-numbers.ts';

/** Partition keys whose hash is from `from` to below `to`. */
export interface HashRange {
  readonly from: number;
  readonly to: number;
}

export const ALL_HASHES: HashRange = { from: 0, to: 2 ** 32 };

interface ShardOptions {
  readonly id: string;
  readonly parent?: string | undefined;
  readonly range: HashRange;
  readonly starting: Sequence;
}

/** One shard of a stream: open, and then closed. */
export class Shard {
  readonly id: string;
  readonly parent: string | undefined;
  readonly range: HashRange;
  /** Less than those of all its records. */
  readonly starting: Sequence;
  readonly records = new RecordLog();
  #closed: { readonly ending: Sequence; readonly atMs: number } | undefined;

  constructor({ id, parent, range, starting }: ShardOptions) {
    this.id = id;
    this.parent = parent;
    this.range = range;
    this.starting = starting;
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
