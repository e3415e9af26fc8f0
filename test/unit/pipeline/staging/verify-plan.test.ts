import { describe, expect, test } from '@jest/globals';
import type { ManifestColumn, ManifestTable } from '../../../../src/pipeline/run/manifest.ts';
import {
  analyzeStatements,
  compareTable,
  differenceText,
  verifyQueries,
} from '../../../../src/pipeline/staging/verify-plan.ts';

const column = (name: string, values: number, textBytes?: number): ManifestColumn => ({
  name,
  type: textBytes === undefined ? { type: 'BIGINT' } : { type: 'VARCHAR', bytes: 16 },
  role: 'value',
  path: name,
  form: 'scalar',
  notNull: false,
  values,
  ...(textBytes === undefined ? {} : { textBytes }),
});
const table = (columns: ManifestColumn[], rows = 3): ManifestTable => ({
  path: '',
  name: 'nobel',
  rows,
  columns,
  layouts: {},
  files: [],
});
const nobel = table([column('id', 3, 12), column('year', 2)]);

describe('verification', () => {
  test('counts rows, values and bytes of text', () => {
    expect(verifyQueries('s', nobel)).toEqual([
      'SELECT count(*) AS "rows", count("id") AS "v0", sum(octet_length("id")) AS "b0", count("year") AS "v1" FROM "s"."nobel"',
    ]);
  });

  test('finds nothing in a complete table, whether counts are numbers or text', () => {
    expect(compareTable(nobel, [{ rows: 3, v0: '3', b0: '12', v1: 2 }])).toEqual([]);
  });

  test('takes NULL, the sum over no text, as zero', () => {
    const empty = table([column('id', 0, 0)], 0);
    expect(compareTable(empty, [{ rows: 0, v0: 0, b0: null }])).toEqual([]);
  });

  test('says what differs, where, and by how much', () => {
    const found = compareTable(nobel, [{ rows: 4, v0: 3, b0: 11, v1: 1 }]);
    expect(found).toEqual([
      { table: 'nobel', what: 'rows', expected: 3, found: 4 },
      { table: 'nobel', column: 'id', what: 'textBytes', expected: 12, found: 11 },
      { table: 'nobel', column: 'year', what: 'values', expected: 2, found: 1 },
    ]);
    expect(found.map(differenceText)).toEqual([
      'nobel: 3 rows were extracted, the warehouse holds 4',
      'nobel.id: 12 bytes of text were extracted, the warehouse holds 11',
      'nobel.year: 2 values that are not NULL were extracted, the warehouse holds 1',
    ]);
  });

  test('has at most 200 aggregates per statement, and compares all of them', () => {
    const wide = table(Array.from({ length: 300 }, (_, i) => column(`c${i}`, i, 2 * i)));
    const queries = verifyQueries('s', wide);
    expect(queries.map((sql) => sql.match(/ AS "/g)?.length)).toEqual([200, 200, 200, 4]);
    const results = queries.map((sql) =>
      Object.fromEntries(
        [...sql.matchAll(/AS "(rows|[vb](\d+))"/g)].map(([, alias, i]) => [
          alias,
          alias === 'rows' ? 3 : alias?.startsWith('v') ? Number(i) : 2 * Number(i),
        ]),
      ),
    );
    expect(compareTable(wide, results)).toEqual([]);
    expect(() => compareTable(wide, results.slice(0, 3))).toThrow(
      "the warehouse's result for nobel has no column",
    );
  });

  test('is followed by statistics for every table', () => {
    expect(analyzeStatements('s', [nobel])).toEqual(['ANALYZE "s"."nobel"']);
  });
});
