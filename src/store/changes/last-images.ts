import { Buffer } from 'node:buffer';
import { canonicalKey } from '../../pipeline/apply/item-key.ts';
import type { ChangeRecord } from '../../pipeline/changes/change-record.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import type { Key } from '../../pipeline/item/key.ts';
import { type Held, HeldBytes } from './held-bytes.ts';
import { RecordLine } from './record-line.ts';

/** The newest change of one key. */
export interface LastImage {
  readonly key: Item;
  /** The item after the change as DynamoDB-JSON; absent if it was removed, or the pipeline's `where` leaves it out. */
  readonly image?: Readonly<Held>;
  readonly shard: string;
  readonly checkpoint: number;
}

type At = Pick<LastImage, 'shard' | 'checkpoint'>;

/** Roughly what an entry takes in memory beyond its image and the text of its key. */
const BYTES_PER_KEY = 500;

/**
 * The last image of every key in some part of a log. Changes of one key come in order, because they are in one lineage of
 * shards, and the log is read with parents before children. Images are kept as bytes: a parsed item takes several times as
 * much memory.
 */
export class LastImages {
  readonly #key: Key;
  readonly #images = new Map<string, LastImage>();
  readonly #held = new HeldBytes();
  readonly #line = new RecordLine();
  #keyBytes = 0;
  #changes = 0;

  constructor(key: Key) {
    this.#key = key;
  }

  /**
   * Takes the change in a line of a log file, which is between two indexes.
   * @throws SyntaxError if the line is not JSON; Error if the change has no key
   */
  takeLine(bytes: Buffer, start: number, end: number, at: At): void {
    const line = this.#line;
    if (!line.read(bytes, start, end)) {
      this.take(parseExactly(bytes.toString('utf8', start, end)) as ChangeRecord, at);
      return;
    }
    const key = parseExactly(bytes.toString('utf8', line.keyStart, line.keyEnd)) as Item;
    const isGone = line.isRemoved || line.isFiltered || line.imageEnd === 0;
    this.#set(key, isGone ? undefined : this.#held.keep(bytes, line.imageStart, line.imageEnd), at);
  }

  /** @throws Error if the change has no key */
  take({ key, image, kind, filtered }: ChangeRecord, at: At): void {
    const isGone = kind === 'REMOVE' || image === undefined || filtered === true;
    const bytes = isGone ? undefined : Buffer.from(JSON.stringify(image));
    this.#set(key, bytes && this.#held.keep(bytes, 0, bytes.length), at);
  }

  #set(key: Item, image: Held | undefined, { shard, checkpoint }: At): void {
    const canonical = canonicalKey(this.#key, key);
    const before = this.#images.get(canonical);
    if (before === undefined) this.#keyBytes += canonical.length * 2 + BYTES_PER_KEY;
    else if (before.image !== undefined) this.#held.drop(before.image);
    this.#images.set(canonical, { key, shard, checkpoint, ...(image === undefined ? {} : { image }) });
    this.#changes++;
    this.#held.compact(() => this.#heldImages());
  }

  *#heldImages(): Generator<Held> {
    for (const { image } of this.#images.values()) if (image !== undefined) yield image;
  }

  /** The changes that were taken. */
  get changes(): number {
    return this.#changes;
  }

  /** The keys that they changed. */
  get size(): number {
    return this.#images.size;
  }

  /** Roughly the bytes that it holds in memory. What later changes replaced may take as much again. */
  get heldBytes(): number {
    return this.#held.liveBytes + this.#keyBytes;
  }

  /** Releases all images. */
  discard(): void {
    this.#images.clear();
    this.#held.discard();
    this.#keyBytes = 0;
  }

  /** Each key's last image. */
  images(): IterableIterator<LastImage> {
    return this.#images.values();
  }
}
