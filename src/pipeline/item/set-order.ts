import type { AttributeValue } from './attribute.ts';
import { hexOfBase64 } from './csv.ts';
import { compareNumbers } from './number.ts';

/**
 * The members of a set in an order that depends on nothing but the members, so that the same set always makes
 * the same rows: strings by the bytes of their UTF-8, numbers by value, binary by its bytes. DynamoDB gives sets
 * no order of their own.
 */
export function membersInOrder(kind: 'SS' | 'NS' | 'BS', members: readonly string[]): AttributeValue[] {
  if (kind === 'SS') return [...members].sort(compareUtf8).map((S) => ({ S }));
  if (kind === 'NS') return [...members].sort(compareNumbers).map((N) => ({ N }));
  return members
    .map((B) => ({ B, hex: hexOfBase64(B) }))
    .sort((a, b) => (a.hex < b.hex ? -1 : a.hex > b.hex ? 1 : 0))
    .map(({ B }) => ({ B }));
}

/** Compares two strings by the bytes of their UTF-8. */
export function compareUtf8(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** UTF-16 units order like UTF-8 but for surrogates: what they stand for comes after every other unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
