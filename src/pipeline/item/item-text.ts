import type { Item } from './attribute.ts';
import type { Key } from './key.ts';

/** The most characters of one key attribute's value. */
const MOST_CHARACTERS = 80;

/**
 * An item by its key, for a message: `pk=CUSTOMER#1, sk=ORDER#7`. Every example item passes through here before it is
 * shown.
 * @param isShown false for a key that no message may contain
 */
export function itemText(key: Key, item: Item, isShown: boolean): string | undefined {
  if (!isShown) return undefined;
  return key.map(({ name, kind }) => `${name}=${shortened(keyValue(item, name, kind))}`).join(', ');
}

function keyValue(item: Item, name: string, kind: string): string {
  const value = Object.hasOwn(item, name) ? (item[name] as Record<string, unknown>)[kind] : undefined;
  return typeof value === 'string' ? value : '?';
}

const shortened = (text: string) =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
