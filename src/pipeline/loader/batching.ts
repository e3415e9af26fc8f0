import { fileId, type SourceFile } from './source-file.ts';

/** When a batch starts and how large it gets: the loader's `batch`, or the smallest of those of all loaders of a table. */
export interface Limits {
  readonly maxFiles: number;
  readonly maxBytes: number;
  readonly maxSeconds: number;
}

/** An inbox page as it was read. Pages never change. */
export interface WaitingPage {
  readonly key: string;
  readonly files: readonly SourceFile[];
  /** By S3's clock, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

export type BatchPlan =
  | {
      readonly kind: 'start';
      readonly reason: 'files' | 'bytes' | 'age';
      readonly files: readonly SourceFile[];
      /** The pages that are used up: every file of theirs is in this batch, in an open one, or left over. */
      readonly pages: readonly string[];
      /** Where in the last page files begin that are left over, counted from 0. */
      readonly leftFrom?: number;
    }
  /** These pages hold nothing but files of open batches. */
  | { readonly kind: 'drop'; readonly pages: readonly string[] }
  /** Nothing starts yet. @see dueAtMs when the oldest file will have waited long enough; absent if no file waits */
  | { readonly kind: 'wait'; readonly dueAtMs?: number };

/**
 * Decides which waiting files become the next batch. Takes pages in the order of their keys, oldest first, until the batch
 * is full. A file that is announced twice is taken once. A batch never has more than `maxFiles` files, and never more than
 * `maxBytes`, unless it is a single larger file.
 */
export class BatchPlanner {
  readonly #limits: Limits;
  readonly #isOpen: (id: string) => boolean;
  readonly #seen = new Set<string>();
  readonly #files: SourceFile[] = [];
  readonly #pages: string[] = [];
  #bytes = 0;
  #waiting = { files: 0, bytes: 0 };
  #oldestMs: number | undefined;
  #leftFrom: number | undefined;
  #full: 'files' | 'bytes' | undefined;

  /** @param isOpen whether a file, by its `fileId`, is in a batch that runs or is parked. Default: none is */
  constructor(limits: Limits, isOpen: (id: string) => boolean = () => false) {
    this.#limits = limits;
    this.#isOpen = isOpen;
  }

  /** What waits on the pages added so far. */
  get waiting(): { readonly files: number; readonly bytes: number; readonly oldestMs?: number } {
    return { ...this.#waiting, ...(this.#oldestMs === undefined ? {} : { oldestMs: this.#oldestMs }) };
  }

  /** Later pages cannot change the batch. */
  get isFull(): boolean {
    return this.#full !== undefined;
  }

  add({ key, files, modifiedMs }: WaitingPage): void {
    const wasFull = this.isFull;
    files.forEach((file, index) => {
      const id = fileId(file);
      if (this.#seen.has(id) || this.#isOpen(id)) return;
      this.#seen.add(id);
      this.#wait(file, modifiedMs);
      if (wasFull || this.#leftFrom !== undefined) return;
      if (this.#takes(file)) this.#take(file);
      else this.#leftFrom = index;
    });
    // A page of which nothing was taken stays as it is.
    if (this.#leftFrom === 0) this.#leftFrom = undefined;
    else if (!wasFull) this.#pages.push(key);
  }

  plan(nowMs: number): BatchPlan {
    const dueAtMs =
      this.#oldestMs === undefined ? undefined : this.#oldestMs + this.#limits.maxSeconds * 1000;
    const reason = this.#full ?? (dueAtMs !== undefined && dueAtMs <= nowMs ? 'age' : undefined);
    if (this.#files.length === 0 && this.#pages.length > 0) return { kind: 'drop', pages: this.#pages };
    if (reason === undefined || this.#files.length === 0)
      return { kind: 'wait', ...(dueAtMs === undefined ? {} : { dueAtMs }) };
    return {
      kind: 'start',
      reason,
      files: this.#files,
      pages: this.#pages,
      ...(this.#leftFrom === undefined ? {} : { leftFrom: this.#leftFrom }),
    };
  }

  /** Whether the batch has room for the file. If not, it is full. */
  #takes({ bytes }: SourceFile): boolean {
    const { maxFiles, maxBytes } = this.#limits;
    if (this.#files.length >= maxFiles) this.#full ??= 'files';
    else if (this.#files.length > 0 && this.#bytes + bytes > maxBytes) this.#full ??= 'bytes';
    else return true;
    return false;
  }

  #take(file: SourceFile): void {
    this.#files.push(file);
    this.#bytes += file.bytes;
    if (this.#files.length >= this.#limits.maxFiles) this.#full = 'files';
    else if (this.#bytes >= this.#limits.maxBytes) this.#full = 'bytes';
  }

  /** A file has waited since it was announced, but no longer than since its page was written if its time is wrong. */
  #wait({ at, bytes }: SourceFile, modifiedMs: number): void {
    const announcedMs = Date.parse(at);
    const sinceMs = Number.isNaN(announcedMs) ? modifiedMs : Math.min(announcedMs, modifiedMs);
    this.#oldestMs = Math.min(this.#oldestMs ?? sinceMs, sinceMs);
    this.#waiting = { files: this.#waiting.files + 1, bytes: this.#waiting.bytes + bytes };
  }
}
