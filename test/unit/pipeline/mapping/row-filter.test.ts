import { describe, expect, test } from '@jest/globals';
import type { AttributeValue, Item } from '../../../../src/pipeline/item/attribute.ts';
import { Mapping } from '../../../../src/pipeline/mapping/mapping.ts';
import { FilterCondition, RowFilter } from '../../../../src/pipeline/mapping/row-filter.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';

const keeps = (condition: object, a: AttributeValue | undefined): boolean =>
  new RowFilter([FilterCondition.parse({ attribute: 'a', ...condition })]).keepsItem(
    a === undefined ? {} : { a },
  );

const S = (text: string): AttributeValue => ({ S: text });
const N = (text: string): AttributeValue => ({ N: text });
const NULL: AttributeValue = { NULL: true };
const LIST: AttributeValue = { L: [] };

describe('an item is copied if it meets the condition', () => {
  test.each<[object, readonly (AttributeValue | undefined)[], readonly (AttributeValue | undefined)[]]>([
    [{ equals: 'x' }, [S('x')], [S('X'), S(''), N('1'), NULL, LIST, undefined]],
    [{ equals: ['1', 'true'] }, [S('1'), N('1.0'), { BOOL: true }], [N('2'), { BOOL: false }]],
    [{ notEquals: 'x' }, [S('y'), N('1'), NULL, LIST, undefined], [S('x')]],
    [{ beginsWith: 'O#' }, [S('O#1'), S('O#')], [S('o#1'), N('0'), NULL, undefined]],
    [{ exists: true }, [S(''), N('0'), LIST, { BOOL: false }], [NULL, undefined]],
    [{ exists: false }, [NULL, undefined], [S(''), LIST]],
    [
      { atLeast: '2024-01-01' },
      [S('2024-01-01'), S('2024-01-01T00:00:00Z'), S('2025-01-01')],
      [S('2023-12-31T23:59:59Z'), N('2025'), NULL, undefined],
    ],
    [{ atLeast: '10' }, [N('10'), N('1E1'), N('9.5E30'), S('9')], [N('9.99'), N('-11'), S('1')]],
    [{ below: '10' }, [N('9.999'), N('-1E125'), S('1')], [N('10.0'), S('9'), { BOOL: true }, undefined]],
    [{ below: '\u{1F600}' }, [S('\uffee')], [S('\u{1F601}')]],
    [{ atLeast: '1', below: '2' }, [N('1'), N('1.5')], [N('0.5'), N('2')]],
  ])('%j', (condition, kept, others) => {
    expect(kept.filter((value) => !keeps(condition, value))).toEqual([]);
    expect(others.filter((value) => keeps(condition, value))).toEqual([]);
  });

  test('and all others', () => {
    const both = [
      FilterCondition.parse({ attribute: 'a', exists: true }),
      FilterCondition.parse({ attribute: 'b', equals: 'x' }),
    ];
    expect(new RowFilter(both).keepsItem({ a: N('1'), b: S('x') })).toBe(true);
    expect(new RowFilter(both).keepsItem({ a: N('1'), b: S('y') })).toBe(false);
    expect(new RowFilter(both).attributes).toEqual(['a', 'b']);
  });
});

test.each<[object, string]>([
  [{ attribute: 'a' }, 'at least one of equals'],
  [{ equals: 'a' }, 'attribute'],
  [{ attribute: 'a', like: 'b' }, 'like'],
])('%j is no condition', (condition, message) => {
  expect(JSON.stringify(FilterCondition.safeParse(condition).error?.issues)).toContain(message);
});

test('an item that is filtered leaves no trace, even if it could not be written; a kept one is not filtered again', () => {
  const mapping = Mapping.parse({ where: [{ attribute: 'a', exists: true }], exclude: ['a'] });
  const key = [{ name: 'id', kind: 'S' as const }];
  const shredder = createShredder({ key, layouts: [], mapping });
  expect(shredder.shred({ id: S('x\0') }).kind).toBe('filtered');
  expect(shredder.takeSeen()).toEqual({ tables: {} });
  const item: Item = { id: S('x'), a: S('1') };
  expect(shredder.shred(item).kind).toBe('odd');
  const again = createShredder({ key, layouts: [], mapping, hiding: 'before' });
  expect(again.shred(shredder.kept(item)).kind).toBe('odd');
});
