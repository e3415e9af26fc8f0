import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  aspectPath,
  attributePath,
  depthOf,
  entityPath,
  entryPath,
  isRoot,
  levelsOf,
  listOf,
  memberLevels,
  memberPath,
  parentTable,
  ROOT,
  rootOf,
  type Step,
  stepsOf,
  tableOf,
  withoutAspect,
} from '../../../../src/pipeline/item/path.ts';

const hostileName = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    '.',
    '[',
    ']',
    '[]',
    '%',
    '%%',
    '%2E',
    '%2e',
    '\\',
    '"',
    '\0',
    '\n',
    'a.b',
    'a[]',
    '__proto__',
    '%5F_proto__',
    'é.',
  ),
  fc.string({ unit: fc.constantFrom('.', '[', ']', '%', '2', 'E', '_') }),
  fc.string(),
);

/** Begins with a name, as every path of an item does. */
const steps = fc
  .tuple(
    hostileName,
    fc.array(
      fc.oneof(
        fc.constant('member' as const),
        hostileName.map((name) => ({ name })),
      ),
    ),
  )
  .map(([name, rest]): Step[] => [{ name }, ...rest]);

const pathOf = (all: readonly Step[]) =>
  all.reduce(
    (path, step) =>
      typeof step === 'string' ? memberPath(path) : attributePath(path, 'name' in step ? step.name : ''),
    ROOT,
  );

test('the steps of a path can be read from it, whatever the names', () => {
  fc.assert(
    fc.property(steps, (all) => expect(stepsOf(pathOf(all))).toEqual(all)),
    { numRuns: 2000 },
  );
});

test('different steps have different paths', () => {
  fc.assert(
    fc.property(steps, steps, (a, b) => {
      expect(pathOf(a) === pathOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
    { numRuns: 2000 },
  );
});

test('the table of a path is the innermost list or set it goes through', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const last = all.lastIndexOf('member');
      expect(tableOf(pathOf(all))).toBe(last < 0 ? ROOT : pathOf(all.slice(0, last + 1)));
      expect(memberLevels(pathOf(all))).toBe(all.filter((step) => step === 'member').length);
    }),
    { numRuns: 2000 },
  );
});

test('the parent of a table is the table that holds its list', () => {
  expect(parentTable(ROOT)).toBeUndefined();
  expect(parentTable('prizes[]')).toBe(ROOT);
  expect(parentTable('prizes[].affiliations[]')).toBe('prizes[]');
  expect(parentTable('matrix[][]')).toBe('matrix[]');
  expect(listOf('prizes[].affiliations[]')).toBe('prizes[].affiliations');
});

test('a path can be the key of a JSON object: never __proto__, never with an escape', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const path = pathOf(all);
      expect(path).not.toBe('__proto__');
      expect(JSON.stringify(path)).toBe(`"${path}"`);
    }),
    { numRuns: 2000 },
  );
});

test('a path can be read', () => {
  const path = memberPath(attributePath(attributePath(ROOT, 'größe'), 'v1.5 [cm]'));
  expect(path).toBe('größe.v1%2E5 %5Bcm][]');
});

describe('paths of entities, of maps of rows, and of aspects', () => {
  const orders = entityPath('orders');
  const totals = attributePath(orders, 'totals');
  const entries = entryPath(totals);

  test('can be read, and give their steps', () => {
    expect(memberPath(attributePath(entries, 'a.b'))).toBe('[orders].totals[key].a%2Eb[]');
    expect(stepsOf('[orders].totals[key].a%2Eb[]')).toEqual([
      { entity: 'orders' },
      { name: 'totals' },
      'entry',
      { name: 'a.b' },
      'member',
    ]);
    expect(stepsOf(aspectPath(entries, 'super'))).toEqual([...stepsOf(entries), { aspect: 'super' }]);
    expect(stepsOf(aspectPath(ROOT, 'rest'))).toEqual([{ aspect: 'rest' }]);
  });

  test('an attribute named like an aspect is not one', () => {
    expect(stepsOf(attributePath(ROOT, '%super'))).toEqual([{ name: '%super' }]);
    expect(withoutAspect(attributePath('a', '%super'))).toBe(attributePath('a', '%super'));
    expect(withoutAspect(aspectPath('a', 'super'))).toBe('a');
    expect(withoutAspect(aspectPath(ROOT, 'rest'))).toBe(ROOT);
  });

  test('the parents of a table lead up to the entity', () => {
    const tags = memberPath(attributePath(entries, 'tags'));
    expect([tags, parentTable(tags), parentTable(entries), parentTable(orders)]).toEqual([
      '[orders].totals[key].tags[]',
      entries,
      orders,
      undefined,
    ]);
    expect([isRoot(orders), isRoot(entries), isRoot(ROOT), rootOf(tags)]).toEqual([
      true,
      false,
      true,
      orders,
    ]);
    expect(levelsOf(tags)).toEqual(['entry', 'member']);
    expect(depthOf(attributePath(tags, 'x'))).toBe(5);
  });
});
