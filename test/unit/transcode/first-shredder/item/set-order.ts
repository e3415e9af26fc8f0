import type { AttributeValue } from './attribute.ts';
import { hexOfBase64 } from './csv.ts';
import { compareNumbers } from './number.ts';

/**
 * The members of a set in an order that depends only on the members, so that the same set always makes the same
 * rows: strings by their UTF-8 bytes, numbers by value, binary by its bytes. DynamoDB does not order sets.
 * @throws Error for a member that is not a number (`NS`) or not base64 (`BS`).
 */
export function membersInOrder(kind: 'SS' | 'NS' | 'BS', members: readonly string[]): AttributeValue[] {
  if (kind === 'SS') return [...members].sort(compareUtf8).map((S) => ({ S }));
  if (kind === 'NS') return [...members].sort(compareNumbers).map((N) => ({ N }));
  return members
    .map((B) => ({ B, hex: hexOfBase64(B) }))
    .sort((a, b) => (a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0))
    .map(({ B }) => ({ B }));
}

/** Compares two strings by their UTF-8 bytes. */
export function compareUtf8(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** UTF-16 units sort like UTF-8, except surrogates: the characters they encode come after all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
