import { crc32 } from 'node:zlib';

import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { Transient } from '../errors.ts';
import type { ScanPage } from '../table-source.ts';

interface ScanResponse {
  readonly Items?: unknown;
  readonly Count?: unknown;
  readonly LastEvaluatedKey?: Item;
  readonly ConsumedCapacity?: { readonly CapacityUnits?: number };
}

/**
 * Parses a Scan's response. Nothing is lost: every attribute becomes an own property, whatever its name, and in
 * DynamoDB's protocol, numbers and binary are JSON strings.
 * @param crc the `x-amz-crc32` header, which DynamoDB always sends: the CRC-32 of the body, in decimal
 * @throws Transient `DamagedPage` if the bytes are not what DynamoDB sent. It has `$retryable`, so the SDK requests the
 *   page again.
 */
export function parseScanResponse(body: Buffer, crc: string | undefined): ScanPage {
  const actual = crc32(body);
  if (crc !== undefined && Number(crc) !== actual) {
    throw damaged(`its CRC-32 is ${actual}, but DynamoDB sent ${crc}`);
  }
  const response = parse(body);
  const { Items: items, Count: count } = response;
  if (!Array.isArray(items) || typeof count !== 'number') throw damaged('it has no Items or no Count');
  if (items.length !== count) throw damaged(`its Count is ${count}, but it has ${items.length} items`);
  return {
    items: items as Item[],
    count,
    lastEvaluatedKey: response.LastEvaluatedKey,
    readUnits: response.ConsumedCapacity?.CapacityUnits ?? 0,
  };
}

function parse(body: Buffer): ScanResponse {
  try {
    return parseExactly(body.toString('utf8')) as ScanResponse;
  } catch {
    // Omits the parser's message, which quotes the data.
    throw damaged('it is not JSON');
  }
}

function damaged(what: string): Transient {
  const error = new Transient(
    'DamagedPage',
    `A page of the scan arrived damaged: ${what}. The page is read again.`,
  );
  return Object.assign(error, { $retryable: { throttling: false } });
}
