import type { ObjectStore } from '../../clients/object-store.ts';
import { type Layout, layoutId } from '../../pipeline/columns/layout.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../pipeline/item/csv.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import type { Key } from '../../pipeline/item/key.ts';
import type { PartFile } from '../../pipeline/load/part-file.ts';
import type { Hiding } from '../../pipeline/mapping/hide/hiding.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { createShredder, type Shredded, type Shredder } from '../../pipeline/mapping/shred.ts';
import { tableFolder } from '../../pipeline/run/segments/part-key.ts';
import type { Seen } from '../../pipeline/seen/seen.ts';
import { Transcoder } from '../../transcode/transcoder.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { type Compression, PartBuffer, SUFFIX } from '../part-buffer.ts';
import type { Held } from './held-bytes.ts';

const UPLOADS_AT_ONCE = 8;
/** So many bytes of images are taken before what has grown to a block is compressed. */
const CROWDED_BYTES = 2 * 1024 * 1024;
const AS_ROWS: Shredded = { kind: 'rows' };
const FILTERED: Shredded = { kind: 'filtered' };

/** The rows of the images that one apply writes: one file per table. Nothing is uploaded before `upload`. */
export class RowFiles {
  readonly #key: Key;
  readonly #layouts: readonly Layout[];
  readonly #parts: readonly PartBuffer[];
  readonly #shredder: Shredder;
  readonly #transcoder: Transcoder;
  readonly #compression: Compression;
  /** What the shredder made of an image that the transcoder does not know. */
  #shredded: Shredded | undefined;
  #bytesSinceDrain = 0;

  /** The mapping is that for images of the log, and hides what they still show. */
  constructor(options: {
    readonly key: Key;
    readonly layouts: readonly Layout[];
    readonly mapping: Mapping;
    readonly hiding: Hiding;
    readonly compression: Compression;
  }) {
    const { key, layouts, mapping, hiding, compression } = options;
    this.#key = key;
    this.#compression = compression;
    this.#layouts = layouts.map(({ table, columns }) => ({ table, columns, nullText: NULL_TEXT }));
    this.#parts = layouts.map(() => new PartBuffer(compression));
    this.#shredder = createShredder({
      ...{ key, layouts, mapping, sinks: this.#parts, nullText: NULL_TEXT, hiding },
    });
    this.#transcoder = new Transcoder({
      ...{ trees: this.#shredder.trees, key, mapping, nullText: NULL_TEXT },
      buffers: this.#parts.map(({ pending }) => pending),
      shred: (image) => {
        this.#shredded = this.#shredder.shred(parseExactly(image.toString('utf8')) as Item);
      },
    });
  }

  /** Takes one image, as DynamoDB-JSON. @throws Error if it is none */
  write(image: Readonly<Held>): Shredded {
    this.#shredded = undefined;
    this.#bytesSinceDrain += image.end - image.start;
    const { filtered } = this.#transcoder;
    if (this.#transcoder.take(image.in, image.start) !== image.end)
      throw new Error('an image of the log is not an item');
    return this.#shredded ?? (this.#transcoder.filtered > filtered ? FILTERED : AS_ROWS);
  }

  /** It has taken so much that `drain` should be called. */
  get isCrowded(): boolean {
    return this.#bytesSinceDrain >= CROWDED_BYTES;
  }

  /** Compresses what has grown to a block, so that memory stays bounded. */
  async drain(): Promise<void> {
    this.#bytesSinceDrain = 0;
    for (const part of this.#parts) await part.drain();
  }

  /** What the images showed since the last call. */
  takeSeen(): Seen {
    return this.#shredder.takeSeen();
  }

  /** @param directory ends in a slash @returns the files of the tables that have rows */
  async upload(store: ObjectStore, directory: string, signal: AbortSignal): Promise<PartFile[]> {
    const files: PartFile[] = [];
    const filled = this.#parts.map((part, index) => ({ part, index })).filter(({ part }) => part.rows > 0);
    await forEachLimited(filled, UPLOADS_AT_ONCE, async ({ part, index }) => {
      const layout = this.#layouts[index] as Layout;
      const { rows } = part;
      const body = await part.finish();
      const key = `${directory}${tableFolder(layout.table)}.csv.${SUFFIX[this.#compression]}`;
      const etag = await store.put(key, body, { signal });
      const { table } = layout;
      const bytes = body.byteLength;
      files.push({
        key,
        etag,
        table,
        layout: layoutId(layout, this.#key),
        rows,
        bytes,
        rawBytes: part.rawBytes,
      });
    });
    return files;
  }

  /** Releases what is not uploaded. */
  discard(): void {
    for (const part of this.#parts) part.discard();
  }
}
