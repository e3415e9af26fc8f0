import { isUtf8 } from 'node:buffer';
import { crc32, gunzipSync } from 'node:zlib';

import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { Transient } from '../errors.ts';
import { type ItemBytes, parseItems, refuseOtherCount } from '../item-bytes.ts';
import type { ScanPage } from '../table-source.ts';

interface ScanResponse {
  readonly Items?: unknown;
  readonly Count?: unknown;
  readonly LastEvaluatedKey?: unknown;
  readonly ConsumedCapacity?: { readonly CapacityUnits?: unknown } | null;
}

/** What is known of a page before it is read. */
interface ScanContext {
  /** The key after which it was requested. */
  readonly from?: Item | undefined;
  /** Hands the body back: see `ItemBytes`. */
  readonly release?: (() => void) | undefined;
}

/** Far more than the JSON of a page, which holds at most 1 MB of data. */
const MAX_UNZIPPED_BYTES = 256 * 1024 * 1024;

/**
 * Reads a Scan's response. Nothing is lost: every attribute becomes an own property, whatever its name, and in
 * DynamoDB's protocol, numbers and binary are JSON strings.
 *
 * Items whose CRC is right are found but not parsed: only the few bytes around them are. Without a CRC, the whole page
 * is parsed, to know that it is complete.
 *
 * The segment ends with the page that has no LastEvaluatedKey, or an empty one
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html). Any other page has a successor, even
 * if it has no items.
 * @param headers of the response. DynamoDB always sends `x-amz-crc32`, the CRC-32 of the body in decimal; a proxy may
 *   drop it. Its pages are then only checked to be UTF-8, complete JSON, and of as many items as their Count.
 * @throws Transient `DamagedPage` if the bytes are not what DynamoDB sent. It has `$retryable`, so the SDK requests the
 *   page again.
 */
export function parseScanResponse(
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
  { from, release }: ScanContext = {},
): ScanPage {
  const { bytes, isProved } = checked(body, headers);
  // Decoding would silently replace what is not UTF-8.
  if (!isUtf8(bytes)) throw damaged('it is not UTF-8');
  const found = findItems(bytes, bytes === body ? release : undefined);
  if (found !== undefined && isProved) return new UnparsedPage(found, from);
  const response = parse(bytes.toString('utf8'));
  const items = itemsOf(response);
  return { ...restOf(response, items.length, from), items, bytes: found?.items };
}

/** A page whose items are parsed when they are first asked for. */
class UnparsedPage implements ScanPage {
  readonly bytes: ItemBytes;
  readonly count: number;
  readonly next: Item | undefined;
  readonly readUnits: number;
  #items: readonly Item[] | undefined;

  constructor({ items, response }: Found, from: Item | undefined) {
    const { count, next, readUnits } = restOf(response, undefined, from);
    this.bytes = items;
    this.count = count;
    this.next = next;
    this.readUnits = readUnits;
  }

  /** @throws Terminal `PageUnreadable` */
  get items(): readonly Item[] {
    if (this.#items === undefined) {
      this.#items = parseItems(this.bytes, this.bytes.start);
      refuseOtherCount(this.count, this.#items.length);
    }
    return this.#items;
  }
}

/** Where a page's items are, and the response without them. */
interface Found {
  readonly items: ItemBytes;
  readonly response: ScanResponse;
}

const ITEMS = '"Items":[';
/** A page's last key may contain brackets: so many of them are tried as the end of the items. */
const MAX_BRACKETS = 16;

/**
 * Finds a page's items without parsing them: they are between the first `"Items":[` and the last bracket that leaves
 * JSON around them. In a string, a quote has a backslash before it, so neither can be mistaken for text in an item.
 */
function findItems(body: Buffer, release: (() => void) | undefined): Found | undefined {
  const name = body.indexOf(ITEMS);
  if (name < 0) return undefined;
  const start = name + ITEMS.length;
  const before = body.toString('utf8', 0, start);
  let end = body.lastIndexOf(']');
  for (let tries = 0; tries < MAX_BRACKETS && end >= start; tries++) {
    try {
      const response = parseExactly(`${before}${body.toString('utf8', end)}`) as ScanResponse;
      return { items: { body, start, end, release }, response };
    } catch {
      end = body.lastIndexOf(']', end - 1);
    }
  }
  return undefined;
}
/**
 * The uncompressed bytes, if their CRC is right. DynamoDB's CRC is that of the bytes it sends. A proxy that compresses
 * a response keeps the header of the uncompressed one, so either may match.
 */
function checked(
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): { readonly bytes: Buffer; readonly isProved: boolean } {
  const crc = headers['x-amz-crc32'];
  const zipped = headers['content-encoding'] === 'gzip';
  if (!zipped) {
    const actual = crc32(body);
    if (crc !== undefined && Number(crc) !== actual) {
      throw damaged(`its CRC-32 is ${actual}, but DynamoDB sent ${crc}`);
    }
    return { bytes: body, isProved: crc !== undefined };
  }
  const bytes = unzipped(body);
  if (crc !== undefined && Number(crc) !== crc32(body) && Number(crc) !== crc32(bytes)) {
    throw damaged(`its CRC-32 is ${crc32(body)}, or ${crc32(bytes)} unzipped, but DynamoDB sent ${crc}`);
  }
  return { bytes, isProved: crc !== undefined };
}

function unzipped(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_UNZIPPED_BYTES });
  } catch {
    throw damaged('it is not complete gzip');
  }
}

function parse(text: string): ScanResponse {
  let response: unknown;
  try {
    response = parseExactly(text);
  } catch {
    // Omits the parser's message, which quotes the data.
    throw damaged('it is not JSON');
  }
  if (!isObject(response)) throw damaged('it is not a JSON object');
  return response as ScanResponse;
}

function itemsOf({ Items: items }: ScanResponse): readonly Item[] {
  if (!Array.isArray(items)) throw damaged('it has no Items');
  if (!items.every(isObject)) throw damaged('it has an item that is not an object');
  return items as Item[];
}

/** @param items their number, if it is known */
function restOf(
  response: ScanResponse,
  items: number | undefined,
  from: Item | undefined,
): Omit<ScanPage, 'items' | 'bytes'> {
  const { Count: count } = response;
  if (typeof count !== 'number') throw damaged('it has no Count');
  if (items !== undefined && items !== count) {
    throw damaged(`its Count is ${count}, but it has ${items} items`);
  }
  return {
    count,
    next: keyAfter(response.LastEvaluatedKey, from),
    readUnits: readUnits(response.ConsumedCapacity?.CapacityUnits),
  };
}

function keyAfter(key: unknown, from: Item | undefined): Item | undefined {
  if (key === undefined || key === null) return undefined;
  if (!isObject(key)) throw damaged('its LastEvaluatedKey is not a key');
  if (Object.keys(key).length === 0) return undefined;
  if (from !== undefined && isSameKey(key as Item, from)) {
    throw damaged(
      'its LastEvaluatedKey is the key after which it was requested, so the scan would never end',
    );
  }
  return key as Item;
}

function isSameKey(a: Item, b: Item): boolean {
  const text = (key: Item) => JSON.stringify(Object.entries(key).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}

const readUnits = (units: unknown) =>
  typeof units === 'number' && Number.isFinite(units) && units > 0 ? units : 0;

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function damaged(what: string): Transient {
  const error = new Transient(
    'DamagedPage',
    `A page of the scan arrived damaged: ${what}. The page is read again.`,
  );
  return Object.assign(error, { $retryable: { throttling: false } });
}
