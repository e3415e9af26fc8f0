import type { ObjectStore } from '../../clients/object-store.ts';
import { type Layout, layoutId } from '../../pipeline/columns/layout.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../pipeline/item/csv.ts';
import type { Key } from '../../pipeline/item/key.ts';
import type { PartFile } from '../../pipeline/load/part-file.ts';
import type { Hiding } from '../../pipeline/mapping/hiding.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { createShredder, type Shredded, type Shredder } from '../../pipeline/mapping/shred.ts';
import { tableFolder } from '../../pipeline/run/segments/part-key.ts';
import type { Seen } from '../../pipeline/seen/seen.ts';
import { forEachLimited } from '../for-each-limited.ts';
import { type Compression, PartBuffer, SUFFIX } from '../part-buffer.ts';

const UPLOADS_AT_ONCE = 8;
/** Items between two compressions of what has grown to a block. */
const ITEMS_PER_DRAIN = 500;

/** The rows of the images that one apply writes: one file per table. Nothing is uploaded before `upload`. */
export class RowFiles {
  readonly #key: Key;
  readonly #layouts: readonly Layout[];
  readonly #parts: readonly PartBuffer[];
  readonly #shredder: Shredder;
  readonly #compression: Compression;
  #written = 0;

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
  }

  /** Takes one image. Await it: it compresses what has grown to a block, so that memory stays bounded. */
  async write(image: Item): Promise<Shredded> {
    const shredded = this.#shredder.shred(image);
    if (++this.#written % ITEMS_PER_DRAIN === 0) for (const part of this.#parts) await part.drain();
    return shredded;
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
