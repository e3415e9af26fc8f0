import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { finalLayouts } from '../../../../src/pipeline/columns/layout-growth.ts';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { attributePath, memberPath, type Path, ROOT } from '../../../../src/pipeline/item/path.ts';
import { fillableColumns, fillableTables } from '../../../../src/pipeline/mapping/fillable.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { seenOf, write } from '../load/part-files.ts';
import { mapOf, valueWith } from './hostile-items.ts';
import { plain, plainMap } from './plain.ts';
import { reassemble } from './reassemble.ts';

/** What `include` and `exclude` leave of items, as code decides it that looks at every value of an item by its path. */

const key = [{ name: 'id', kind: 'S' }] as const;
const NULL: AttributeValue = { NULL: true };

const startsWith = (path: Path, above: Path) =>
  path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

/** What is read of a value; undefined if nothing. */
function read(
  path: Path,
  value: AttributeValue,
  { include, exclude = [] }: Mapping,
): AttributeValue | undefined {
  if (exclude.some((out) => startsWith(path, out))) return undefined;
  const isIn = include?.some((one) => startsWith(path, one)) ?? true;
  const isOnTheWay = (step: string) => isIn || include?.some((one) => one.startsWith(`${path}${step}`));
  const mapping = { include, exclude } as Mapping;
  if ('M' in value) return isOnTheWay('.') ? { M: readMap(path, value.M, mapping) } : undefined;
  const members =
    'L' in value
      ? value.L
      : 'SS' in value
        ? value.SS.map((S) => ({ S }))
        : 'NS' in value
          ? value.NS.map((N) => ({ N }))
          : 'BS' in value
            ? value.BS.map((B) => ({ B }))
            : undefined;
  if (members === undefined) return isIn ? value : undefined;
  if (!isOnTheWay('[]')) return undefined;
  const left = members.map((member) => read(memberPath(path), member, mapping) ?? NULL);
  return 'L' in value || left.includes(NULL) ? { L: left } : value;
}

function readMap(path: Path, attributes: Item, mapping: Mapping): Item {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => {
      const left = path === ROOT && name === 'id' ? value : read(attributePath(path, name), value, mapping);
      return left === undefined ? [] : [[name, left]];
    }),
  );
}

const items = fc
  .array(mapOf(fc.constantFrom('a', 'b', 'ab', 'a.b'), valueWith(fc.constantFrom('a', 'b', 'ab'), 3)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all) => all.map((item, i): Item => ({ ...item, id: { S: String(i) } })));
const path = fc
  .tuple(
    fc.constantFrom('a', 'b', 'ab', 'a%2Eb'),
    fc.array(fc.constantFrom('.a', '.b', '.ab', '[]'), { maxLength: 3 }),
  )
  .map(([first, others]) => [first, ...others].join(''));
const paths = fc.option(fc.uniqueArray(path, { minLength: 1, maxLength: 4 }), { nil: undefined });
const mappings = fc.record({ include: paths, exclude: paths }).map((mapping) => Mapping.parse(mapping));

describe('of the items, what is included and not excluded', () => {
  test('is in the rows, and nothing else', () => {
    fc.assert(
      fc.property(items, mappings, (some, mapping) => {
        const { files, odd } = write(
          some,
          [...key],
          finalLayouts(seenOf(some, [...key], mapping), [...key]),
          mapping,
        );
        expect(odd).toEqual([]);
        const expected = some.map((item) => [
          JSON.stringify([plain(item.id as AttributeValue)]),
          plainMap(readMap(ROOT, item, mapping)),
        ]);
        expect(reassemble(files, [...key])).toEqual(new Map(expected as never));
      }),
      { numRuns: 1000 },
    );
  });

  test('has columns and tables, which the mapping can fill', () => {
    fc.assert(
      fc.property(items, mappings, (some, mapping) => {
        const seen = seenOf(some, [...key], mapping);
        expect(Object.keys(seen.tables).filter((table) => !fillableTables(mapping)(table))).toEqual([]);
        const columns = finalLayouts(seen, [...key]).flatMap((layout) => layout.columns);
        expect(columns.filter((column) => !fillableColumns(mapping)(column))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, object]>([
    ['a', { exclude: ['a'] }],
    ['a.b', { exclude: ['a'] }],
    ['b', { include: ['a'] }],
    ['a', { include: ['a.b'] }],
    ['a.c', { include: ['a.b'] }],
    ['a.%n', {}],
  ])('is not the column %s with %j', (at, mapping) => {
    expect(fillableColumns(Mapping.parse(mapping))({ path: at, form: 'scalar' })).toBe(false);
  });

  test.each<[string, object]>([
    ['a[]', { exclude: ['a'] }],
    ['a[]', { include: ['a.b'] }],
    ['a.b[]', { include: ['a[]'] }],
  ])('is not the table %s with %j', (at, mapping) => {
    expect(fillableTables(Mapping.parse(mapping))(at)).toBe(false);
  });
});
