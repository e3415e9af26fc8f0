import { createHash } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { type Listing, ListingShard } from '../../pipeline/loader/listing.ts';
import { compareBytes } from '../../pipeline/sql/identifier.ts';
import { findDocument, JSON_FILE } from '../document.ts';

/** Files of one shard, about a megabyte. One shard is in memory at a time. */
const SHARD_FILES = 5_000;

export interface SeenShards {
  readonly store: ObjectStore;
  /** The key of a shard by its hash. */
  keyOf(hash: string): string;
}

interface OpenShard {
  /** Undefined after the last one. */
  readonly shard: Listing['seen'][number] | undefined;
  /** ETags by key. */
  readonly known: ReadonlyMap<string, string>;
  readonly lastKey: string;
}

const NOTHING_KNOWN: OpenShard = { shard: undefined, known: new Map(), lastKey: '' };

/**
 * Which files earlier listings have seen. S3 lists keys in byte order, so one pass over the sorted shards beside the
 * listing tells, with one shard in memory, however many files there are. Shards that gain files are rewritten; files
 * that are no longer listed are dropped with the next rewrite.
 */
export class SeenFiles {
  readonly #at: SeenShards;
  readonly #signal: AbortSignal;
  /** Shards that lie ahead. */
  #ahead: readonly Listing['seen'][number][];
  readonly #behind: Listing['seen'] = [];
  #open: OpenShard | undefined;
  /** What the open shard will contain. */
  #files: ListingShard['files'] = [];
  #gained = false;

  constructor(at: SeenShards, seen: Listing['seen'], signal: AbortSignal) {
    this.#at = at;
    this.#ahead = seen;
    this.#signal = signal;
  }

  /**
   * Notes a file. Files must come in byte order of their keys.
   * @param etag without quotes
   * @returns whether it is new, and whether the shards before it have changed: then `soFar` is worth keeping
   */
  async see(key: string, etag: string): Promise<{ readonly isNew: boolean; readonly turned: boolean }> {
    const turned = await this.#turnTo(key);
    const isNew = this.#open?.known.get(key) !== etag;
    this.#files.push([key, etag]);
    this.#gained ||= isNew;
    return { isNew, turned };
  }

  /** All shards, as far as they are written: those before the file that was noted last, and the old ones after it. */
  soFar(): Listing['seen'] {
    const open = this.#open?.shard;
    return [...this.#behind, ...(open === undefined ? [] : [open]), ...this.#ahead];
  }

  /** Ends the pass. @returns the shards of the files that it noted */
  async finish(): Promise<Listing['seen']> {
    if (this.#open !== undefined) await this.#close();
    // The shards ahead have files that are no longer listed.
    this.#ahead = [];
    return [...this.#behind];
  }

  async #turnTo(key: string): Promise<boolean> {
    let turned = false;
    const isBehind = () => {
      const [next] = this.#ahead;
      return next !== undefined && compareBytes(next.first, key) <= 0;
    };
    while (this.#open === undefined || isBehind()) {
      if (this.#open !== undefined) turned = (await this.#close()) || turned;
      const [next, ...rest] = this.#ahead;
      this.#ahead = rest;
      this.#open = next === undefined ? NOTHING_KNOWN : { shard: next, ...(await this.#read(next.hash)) };
    }
    // A long run of new keys after those of the shard: what is here becomes shards of its own.
    if (this.#files.length >= 2 * SHARD_FILES && compareBytes(this.#open.lastKey, key) < 0) {
      turned = (await this.#close()) || turned;
      this.#open = NOTHING_KNOWN;
    }
    return turned;
  }

  /** @returns whether the shard was written */
  async #close(): Promise<boolean> {
    const { shard } = this.#open!;
    this.#open = undefined;
    const isKept = shard !== undefined && !this.#gained && this.#files.length * 2 >= shard.files;
    if (isKept) {
      this.#behind.push(shard);
      this.#files = [];
      this.#gained = false;
      return false;
    }
    await this.#write();
    return true;
  }

  async #write(): Promise<void> {
    const files = this.#files;
    this.#files = [];
    this.#gained = false;
    for (let start = 0; start < files.length; start += SHARD_FILES) {
      const some = files.slice(start, start + SHARD_FILES);
      const body = JSON.stringify({ version: 1, files: some } satisfies ListingShard);
      const hash = createHash('sha256').update(body).digest('hex').slice(0, 32);
      await this.#at.store.put(this.#at.keyOf(hash), body, { signal: this.#signal, ...JSON_FILE });
      this.#behind.push({ first: some[0]![0], hash, files: some.length });
    }
  }

  /** A shard that is gone or damaged makes its files new again: they are announced once more, which is harmless. */
  async #read(hash: string): Promise<Pick<OpenShard, 'known' | 'lastKey'>> {
    const { store } = this.#at;
    try {
      const at = { store, key: this.#at.keyOf(hash), schema: ListingShard };
      const { files = [] } = (await findDocument(at, this.#signal)) ?? {};
      return { known: new Map(files), lastKey: files.at(-1)?.[0] ?? '' };
    } catch (error) {
      if (error instanceof Terminal && error.code === 'DamagedFile') return NOTHING_KNOWN;
      throw error;
    }
  }
}
