import { isUtf8 } from 'node:buffer';
import { crc32, gunzipSync } from 'node:zlib';

import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { Transient } from '../errors.ts';
import type { ScanPage } from '../table-source.ts';

interface ScanResponse {
  readonly Items?: unknown;
  readonly Count?: unknown;
  readonly LastEvaluatedKey?: unknown;
  readonly ConsumedCapacity?: { readonly CapacityUnits?: unknown } | null;
}

/** Far more than the JSON of a page, which holds at most 1 MB of data. */
const MAX_UNZIPPED_BYTES = 256 * 1024 * 1024;

/**
 * Parses a Scan's response. Nothing is lost: every attribute becomes an own property, whatever its name, and in
 * DynamoDB's protocol, numbers and binary are JSON strings.
 *
 * The segment ends with the page that has no LastEvaluatedKey, or an empty one
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html). Any other page has a successor, even
 * if it has no items.
 * @param headers of the response. DynamoDB always sends `x-amz-crc32`, the CRC-32 of the body in decimal; a proxy may
 *   drop it. Its pages are then only checked to be UTF-8, complete JSON, and of as many items as their Count.
 * @param from the key after which the page was requested
 * @throws Transient `DamagedPage` if the bytes are not what DynamoDB sent. It has `$retryable`, so the SDK requests the
 *   page again.
 */
export function parseScanResponse(
  body: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
  from?: Item,
): ScanPage {
  const response = parse(checked(body, headers));
  if (!isObject(response)) throw damaged('it is not a JSON object');
  const { Items: items, Count: count } = response;
  if (!Array.isArray(items) || typeof count !== 'number') throw damaged('it has no Items or no Count');
  if (items.length !== count) throw damaged(`its Count is ${count}, but it has ${items.length} items`);
  if (!items.every(isObject)) throw damaged('it has an item that is not an object');
  return {
    items: items as Item[],
    count,
    lastEvaluatedKey: keyAfter(response.LastEvaluatedKey, from),
    readUnits: readUnits(response.ConsumedCapacity?.CapacityUnits),
  };
}

/**
 * The uncompressed bytes, if their CRC is right. DynamoDB's CRC is that of the bytes it sends. A proxy that compresses
 * a response keeps the header of the uncompressed one, so either may match.
 */
function checked(body: Buffer, headers: Readonly<Record<string, string | undefined>>): Buffer {
  const crc = headers['x-amz-crc32'];
  const zipped = headers['content-encoding'] === 'gzip';
  if (!zipped) {
    const actual = crc32(body);
    if (crc !== undefined && Number(crc) !== actual) {
      throw damaged(`its CRC-32 is ${actual}, but DynamoDB sent ${crc}`);
    }
    return body;
  }
  const bytes = unzipped(body);
  if (crc !== undefined && Number(crc) !== crc32(body) && Number(crc) !== crc32(bytes)) {
    throw damaged(`its CRC-32 is ${crc32(body)}, or ${crc32(bytes)} unzipped, but DynamoDB sent ${crc}`);
  }
  return bytes;
}

function unzipped(body: Buffer): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_UNZIPPED_BYTES });
  } catch {
    throw damaged('it is not complete gzip');
  }
}

function parse(body: Buffer): ScanResponse {
  // Decoding would silently replace what is not UTF-8.
  if (!isUtf8(body)) throw damaged('it is not UTF-8');
  try {
    return parseExactly(body.toString('utf8')) as ScanResponse;
  } catch {
    // Omits the parser's message, which quotes the data.
    throw damaged('it is not JSON');
  }
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
