import { crc32 } from 'node:zlib';

import type { Item } from '../../pipeline/item/attribute.ts';
import { parseExactly } from '../../pipeline/item/exact-json.ts';
import { Transient } from '../errors.ts';
import type { ScanPage } from '../table-source.ts';

interface ScanAnswer {
  readonly Items?: unknown;
  readonly Count?: unknown;
  readonly LastEvaluatedKey?: Item;
  readonly ConsumedCapacity?: { readonly CapacityUnits?: number };
}

/**
 * A Scan's answer as a page. JSON.parse makes every attribute an own property, whatever its name, and numbers
 * and binary are JSON strings in DynamoDB's protocol, so nothing is lost.
 * @param crc the `x-amz-crc32` header: the CRC-32 of the body, in decimal, which DynamoDB always sends.
 * @throws Transient DamagedPage when the bytes are not what DynamoDB sent. It carries `$retryable`, so the SDK
 *   asks for the page again.
 */
export function parseScanAnswer(body: Buffer, crc: string | undefined): ScanPage {
  const actual = crc32(body);
  if (crc !== undefined && Number(crc) !== actual) {
    throw damaged(`its CRC-32 is ${actual}, DynamoDB sent it as ${crc}`);
  }
  const answer = parse(body);
  const { Items: items, Count: count } = answer;
  if (!Array.isArray(items) || typeof count !== 'number') throw damaged('it has no Items or no Count');
  if (items.length !== count) throw damaged(`it counts ${count} items and holds ${items.length}`);
  return {
    items: items as Item[],
    count,
    lastEvaluatedKey: answer.LastEvaluatedKey,
    readUnits: answer.ConsumedCapacity?.CapacityUnits ?? 0,
  };
}

function parse(body: Buffer): ScanAnswer {
  try {
    return parseExactly(body.toString('utf8')) as ScanAnswer;
  } catch {
    // Not with the parser's message: it quotes the data.
    throw damaged('it is not JSON');
  }
}

function damaged(what: string): Transient {
  const error = new Transient(
    'DamagedPage',
    `A page of the scan arrived damaged: ${what}. It is read again.`,
  );
  return Object.assign(error, { $retryable: { throttling: false } });
}
