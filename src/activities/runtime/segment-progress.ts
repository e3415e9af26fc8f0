import type { Page } from '../../clients/source.ts';
import { RateMeter } from '../../pipeline/run/rate-meter.ts';
import type { Cursor } from '../../pipeline/run/segments/cursor.ts';
import type { StepProgress } from '../../pipeline/run/step-progress.ts';

/** The most characters of a key that a message shows. */
const MAX_KEY_CHARACTERS = 300;

/** What a checkpoint says about progress. */
export interface ReachedCheckpoint {
  readonly number: number;
  readonly items: number;
  /** Compressed bytes written. */
  readonly bytes: number;
  readonly readUnits: number;
  readonly cursor?: Cursor | undefined;
}

/** How far the scan of one segment has come: its checkpoints, and the pages read since the last one. */
export class SegmentProgress {
  readonly #items = new RateMeter(Date.now());
  readonly #readUnits = new RateMeter(Date.now());
  #table = 'the table';
  #last: ReachedCheckpoint | undefined;
  #total = { items: 0, bytes: 0, readUnits: 0 };
  #pages = { count: 0, items: 0, readUnits: 0 };

  /** @param checkpoints those that exist already. Call it again if another attempt may have written some. */
  resume(table: string, checkpoints: readonly ReachedCheckpoint[]): void {
    this.#table = table;
    this.#last = undefined;
    this.#total = { items: 0, bytes: 0, readUnits: 0 };
    for (const checkpoint of checkpoints) this.wrote(checkpoint);
  }

  page({ count, readUnits }: Pick<Page, 'count' | 'readUnits'>): void {
    this.#pages.count++;
    this.#pages.items += count;
    this.#pages.readUnits += readUnits;
    this.#items.add(count, Date.now());
    this.#readUnits.add(readUnits, Date.now());
  }

  wrote(checkpoint: ReachedCheckpoint): void {
    this.#last = checkpoint;
    this.#total.items += checkpoint.items;
    this.#total.bytes += checkpoint.bytes;
    this.#total.readUnits += checkpoint.readUnits;
    this.#pages = { count: 0, items: 0, readUnits: 0 };
  }

  /**
   * What is read next, for a failure: the table, the last checkpoint, and the key that comes before.
   * @param redacted whether keys must not be shown
   */
  place(redacted: boolean): string {
    if (this.#last === undefined) return `reading ${this.#table} from the segment's beginning`;
    const after = `reading ${this.#table} after checkpoint ${this.#last.number}`;
    if (redacted || this.#last.cursor === undefined) return after;
    const key = JSON.stringify(this.#last.cursor);
    return `${after}, from the item that follows key ${key.length > MAX_KEY_CHARACTERS ? `${key.slice(0, MAX_KEY_CHARACTERS)}…` : key}`;
  }

  /** For heartbeats. */
  details(): StepProgress {
    const nowMs = Date.now();
    const { number = 0 } = this.#last ?? {};
    const since = number === 0 ? '' : ` after checkpoint ${number}`;
    return {
      doing: `reading ${this.#table}${since}: ${this.#pages.items} items in ${this.#pages.count} pages`,
      checkpoint: number,
      items: this.#total.items + this.#pages.items,
      bytes: this.#total.bytes,
      readUnits: this.#total.readUnits + this.#pages.readUnits,
      perSecond: {
        items: Math.round(this.#items.perSecond(nowMs)),
        readUnits: Math.round(this.#readUnits.perSecond(nowMs) * 10) / 10,
      },
    };
  }
}
