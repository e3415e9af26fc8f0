import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { columnType, type RedshiftType, typeSql } from '../../../../src/pipeline/columns/redshift-type.ts';
import { typeFromSql } from '../../../../src/pipeline/columns/type-text.ts';
import { holds, joinTypes, widenedType } from '../../../../src/pipeline/columns/widen.ts';
import { createShredder } from '../../../../src/pipeline/mapping/shred.ts';
import { mergeSeen, type ScalarSeen } from '../../../../src/pipeline/seen/seen.ts';

const type = (sql: string) => typeFromSql(sql) as RedshiftType;

const types: fc.Arbitrary<RedshiftType> = fc.oneof(
  fc.constantFrom<RedshiftType>(
    { type: 'BOOLEAN' },
    { type: 'INTEGER' },
    { type: 'BIGINT' },
    { type: 'DATE' },
    { type: 'TIMESTAMPTZ' },
  ),
  fc
    .tuple(fc.constantFrom(18, 38), fc.nat(18))
    .map(([precision, scale]): RedshiftType => ({ type: 'DECIMAL', precision, scale })),
  fc.integer({ min: 1, max: 65_535 }).map((bytes): RedshiftType => ({ type: 'VARCHAR', bytes })),
  fc.integer({ min: 1, max: 65_535 }).map((bytes): RedshiftType => ({ type: 'VARBYTE', bytes })),
);

/** What the values of attribute `v` show, each in an item of its own. */
function seenOf(values: readonly object[]): ScalarSeen {
  const shredder = createShredder({ key: [{ name: 'id', kind: 'N' }], layouts: [] });
  values.forEach((v, i) => {
    shredder.shred({ id: { N: String(i) }, v } as never);
  });
  return shredder.takeSeen().tables['']?.scalars.v as ScalarSeen;
}

const bothSeen = (a: ScalarSeen, b: ScalarSeen): ScalarSeen => {
  const seen = (scalar: ScalarSeen) => ({
    tables: { '': { rows: 1, scalars: { v: scalar }, bytes: {}, counts: {} } },
  });
  return mergeSeen(seen(a), seen(b)).tables['']?.scalars.v as ScalarSeen;
};

const values = fc.oneof(
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map((n) => ({ N: String(n) })),
  fc.integer().map((n) => ({ N: String(n) })),
  fc.tuple(fc.integer(), fc.nat(12)).map(([n, scale]) => ({ N: `${n}e-${scale}` })),
  fc.constantFrom('1e-130', '9.9e125', '0.1', '-0').map((N) => ({ N })),
  fc.constantFrom('2026-11-21', '2026-11-21T07:00:00Z', 'text', '').map((S) => ({ S })),
  fc.string({ maxLength: 60 }).map((S) => ({ S })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ B: Buffer.from(bytes).toString('base64') })),
);
/** Mostly of one kind, as columns are. */
const runs = fc.array(fc.array(values, { minLength: 1, maxLength: 4 }).map(seenOf), {
  minLength: 1,
  maxLength: 5,
});

/** The type after these runs, one after the other. */
function typeAfter(all: readonly ScalarSeen[]): RedshiftType {
  let before: RedshiftType | undefined;
  let ever: ScalarSeen | undefined;
  for (const seen of all) {
    ever = ever === undefined ? seen : bothSeen(ever, seen);
    before = widenedType(before, seen, ever, 'value');
  }
  return before as RedshiftType;
}

