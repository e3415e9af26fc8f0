import { createHash } from 'node:crypto';
import { type Item, storedNumber } from './item.ts';

/** The names of a table's key attributes, the partition key first. */
export type KeyNames = readonly string[];

/** The key of an item. */
export function keyOf(names: KeyNames, item: Item): Item {
  return Object.fromEntries(names.map((name) => [name, item[name]!]));
}

/** One text per key: equal keys have equal texts. Undefined if the key is not valid, which the emulator will refuse. */
export function keyText(names: KeyNames, item: unknown): string | undefined {
  const parts: string[] = [];
  for (const name of names) {
    const value = (item as Partial<Item> | undefined)?.[name];
    const [kind, content] = Object.entries(value ?? {})[0] ?? [];
    if (typeof content !== 'string' || (kind !== 'S' && kind !== 'N' && kind !== 'B')) return undefined;
    parts.push(kind, kind === 'N' ? storedNumber(content) : content);
  }
  return JSON.stringify(parts);
}

/** Where a key is among the partitions, from 0 to below 2^32: a hash of the partition key alone. */
export function hashOf(names: KeyNames, item: Item): number {
  return createHash('md5')
    .update(keyText(names.slice(0, 1), item)!)
    .digest()
    .readUInt32BE(0);
}
