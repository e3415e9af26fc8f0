import { describe, expect, test } from '@jest/globals';
import { wearQuery, wornTables } from '../../../../src/pipeline/replace/table-wear.ts';

const row = (name: string, rows: number, visible: number, unsorted: string | null) => ({
  ...{ name, unsorted },
  ...{ rows: String(rows), visible: String(visible) },
});

describe('a table needs a VACUUM', () => {
  test('if more than 30% of its rows are deleted, or unsorted', () => {
    const rows = [row('a', 100_000, 60_000, null), row('b', 100_000, 99_000, '45.20')];
    expect(wornTables(rows)).toEqual([
      { name: 'a', deletedPercent: 40, unsortedPercent: 0 },
      { name: 'b', deletedPercent: 1, unsortedPercent: 45 },
    ]);
  });

  test('not if there are fewer, if it is small, or if the estimate is above the count', () => {
    const rows = [
      row('a', 100_000, 80_000, '10'),
      row('b', 9_000, 1_000, '90'),
      row('c', 50_000, 60_000, null),
    ];
    expect(wornTables(rows)).toEqual([]);
  });

  test('as Redshift reports it', () => {
    expect(wearQuery("o'rders")).toContain(`WHERE "schema" = 'o''rders'`);
  });
});
