import { z } from 'zod';
import type { Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { numberText } from '../item/number.ts';

/** Which items belong to an entity of a single-table design: those that meet every given condition. */
export const EntityRoute = z
  .strictObject({
    keyPrefix: z
      .string()
      .min(1)
      .optional()
      .describe('The prefix of the partition key, which must be a string.'),
    sortKeyPrefix: z
      .string()
      .min(1)
      .optional()
      .describe('The prefix of the sort key, which must be a string.'),
    attribute: z
      .string()
      .min(1)
      .optional()
      .describe('The name of a top-level attribute of the item, not a path.'),
    equals: z
      .union([z.string(), z.array(z.string()).min(1)])
      .optional()
      .describe(
        'The value of that attribute, or a list of alternatives: text, a plain number, true or false.',
      ),
  })
  .refine((route) => (route.attribute === undefined) === (route.equals === undefined), {
    message: 'attribute and equals together, or neither',
  })
  .refine((route) => Object.keys(route).length > 0, {
    message: 'at least one of keyPrefix, sortKeyPrefix, or attribute with equals',
  });
export type EntityRoute = z.infer<typeof EntityRoute>;

/** A test of whether an item belongs to the entity. @param key the key of the item's table */
export function routeTest(route: EntityRoute, key: Key): (item: Item) => boolean {
  const tests: ((item: Item) => boolean)[] = [];
  const requirePrefix = (name: string | undefined, prefix: string | undefined) => {
    if (prefix === undefined) return;
    tests.push((item) => name !== undefined && (textOf(item, name, ['S'])?.startsWith(prefix) ?? false));
  };
  requirePrefix(key[0]?.name, route.keyPrefix);
  requirePrefix(key[1]?.name, route.sortKeyPrefix);
  const { attribute, equals } = route;
  if (attribute !== undefined && equals !== undefined) {
    const values = new Set(typeof equals === 'string' ? [equals] : equals);
    tests.push((item) => {
      const text = textOf(item, attribute, ['S', 'N', 'BOOL']);
      return text !== undefined && values.has(text);
    });
  }
  return (item) => tests.every((test) => test(item));
}

/** The text of a scalar attribute as its column would hold it; undefined unless it has one of these kinds. */
function textOf(item: Item, name: string, kinds: readonly ('S' | 'N' | 'BOOL')[]): string | undefined {
  const value = Object.hasOwn(item, name) ? (item[name] as Readonly<Record<string, unknown>>) : undefined;
  if (value === undefined) return undefined;
  for (const kind of kinds) {
    const content = value[kind];
    if (typeof content === 'boolean') return String(content);
    if (typeof content === 'string') return kind === 'N' ? numberText(content).text : content;
  }
  return undefined;
}
