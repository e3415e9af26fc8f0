import { describe, expect, test } from '@jest/globals';
import { MAX_SHAPES, RowShapes } from '../../../../src/pipeline/columns/row-shapes.ts';

const layoutOf = (columns: number) => ({
  table: '',
  columns: Array.from({ length: columns }, (_, i) => ({ path: `c${i}`, form: 'scalar' as const })),
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

function shapesOf(columns: number, rows: readonly (readonly [number, readonly number[]])[]) {
  const shapes = new RowShapes();
  for (const [count, filled] of rows) for (let i = 0; i < count; i++) shapes.add(filled);
  return shapes
    .layouts(layoutOf(columns))
    .map((layout) => layout.columns.map(({ path }) => Number(path.slice(1))));
}

describe('the common shapes of a table', () => {
  test('are one per entity, the narrowest first, with the columns that only some of its rows have', () => {
    const rows: [number, number[]][] = [
      [40, range(10, 30)],
      [30, range(0, 8)],
      [10, range(0, 9)],
    ];
    expect(shapesOf(40, rows)).toEqual([range(0, 8), range(0, 9), range(10, 30)]);
  });

  test('are few: shapes that differ least are united', () => {
    const rows = Array.from({ length: 10 }, (_, i): [number, number[]] => [10, [...range(0, 5), 5 + i]]);
    const shapes = shapesOf(40, [...rows, [10, range(20, 30)]]);
    expect(shapes).toHaveLength(MAX_SHAPES);
    expect(shapes).toContainEqual(range(20, 30));
  });

  test('are those of many rows', () => {
    expect(
      shapesOf(40, [
        [98, range(0, 5)],
        [1, range(5, 9)],
        [1, range(9, 20)],
      ]),
    ).toEqual([range(0, 5)]);
  });

  test.each([
    ['a table with few columns', 8, range(0, 2)],
    ['rows that fill nearly all columns', 40, range(0, 38)],
  ])('are none for %s', (_what, columns, filled) => {
    expect(shapesOf(columns, [[100, filled]])).toEqual([]);
  });
});
