import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finalLayouts } from '../../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../../src/pipeline/item/key.ts';
import { attributePath, memberPath, type Path, ROOT } from '../../../../../src/pipeline/item/path.ts';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../../../src/pipeline/mapping/shred.ts';
import { seenOf, write } from '../../load/part-files.ts';
import { HOSTILE_KEY, hostileItems } from '../hostile-items.ts';

const key: Key = [{ name: 'id', kind: 'S' }];

/** The item as an odd item or a reject keeps it. */
function kept(item: Item, settings: Record<string, unknown>): Item {
  return createShredder({ key, layouts: [], mapping: Mapping.parse(settings) }).kept(item);
}

const ignoring = (...paths: string[]) => ({
  columns: Object.fromEntries(paths.map((path) => [path, { ignore: true }])),
});

describe('an item that is kept whole has no ignored attribute', () => {
  const secret: AttributeValue = { S: 'secret' };
  const other: AttributeValue = { S: 'other' };

  test.each<[string, string, AttributeValue, AttributeValue | undefined]>([
    ['an attribute', 'v', secret, undefined],
    ['a whole map', 'v', { M: { a: secret } }, undefined],
    ['in a map', 'v.a', { M: { a: secret, b: other } }, { M: { b: other } }],
    ['in a map, alone', 'v.a', { M: { a: secret } }, { M: {} }],
    [
      'in the maps of a list',
      'v[].a',
      { L: [{ M: { a: secret, b: other } }, other] },
      { L: [{ M: { b: other } }, other] },
    ],
    [
      'the members of a list',
      'v[]',
      { L: [secret, { M: { a: secret } }] },
      { L: [{ NULL: true }, { NULL: true }] },
    ],
    ['the members of a set', 'v[]', { SS: ['secret', 'x'] }, { L: [{ NULL: true }, { NULL: true }] }],
    ['in a list of lists', 'v[][].a', { L: [{ L: [{ M: { a: secret } }] }] }, { L: [{ L: [{ M: {} }] }] }],
    ['with a name that paths escape', 'v.a%2Eb', { M: { 'a.b': secret, a: other } }, { M: { a: other } }],
    [
      'named like a property of objects',
      'v.%5F_proto__',
      JSON.parse('{"M":{"__proto__":{"S":"secret"}}}'),
      { M: {} },
    ],
  ])('%s', (_, path, value, expected) => {
    const item = { id: { S: 'a' }, v: value };
    const left = kept(item, ignoring(path));
    expect(JSON.stringify(left)).not.toContain('secret');
    expect(left).toEqual(expected === undefined ? { id: { S: 'a' } } : { id: { S: 'a' }, v: expected });
  });

  test('in the entries of a map with asRows', () => {
    const item: Item = { id: { S: 'a' }, v: { M: { x: { M: { a: secret, b: other } }, y: other } } };
    const columns = { v: { asRows: true }, 'v[key].a': { ignore: true } };
    expect(kept(item, { columns }).v).toEqual({ M: { x: { M: { b: other } }, y: other } });
  });

  test('of the entity that the item belongs to', () => {
    const entities = { orders: { keyPrefix: 'O#' }, others: { keyPrefix: 'X#' } };
    const settings = { ...ignoring('[orders].v'), entities };
    expect(kept({ id: { S: 'O#1' }, v: secret }, settings)).toEqual({ id: { S: 'O#1' } });
    expect(kept({ id: { S: 'X#1' }, v: other }, settings)).toEqual({ id: { S: 'X#1' }, v: other });
  });

  test('but it has its key, and what tells its entity', () => {
    const entities = { orders: { attribute: 'type', equals: 'order' } };
    const item: Item = { id: { S: 'a' }, type: { S: 'order' }, v: secret };
    const settings = { ...ignoring('id', '[orders].id', '[orders].type', '[orders].v'), entities };
    expect(kept(item, settings)).toEqual({ id: { S: 'a' }, type: { S: 'order' } });
  });

  test('an item without any is the same object', () => {
    const item: Item = { id: { S: 'a' }, v: { M: { b: other } } };
    expect(kept(item, ignoring('v.a', 'w'))).toBe(item);
  });
});

test('an ignored attribute is in no value kept whole, too deep or by asSuper', () => {
  const whole: AttributeValue = { M: { a: { S: 'secret' }, list: { L: [{ M: { a: { S: 'secret' } } }] } } };
  const item: Item = { id: { S: 'a' }, v: whole, w: { M: { deep: whole } } };
  const paths = ignoring('v.a', 'v.list[].a', 'w.deep.a', 'w.deep.list[].a').columns;
  const mapping = Mapping.parse({ columns: { v: { asSuper: true }, ...paths }, maxDepth: 2 });
  const { files } = write([item], key, finalLayouts(seenOf([item], key, mapping), key), mapping);
  expect(files.map(({ text }) => text)).toEqual(['"a","{""list"":[{}]}","{""list"":[{}]}"\n']);
});

/** Every path of the items' values, without those of the key. */
function pathsIn(items: readonly Item[]): Path[] {
  const paths = new Set<Path>();
  const look = (path: Path, value: AttributeValue) => {
    paths.add(path);
    if ('M' in value) {
      for (const [name, inner] of Object.entries(value.M)) look(attributePath(path, name), inner);
    }
    if ('L' in value) for (const member of value.L) look(memberPath(path), member);
  };
  for (const [name, value] of items.flatMap((item) => Object.entries(item))) {
    if (!HOSTILE_KEY.some((part) => part.name === name)) look(attributePath(ROOT, name), value);
  }
  return [...paths];
}

test('items without their ignored attributes make the same rows as the items with them', () => {
  fc.assert(
    fc.property(hostileItems, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (items, picks) => {
      const paths = pathsIn(items);
      const chosen = picks.flatMap((n) => paths[n % Math.max(1, paths.length)] ?? []);
      const mapping = { ...Mapping.parse({}), ...ignoring(...chosen) };
      const layouts = finalLayouts(seenOf(items, HOSTILE_KEY, mapping), HOSTILE_KEY);
      const shredder = createShredder({ key: HOSTILE_KEY, layouts, mapping });
      const before = write(items, HOSTILE_KEY, layouts, mapping);
      const after = write(
        items.map((item) => shredder.kept(item)),
        HOSTILE_KEY,
        layouts,
        mapping,
      );
      expect(after.files).toEqual(before.files);
      expect(after.seen).toEqual(before.seen);
    }),
  );
});
