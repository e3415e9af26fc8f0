import { expect, test } from '@jest/globals';
import { fieldsOf, type Layout, layoutId } from '../../../../src/pipeline/columns/layout.ts';

const key = [
  { name: 'p.k', kind: 'S' },
  { name: 'sk', kind: 'N' },
] as const;
const layout: Layout = {
  table: 'prizes[].affiliations[]',
  columns: [
    { path: 'prizes[].affiliations[]', form: 'count' },
    { path: 'prizes[].affiliations[].name', form: 'scalar' },
  ],
};

test('a file holds the key, one position per list level, then the columns of its layout', () => {
  expect(fieldsOf(layout, [...key])).toEqual([
    { role: 'key', path: 'p%2Ek' },
    { role: 'key', path: 'sk' },
    { role: 'position', level: 0 },
    { role: 'position', level: 1 },
    { role: 'value', path: 'prizes[].affiliations[]', form: 'count' },
    { role: 'value', path: 'prizes[].affiliations[].name', form: 'scalar' },
  ]);
});

test('a layout always has the same id, and another layout another', () => {
  const id = layoutId(layout, [...key]);
  expect(id).toMatch(/^[0-9a-f]{10}$/);
  expect(layoutId(structuredClone(layout), [...key])).toBe(id);
  const others = [
    { ...layout, table: 'prizes[]' },
    { ...layout, columns: layout.columns.slice(1) },
    { ...layout, columns: layout.columns.map((column) => ({ ...column, form: 'bytes' as const })) },
  ];
  expect(new Set([id, ...others.map((other) => layoutId(other, [...key]))]).size).toBe(4);
  expect(layoutId(layout, [key[0]])).not.toBe(id);
});

test('the ids are those of the files that earlier versions wrote', () => {
  expect(
    layoutId({ table: '', columns: [{ path: 'name', form: 'scalar' }] }, [{ name: 'id', kind: 'S' }]),
  ).toBe('0c3a7f46ad');
});
