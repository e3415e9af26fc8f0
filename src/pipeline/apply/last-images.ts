import type { ChangeRecord } from '../changes/change-record.ts';
import type { Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { canonicalKey } from './item-key.ts';

/** The newest change of one key. */
export interface LastImage {
  readonly key: Item;
  /** The item after the change as DynamoDB-JSON; absent if it was removed, or the pipeline's `where` leaves it out. */
  readonly image?: string;
  readonly shard: string;
  readonly checkpoint: number;
}

/** Roughly what an entry takes in memory beyond its image and the text of its key. */
const BYTES_PER_KEY = 500;

/**
 * The last image of every key in some part of a log. Changes of one key come in order, because they are in one lineage of
 * shards, and the log is read with parents before children. Images are kept as text: a parsed item takes several times as
 * much memory.
 */
export class LastImages {
  readonly #key: Key;
  readonly #images = new Map<string, LastImage>();
  #heldBytes = 0;
  #changes = 0;

  constructor(key: Key) {
    this.#key = key;
  }

  /** @throws Error if the change has no key */
  take(
    { key, image, kind, filtered }: ChangeRecord,
    { shard, checkpoint }: Pick<LastImage, 'shard' | 'checkpoint'>,
  ): void {
    const canonical = canonicalKey(this.#key, key);
    const before = this.#images.get(canonical);
    const isGone = kind === 'REMOVE' || image === undefined || filtered === true;
    const text = isGone ? undefined : JSON.stringify(image);
    this.#images.set(canonical, { key, shard, checkpoint, ...(text === undefined ? {} : { image: text }) });
    this.#changes++;
    this.#heldBytes += (text?.length ?? 0) - (before?.image?.length ?? 0);
    if (before === undefined) this.#heldBytes += canonical.length * 2 + BYTES_PER_KEY;
  }

  /** The changes that were taken. */
  get changes(): number {
    return this.#changes;
  }

  /** The keys that they changed. */
  get size(): number {
    return this.#images.size;
  }

  /** Roughly the bytes that it holds in memory. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Releases all images. */
  discard(): void {
    this.#images.clear();
    this.#heldBytes = 0;
  }

  /** Each key's last image. */
  images(): IterableIterator<LastImage> {
    return this.#images.values();
  }
}
