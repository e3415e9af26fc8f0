import { z } from 'zod';
import type { Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { numberText } from '../item/number.ts';

/** Which items belong to an entity of a single-table design: those that meet every condition given. */
export const EntityRoute = z
  .strictObject({
    keyPrefix: z.string().min(1).optional().describe('The partition key, a string, begins with this.'),
    sortKeyPrefix: z.string().min(1).optional().describe('The sort key, a string, begins with this.'),
    attribute: z.string().min(1).optional().describe('Name of an attribute of the item, not a path.'),
    equals: z
      .union([z.string(), z.array(z.string()).min(1)])
      .optional()
      .describe('The value of that attribute, or one of several: text, a plain number, true or false.'),
  })
  .refine((route) => (route.attribute === undefined) === (route.equals === undefined), {
    message: 'attribute and equals go together',
  })
  .refine((route) => Object.keys(route).length > 0, {
    message: 'at least one of keyPrefix, sortKeyPrefix and attribute with equals',
  });
export type EntityRoute = z.infer<typeof EntityRoute>;

/** Whether an item of a table with this key belongs to the entity. */
export function routeTest(route: EntityRoute, key: Key): (item: Item) => boolean {
  const tests: ((item: Item) => boolean)[] = [];
  const begins = (name: string | undefined, prefix: string | undefined) => {
    if (prefix === undefined) return;
    tests.push((item) => name !== undefined && (textOf(item, name, ['S'])?.startsWith(prefix) ?? false));
  };
  begins(key[0]?.name, route.keyPrefix);
  begins(key[1]?.name, route.sortKeyPrefix);
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

/** The text of a scalar attribute of one of these kinds, as its column would have it. */
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
