import { describe, expect, test } from '@jest/globals';
import { besideName } from '../../../../src/pipeline/merge/beside-tables.ts';
import { byteLength } from '../../../../src/pipeline/sql/identifier.ts';
import { BESIDE_KINDS, isSystemTable } from '../../../../src/pipeline/sql/system-tables.ts';
import { textSql } from '../../../../src/pipeline/sql/text-sql.ts';

describe('the names of the tables beside a target', () => {
  const long = 'x'.repeat(120);
  const tables = [
    'quakes',
    'x_quakes',
    '_quakes',
    'é'.repeat(63),
    long,
    `${long}1`,
    `${long}2`,
    'x'.repeat(127),
  ];

  test('fit, and differ for different tables and kinds', () => {
    const names = tables.flatMap((table) => BESIDE_KINDS.map((kind) => besideName(kind, table)));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(byteLength(name)).toBeLessThanOrEqual(127);
  });

  test('are no other table’s, even if that is called like a cut name', () => {
    const cut = besideName('lock', long);
    const imitation = cut.slice('_tributary_lock_'.length);
    expect(besideName('lock', imitation)).not.toBe(cut);
    expect(besideName('lock', imitation.slice(1))).not.toBe(cut);
  });

  test('are known as Tributary’s own', () => {
    for (const table of tables)
      for (const kind of BESIDE_KINDS) expect(isSystemTable(besideName(kind, table))).toBe(true);
    expect(
      ['quakes', '_tributary_lock', '_tributary_locks__quakes', 'my_tributary_lock__quakes'].filter(
        isSystemTable,
      ),
    ).toEqual([]);
  });
});

test('a text with a backslash cannot be read in two ways', () => {
  expect(textSql("it's")).toBe("'it''s'");
  expect(textSql("a\\b\\'")).toBe("('a' || CHR(92) || 'b' || CHR(92) || '''')");
});
