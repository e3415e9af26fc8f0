import type { Item } from '../item/attribute.ts';
import { fingerprint } from '../item/fingerprint.ts';
import type { Key } from '../item/key.ts';
import { canonicalKey } from './item-key.ts';

const DIGITS = 8;

/**
 * Whether a key is in a set: its hash leaves this remainder. If `of` doubles, a set becomes the two with the numbers `number`
 * and `number + of`.
 * @param of how many sets there are: a power of two, up to 2^31
 */
export const isInKeySet = (
  key: Key,
  item: Item,
  { of, number }: { readonly of: number; readonly number: number },
): boolean => of === 1 || Number.parseInt(fingerprint(canonicalKey(key, item), DIGITS), 16) % of === number;
