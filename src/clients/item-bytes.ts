import type { Item } from '../pipeline/item/attribute.ts';
import { parseExactly } from '../pipeline/item/exact-json.ts';
import { Terminal } from './errors.ts';

/** A page's items in DynamoDB's JSON, with commas between them: UTF-8 from `start` to `end`. */
export interface ItemBytes {
  readonly body: Buffer;
  readonly start: number;
  readonly end: number;
  /** Hands `body` back, for another page. It must not be read afterwards. */
  readonly release?: (() => void) | undefined;
}

/**
 * The items from the one that starts at `from`.
 * @throws Terminal `PageUnreadable`: the page arrived as it was sent, so another try cannot help.
 */
export function parseItems({ body, end }: Pick<ItemBytes, 'body' | 'end'>, from: number): readonly Item[] {
  let items: unknown;
  try {
    items = parseExactly(`[${body.toString('utf8', from, end)}]`);
  } catch {
    // Omits the parser's message, which quotes the data.
    throw unreadable('its items are not JSON');
  }
  if (!(items as unknown[]).every(isObject)) throw unreadable('it has an item that is not an object');
  return items as Item[];
}

/** @throws Terminal `PageUnreadable` unless a page has as many items as it says */
export function refuseOtherCount(count: number, items: number): void {
  if (items !== count) throw unreadable(`its Count is ${count}, but it has ${items} items`);
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function unreadable(what: string): Terminal {
  return new Terminal(
    'PageUnreadable',
    `A page of the scan has the right CRC-32, but cannot be read: ${what}. Check what answers at the endpoint of ` +
      'DynamoDB, then retry the segment.',
  );
}
