import { type ItemBytes, parseItems } from '../clients/item-bytes.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import { type Layout, layoutId } from '../pipeline/columns/layout.ts';
import type { AttributeValue, Item } from '../pipeline/item/attribute.ts';
import { FIRST_NULL_TEXT } from '../pipeline/item/csv.ts';
import type { Key } from '../pipeline/item/key.ts';
import type { Path } from '../pipeline/item/path.ts';
import type { PartFile } from '../pipeline/load/part-file.ts';
import type { Hiding } from '../pipeline/mapping/hide/hiding.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import type { Table } from '../pipeline/mapping/place.ts';
import type { Reject } from '../pipeline/mapping/reject.ts';
import { createShredder, type Shredder } from '../pipeline/mapping/shred.ts';
import { oddKey, type PartWriter, partKey, rejectsKey } from '../pipeline/run/run-directory.ts';
import type { RunRef } from '../pipeline/run/run-ref.ts';
import { proveCounts } from '../pipeline/run/seal/proof.ts';
import type { Checkpoint, ItemFile } from '../pipeline/run/segments/checkpoint.ts';
import { tableFolder } from '../pipeline/run/segments/part-key.ts';
import { Transcoder } from '../transcode/transcoder.ts';
import { forEachLimited } from './for-each-limited.ts';
import { type Compression, PartBuffer, SUFFIX } from './part-buffer.ts';

const UPLOADS_AT_ONCE = 8;
/** So many bytes of rows are compressed before more items are taken. */
const CROWDED_BYTES = 8 * 1024 * 1024;

export type Cut = Pick<
  Checkpoint,
  'layouts' | 'files' | 'odd' | 'rejects' | 'filtered' | 'rejectReasons' | 'seen' | 'oddSeen'
>;

/**
 * Everything that one cut writes: one part file per table, the odd items, and the rejects. Nothing is uploaded before
 * `finish`.
 */
export class CutWriter {
  readonly #store: ObjectStore;
  readonly #ref: RunRef;
  readonly #writer: PartWriter;
  readonly #key: Key;
  readonly #compression: Compression;
  readonly #shredder: Shredder;
  readonly #transcoder: Transcoder;
  readonly #layouts: readonly Layout[];
  readonly #ids: readonly string[];
  readonly #parts: PartBuffer[];
  readonly #odd: PartBuffer;
  readonly #rejects: PartBuffer;
  readonly #rejectReasons: Record<string, number> = {};
  /** Items that the shredder found not to meet the conditions of `where`. */
  #filtered = 0;
  /** Characters of the shredder's rows. */
  #shreddedCharacters = 0;
  /** All rows' bytes at the last `drain`. */
  #drainedBytes = 0;

