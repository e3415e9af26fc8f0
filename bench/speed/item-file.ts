import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Item } from '../../src/pipeline/item/attribute.ts';
import { itemSize } from './item-size.ts';
import type { ItemsRead, PagedTable, ReadRequest } from './page-server.ts';
import { itemOf, KEY, numberOf, type Shape } from './shapes.ts';

/** DynamoDB ends a page before its items, as it counts them, exceed this. */
export const PAGE_BYTES = 1024 * 1024;

/**
 * Where the items of a seed are kept, so that they are generated once. A change to the generator gets another folder.
 */
export function itemsDirectory(seed: number, parent = join(tmpdir(), 'tributary-bench')): string {
  const here = import.meta.dirname;
  const hash = createHash('sha256').update(String(seed));
  for (const name of readdirSync(here).filter((each) => each.endsWith('.ts'))) {
    if (/^(random|text|shapes|single-table|item-size|item-file)\.ts$/.test(name)) {
      hash.update(`${name}\0${readFileSync(join(here, name), 'utf8')}\0`);
    }
  }
  return join(parent, hash.digest('hex').slice(0, 12));
}

/**
 * Generates items until they have `bytes` of JSON, into two files: their JSON with commas between them, and an index.
 * Does nothing if the files exist. @returns the path without its endings
 */
export async function generateItems(
  directory: string,
  shape: Shape,
  { seed, bytes }: { readonly seed: number; readonly bytes: number },
): Promise<string> {
  const file = join(directory, `${shape.name}-${bytes}`);
  if (existsSync(`${file}.index`)) return file;
  mkdirSync(directory, { recursive: true });
  const mine = `${file}.${process.pid}`;
  const out = await open(mine, 'w');
  const index: number[] = [];
  let end = 0;
  let text: string[] = [];
  let held = 0;
  for (let i = 0; end < bytes; i++) {
    const item = itemOf(shape, seed, i);
    const json = JSON.stringify(item);
    const length = Buffer.byteLength(json);
    end += length + (i === 0 ? 0 : 1);
    index.push(end, itemSize(item));
    text.push(i === 0 ? json : `,${json}`);
    held += length;
    if (held > 4_000_000 || end >= bytes) {
      await out.write(text.join(''));
      text = [];
      held = 0;
    }
  }
  await out.close();
  renameSync(mine, `${file}.json`);
  writeFileSync(`${mine}.index`, new Float64Array(index));
  renameSync(`${mine}.index`, `${file}.index`);
  return file;
}

/** The items of a file, or the first of them, as a table. */
export class ItemFile implements PagedTable {
  readonly key = KEY;
  readonly items: number;
  readonly #handle: FileHandle;
  /** For each item: where its JSON ends, and its size as DynamoDB counts it. */
  readonly #index: Float64Array;

  /** @param file as `generateItems` returned it */
  static async open(file: string): Promise<ItemFile> {
    const bytes = readFileSync(`${file}.index`);
    const index = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
    return new ItemFile(await open(`${file}.json`), index, index.length / 2);
  }

  private constructor(handle: FileHandle, index: Float64Array, items: number) {
    this.#handle = handle;
    this.#index = index;
    this.items = items;
  }

  /** A table of the first `items` items, or of all if there are fewer. */
  first(items: number): ItemFile {
    return new ItemFile(this.#handle, this.#index, Math.min(items, this.items));
  }

  /** The number of items from the first on that have at least `bytes` bytes of JSON. */
  itemsOf(bytes: number): number {
    for (let i = 0; i < this.items; i++) if (this.#end(i) >= bytes) return i + 1;
    return this.items;
  }

  /** The bytes of the items' JSON, with the commas between them. */
  get jsonBytes(): number {
    return this.items === 0 ? 0 : this.#end(this.items - 1);
  }

  get bytes(): number {
    let sum = 0;
    for (let i = 0; i < this.items; i++) sum += this.#size(i);
    return sum;
  }

  numberOf(key: Item): number {
    return numberOf((key.pk as { readonly S: string }).S);
  }

  /** A segment has the items of consecutive numbers, so that its pages are consecutive bytes of the file. */
  async read({ segment, segments, after, limit }: ReadRequest): Promise<ItemsRead> {
    const startOf = (one: number) => Math.floor((this.items * one) / segments);
    const from = after === undefined ? startOf(segment) : after + 1;
    const segmentEnd = startOf(segment + 1);
    const most = Math.min(segmentEnd, from + limit);
    let end = from;
    let size = 0;
    while (end < most && (end === from || size + this.#size(end) <= PAGE_BYTES)) size += this.#size(end++);
    if (end === from) return { text: Buffer.alloc(0), count: 0, size };
    const text = await this.#json(from, end - 1);
    const lastKey = end < segmentEnd ? await this.#keyOf(end - 1) : undefined;
    return { text, count: end - from, size, lastKey };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #keyOf(i: number): Promise<Item> {
    const { pk, sk } = JSON.parse((await this.#json(i, i)).toString('utf8')) as Item;
    return { pk: pk!, sk: sk! };
  }

  async #json(first: number, last: number): Promise<Buffer> {
    const start = first === 0 ? 0 : this.#end(first - 1) + 1;
    const text = Buffer.allocUnsafe(this.#end(last) - start);
    await this.#handle.read(text, 0, text.length, start);
    return text;
  }

  readonly #end = (i: number): number => this.#index[2 * i]!;
  readonly #size = (i: number): number => this.#index[2 * i + 1]!;
}