describe('types', () => {
  test.each([
    ['BIGINT', 'DECIMAL(18,2)', 'DECIMAL(38,2)'],
    ['DECIMAL(18,2)', 'DECIMAL(18,4)', 'DECIMAL(18,4)'],
    ['DECIMAL(38,2)', 'DECIMAL(18,4)', 'DECIMAL(38,4)'],
    ['DECIMAL(38,2)', 'VARCHAR(64)', 'VARCHAR(64)'],
    ['VARCHAR(16)', 'VARCHAR(64)', 'VARCHAR(64)'],
    ['VARBYTE(16)', 'VARBYTE(64)', 'VARBYTE(64)'],
    ['DATE', 'VARCHAR(64)', 'VARCHAR(64)'],
    ['DATE', 'TIMESTAMPTZ', 'VARCHAR(16)'],
    ['BOOLEAN', 'BIGINT', 'VARCHAR(16)'],
    ['VARBYTE(64)', 'VARCHAR(32)', 'VARCHAR(32)'],
  ])('%s and %s join to %s', (a, b, both) => {
    expect(typeSql(joinTypes(type(a), type(b)))).toBe(both);
    expect(typeSql(joinTypes(type(b), type(a)))).toBe(both);
  });

  test('join in any order and grouping, and with themselves to themselves', () => {
    fc.assert(
      fc.property(types, types, types, (a, b, c) => {
        expect(joinTypes(a, b)).toEqual(joinTypes(b, a));
        expect(joinTypes(joinTypes(a, b), c)).toEqual(joinTypes(a, joinTypes(b, c)));
        expect(joinTypes(a, a)).toEqual(a);
      }),
    );
  });

  test('hold whatever made them', () => {
    fc.assert(
      fc.property(runs, (all) => {
        for (const seen of all) expect(holds(columnType(seen, 'value'), seen)).toBe(true);
      }),
    );
  });

  test('after some runs hold what all of them saw, whatever the order of the runs', () => {
    fc.assert(
      fc.property(runs, (all) => {
        const after = typeAfter(all);
        expect(holds(after, all.reduce(bothSeen))).toBe(true);
        expect(typeAfter(all.toReversed())).toEqual(after);
        expect(typeAfter([...all, ...all])).toEqual(after);
      }),
      { numRuns: 500 },
    );
  });

  test('never step back: what follows a type is a join with it', () => {
    fc.assert(
      fc.property(runs, (all) => {
        const steps = all.map((_, i) => typeAfter(all.slice(0, i + 1)));
        const joined = steps.map((after, i) => joinTypes(steps[Math.max(0, i - 1)] as RedshiftType, after));
        expect(joined).toEqual(steps);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a configured type', () => {
  test.each([
    ['BIGINT', [{ N: '12' }], true],
    ['BIGINT', [{ N: '1.5' }], false],
    ['BIGINT', [{ N: '9223372036854775808' }], false],
    ['DECIMAL(5,2)', [{ N: '123.45' }], true],
    ['DECIMAL(5,2)', [{ N: '1234' }], false],
    ['DECIMAL(5,2)', [{ N: '1.234' }], false],
    ['DECIMAL(38,0)', [{ N: '1e-130' }], false],
    ['VARCHAR(3)', [{ S: 'äb' }], true],
    ['VARCHAR(3)', [{ S: 'äbc' }], false],
    ['VARCHAR(8)', [{ N: '1.5' }, { BOOL: true }], true],
    ['DATE', [{ S: '2026-11-21' }], true],
    ['DATE', [{ S: '2026-11-21' }, { S: 'soon' }], false],
    ['TIMESTAMPTZ', [{ S: '2026-11-21' }], false],
    ['VARBYTE(2)', [{ B: 'AAE=' }], true],
    ['VARBYTE(1)', [{ B: 'AAE=' }], false],
    ['BOOLEAN', [{ BOOL: true }, { S: 'true' }], false],
  ])('%s holds %j: %s', (sql, some, expected) => {
    expect(holds(type(sql), seenOf(some))).toBe(expected);
  });

  test.each([
    'BIGINT',
    'DECIMAL(18,2)',
    'decimal( 38 , 0 )',
    'varchar(65535)',
    'VARBYTE(16777216)',
    'DATE',
    'boolean',
  ])('may be %s', (sql) => {
    expect(typeFromSql(sql)).toBeDefined();
  });

  test.each([
    'VARCHAR',
    'VARCHAR(0)',
    'VARCHAR(65536)',
    'DECIMAL(19,2)',
    'DECIMAL(39,0)',
    'DECIMAL(3,4)',
    'TEXT',
    'DATE(3)',
    '',
  ])('may not be %j', (sql) => {
    expect(typeFromSql(sql)).toBeUndefined();
  });
});