  constructor(options: {
    readonly store: ObjectStore;
    readonly ref: RunRef;
    readonly writer: PartWriter;
    readonly key: Key;
    readonly layouts: readonly Layout[];
    /** Layouts for common shapes of rows: see row-shapes.ts. */
    readonly shapes?: readonly Layout[];
    readonly mapping: Mapping;
    readonly compression: Compression;
    /** What means NULL in the part files. */
    readonly nullText: string;
    /** How values are hidden. Omitted if the mapping hashes none. */
    readonly hiding?: Hiding;
  }) {
    this.#store = options.store;
    this.#ref = options.ref;
    this.#writer = options.writer;
    this.#key = options.key;
    this.#compression = options.compression;
    const { nullText, shapes = [] } = options;
    this.#layouts = [...options.layouts, ...shapes].map(({ table, columns }) =>
      nullText === FIRST_NULL_TEXT ? { table, columns } : { table, columns, nullText },
    );
    this.#ids = this.#layouts.map((layout) => layoutId(layout, options.key));
    this.#parts = this.#layouts.map(() => new PartBuffer(options.compression));
    this.#odd = new PartBuffer(options.compression);
    this.#rejects = new PartBuffer(options.compression);
    this.#shredder = createShredder({
      key: options.key,
      layouts: options.layouts,
      shapes,
      mapping: options.mapping,
      sinks: this.#parts.map((part) => ({
        append: (text, rows) => {
          this.#shreddedCharacters += text.length;
          part.append(text, rows);
        },
      })),
      nullText,
      ...(options.hiding === undefined ? {} : { hiding: options.hiding }),
    });
    this.#transcoder = new Transcoder({
      trees: this.#shredder.trees,
      key: options.key,
      mapping: options.mapping,
      nullText,
      buffers: this.#parts.map(({ pending }) => pending),
      shred: (body) => {
        for (const item of parseItems({ body, end: body.length }, 0)) this.write(item);
      },
    });
  }

  /**
   * Takes one item: its rows go to the part files, or it is kept as an odd item or a reject, whole but for what the
   * mapping ignores.
   * @throws Error for an item that no DynamoDB page can hold: the page was damaged in transit.
   */
  write(item: Item): void {
    const shredded = this.#shredder.shred(item);
    switch (shredded.kind) {
      case 'rows':
        break;
      case 'filtered':
        this.#filtered++;
        break;
      case 'odd':
        this.#odd.append(`${JSON.stringify(this.#shredder.kept(item))}\n`, 1);
        break;
      case 'rejected':
        this.#rejects.append(`${JSON.stringify(this.#reject(item, shredded.reason, shredded.path))}\n`, 1);
        this.#rejectReasons[shredded.reason] = (this.#rejectReasons[shredded.reason] ?? 0) + 1;
        break;
    }
  }

  #reject(item: Item, reason: string, path: Path): Reject {
    const key = Object.fromEntries(this.#key.map(({ name }) => [name, item[name] as AttributeValue]));
    return { reason, path, key, item: this.#shredder.kept(item) };
  }

  /** The places of everything that its items showed so far. */
  get trees(): readonly Table[] {
    return this.#shredder.trees;
  }

  /** Roughly the bytes it holds in memory: rows, items, and what was seen. */
  get heldBytes(): number {
    return this.#all().reduce((sum, part) => sum + part.heldBytes, this.#shredder.seenBytes);
  }

  /**
   * Takes the items of a page until their rows crowd memory.
   * @param from the index of an item in the page's body
   * @returns the number of items taken, and the index of the next one; the page's `end` if there is none
   * @throws Terminal `PageUnreadable`
   */
  writeBytes(page: ItemBytes, from: number): { readonly items: number; readonly next: number } {
    const { items, next, isJson } = this.#transcoder.takeItems(page, from, () => this.isCrowded);
    if (isJson) return { items, next };
    const rest = parseItems(page, next);
    for (const item of rest) this.write(item);
    return { items: items + rest.length, next: page.end };
  }

  get #writtenBytes(): number {
    return this.#shreddedCharacters + this.#transcoder.writtenBytes;
  }

  /** The items since the last `drain` had so many rows that it should not wait for the end of the page. */
  get isCrowded(): boolean {
    return this.#writtenBytes - this.#drainedBytes >= CROWDED_BYTES;
  }

  /** Compresses the parts that have grown to a block. Await it after every page, so that memory stays bounded. */
  async drain(): Promise<void> {
    this.#drainedBytes = this.#writtenBytes;
    for (const part of this.#all()) await part.drain();
  }

  /**
   * Compresses what is left, uploads everything, and returns what the checkpoint names.
   * @param items the number of items that the pages reported; it must be the number written
   * @throws Error if they differ; nothing is uploaded then.
   */
  async finish(items: number, signal: AbortSignal): Promise<Cut> {
    const rowCounts = this.#shredder.rowCounts();
    const filtered = this.#filtered + this.#transcoder.filtered;
    const { seen, oddSeen } = this.#shredder.takeCutSeen();
    const rowsInFiles = new Map<Path, number>();
    this.#parts.forEach((part, index) => {
      const { table } = this.#layouts[index] as Layout;
      if (part.rows > 0) rowsInFiles.set(table, (rowsInFiles.get(table) ?? 0) + part.rows);
    });
    proveCounts(
      {
        items,
        odd: this.#odd.rows,
        rejected: this.#rejects.rows,
        filtered,
        rowsInFiles,
        seen,
        oddRows: rowCounts.odd,
      },
      `segment ${this.#writer.segment}, cut ${this.#writer.cut}`,
    );
    const files: PartFile[] = [];
    const layouts: Record<string, Layout> = {};
    const filled = this.#parts.map((part, index) => ({ part, index })).filter(({ part }) => part.rows > 0);
    const suffix = SUFFIX[this.#compression];
    await forEachLimited(filled, UPLOADS_AT_ONCE, async ({ part, index }) => {
      const layout = this.#layouts[index] as Layout;
      const id = this.#ids[index] as string;
      const key = partKey(this.#ref, tableFolder(layout.table), this.#writer, id, suffix);
      const { etag, bytes } = await this.#upload(key, part, signal);
      files.push({
        key,
        etag,
        table: layout.table,
        layout: id,
        rows: part.rows,
        bytes,
        rawBytes: part.rawBytes,
      });
      layouts[id] = layout;
    });
    files.sort((a, b) => (a.key < b.key ? -1 : 1));
    const odd = await this.#items(oddKey(this.#ref, this.#writer, suffix), this.#odd, signal);
    const rejects = await this.#items(rejectsKey(this.#ref, this.#writer, suffix), this.#rejects, signal);
    return {
      layouts,
      files,
      ...(odd === undefined ? {} : { odd }),
      ...(rejects === undefined ? {} : { rejects }),
      rejectReasons: this.#rejectReasons,
      ...(filtered === 0 ? {} : { filtered }),
      seen,
      ...(odd === undefined ? {} : { oddSeen }),
    };
  }

  /** Releases the compressors of a cut that will not be finished. */
  discard(): void {
    for (const part of this.#all()) part.discard();
  }

  async #items(key: string, part: PartBuffer, signal: AbortSignal): Promise<ItemFile | undefined> {
    if (part.rows === 0) return undefined;
    return { key, items: part.rows, ...(await this.#upload(key, part, signal)) };
  }

  async #upload(
    key: string,
    part: PartBuffer,
    signal: AbortSignal,
  ): Promise<{ etag: string; bytes: number }> {
    const body = await part.finish();
    return { etag: await this.#store.put(key, body, { signal }), bytes: body.byteLength };
  }

  #all(): PartBuffer[] {
    return [...this.#parts, this.#odd, this.#rejects];
  }
}
