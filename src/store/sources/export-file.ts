import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ItemBytes, parseItems, refuseOtherCount } from '../../clients/item-bytes.ts';
import type { ETag, ObjectStore } from '../../clients/object-store.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { damagedExport, type ListedFile, missingInExport } from './export-manifests.ts';

/** So much of a file is read from S3 at once, compressed. */
const RANGE_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** A page ends with the item that reaches it: about as much as a page of a scan. */
const PAGE_BYTES = 1_500_000;

const NEWLINE = 0x0a;
const COMMA = Buffer.from(',');
const OPENING = Buffer.from('{"Item":{');
const CLOSING = Buffer.from('}}');

/** Lines of a file, from one position to the next. */
export interface FilePage {
  readonly bytes: ItemBytes;
  readonly items: readonly Item[];
  readonly count: number;
  /** After its last line: bytes of the decompressed file, and the items so far. */
  readonly end: FilePosition;
  /** The file has no more, and is what its manifest says. */
  readonly isLast: boolean;
}

export interface FilePosition {
  readonly byte: number;
  readonly items: number;
}

/** Takes what a page has of a line. @param damaged makes the error for a line that has another form */
export type LineForm = (line: Buffer, damaged: (how: string) => Error) => Buffer;

interface ReadOptions {
  /** The most items of a page. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Default: of a full export. Its pages have the items themselves. */
  readonly form?: LineForm;
}

/**
 * Reads a data file of an export: gzip of one JSON document per line, of a full export `{"Item":{…}}`. The last page is returned only after the file
 * has been found to have the manifest's MD5 and itemCount. To resume, it is decompressed again from its beginning.
 * @throws Terminal `ExportIncomplete`, `ExportDamaged`
 */
export async function* readExportFile(
  store: ObjectStore,
  file: ListedFile,
  from: FilePosition,
  { limit, signal, form = itemInLine }: ReadOptions,
): AsyncGenerator<FilePage, void> {
  const head = await store.head(file.key, { signal });
  if (head === undefined) throw missingInExport(store, file.key);
  const hash = createHash('md5');
  const page = new PageOfLines((how) => damagedExport(store, file.key, how), form, from);
  let skip = from.byte;
  /** The beginning of a line whose end has not been read. */
  let open: Buffer[] = [];
  for await (const chunk of decompressed(store, file.key, head, hash, signal)) {
    if (skip >= chunk.length) {
      skip -= chunk.length;
      continue;
    }
    let at = skip;
    skip = 0;
    for (let end = chunk.indexOf(NEWLINE, at); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      const rest = chunk.subarray(at, end);
      page.add(open.length === 0 ? rest : Buffer.concat([...open, rest]), 1);
      open = [];
      at = end + 1;
      if (page.bytes >= PAGE_BYTES || page.count >= limit) yield page.take(false);
    }
    if (at < chunk.length) open.push(chunk.subarray(at));
  }
  if (open.length > 0) page.add(Buffer.concat(open), 0);
  const md5 = hash.digest('base64');
  if (md5 !== file.md5Checksum) {
    throw damagedExport(store, file.key, `has the MD5 ${md5}, not ${file.md5Checksum} as its manifest says`);
  }
  const last = page.take(true);
  if (last.end.items !== file.itemCount) {
    const how = `has ${last.end.items} items, not ${file.itemCount} as its manifest says`;
    throw damagedExport(store, file.key, how);
  }
  yield last;
}

/** Chunks of the decompressed file. Those of several gzip members follow each other. */
async function* decompressed(
  store: ObjectStore,
  key: string,
  head: { readonly bytes: number; readonly etag: ETag },
  hash: ReturnType<typeof createHash>,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  if (head.bytes === 0) return;
  async function* ranges() {
    for (let from = 0; from < head.bytes; ) {
      const piece = await store.getRange(key, { from, bytes: RANGE_BYTES }, head.etag, { signal });
      if (piece === 'missing') throw missingInExport(store, key);
      if (piece === 'changed') throw damagedExport(store, key, 'was replaced while it was read');
      if (piece.byteLength === 0) throw damagedExport(store, key, 'ended while it was read');
      hash.update(piece);
      from += piece.byteLength;
      yield piece;
    }
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // Errors of either end are thrown by the iteration.
  pipeline(Readable.from(ranges(), { objectMode: true, highWaterMark: 1 }), gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') !== true) throw error;
    const how = `cannot be decompressed (${(error as Error).message}): it was damaged or cut off`;
    throw damagedExport(store, key, how);
  }
}

/** Lines until they are taken as a page. */
class PageOfLines {
  readonly #damaged: (how: string) => Error;
  readonly #form: LineForm;
  #parts: Buffer[] = [];
  #end: FilePosition;
  count = 0;
  bytes = 0;

  constructor(damaged: (how: string) => Error, form: LineForm, from: FilePosition) {
    this.#damaged = damaged;
    this.#form = form;
    this.#end = from;
  }

  /** @param terminator the bytes that ended the line */
  add(line: Buffer, terminator: 0 | 1): void {
    const isItem = line.length > 0 && line[0] !== 0x0d;
    if (isItem) {
      if (this.count > 0) this.#parts.push(COMMA);
      this.#parts.push(this.#form(line, (how) => this.#damaged(`${how}: number ${this.#end.items + 1}`)));
      this.count++;
      this.bytes += line.length;
    }
    const { byte, items } = this.#end;
    this.#end = { byte: byte + line.length + terminator, items: items + (isItem ? 1 : 0) };
  }

  take(isLast: boolean): FilePage {
    const body = Buffer.concat(this.#parts);
    // Decoding would silently replace what is not UTF-8.
    if (!isUtf8(body)) throw this.#damaged('has text that is not UTF-8');
    const page = new UnparsedPage(body, this.count, this.#end, isLast);
    this.#parts = [];
    this.count = 0;
    this.bytes = 0;
    return page;
  }
}

/** The item's JSON, without what is around it. */
const itemInLine: LineForm = (line, damaged) => {
  if (line.indexOf(OPENING) === 0 && line.lastIndexOf(CLOSING) === line.length - CLOSING.length) {
    return line.subarray(OPENING.length - 1, line.length - 1);
  }
  return Buffer.from(JSON.stringify(parsedItem(line, damaged)));
};

/** Of a line that is written in another way, e.g. with spaces. */
function parsedItem(line: Buffer, damaged: (how: string) => Error): Item {
  let value: unknown;
  try {
    value = parseExactly(line.toString('utf8'));
  } catch {
    // Omits the parser's message, which quotes the data.
    throw damaged('has a line that is not JSON');
  }
  const { Item: item } = (value ?? {}) as { readonly Item?: unknown };
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) return item as Item;
  throw damaged('has a line without an Item');
}

/** A page whose items are parsed when they are first asked for. */
class UnparsedPage implements FilePage {
  readonly bytes: ItemBytes;
  readonly count: number;
  readonly end: FilePosition;
  readonly isLast: boolean;
  #items: readonly Item[] | undefined;

  constructor(body: Buffer, count: number, end: FilePosition, isLast: boolean) {
    this.bytes = { body, start: 0, end: body.length };
    this.count = count;
    this.end = end;
    this.isLast = isLast;
  }

  get items(): readonly Item[] {
    if (this.#items === undefined) {
      this.#items = parseItems(this.bytes, 0);
      refuseOtherCount(this.count, this.#items.length);
    }
    return this.#items;
  }
}
