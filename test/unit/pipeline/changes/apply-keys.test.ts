import { describe, expect, test } from '@jest/globals';
import { keyColumns, keyHash, keyLine } from '../../../../src/pipeline/changes/apply-keys.ts';
import { REASON_BYTES } from '../../../../src/pipeline/changes/set-aside.ts';
import type { RedshiftType } from '../../../../src/pipeline/columns/redshift-type.ts';
import type { Key } from '../../../../src/pipeline/item/key.ts';

const NUMBER: Key = [{ name: 'n', kind: 'N' }];
const text = (bytes: number): RedshiftType => ({ type: 'VARCHAR', bytes });
const decimal = (precision: number, scale: number): RedshiftType => ({ type: 'DECIMAL', precision, scale });
const table = (...types: RedshiftType[]) => ({ key: types.map((type) => ({ name: 'k', type })) });
const fields = (line: string) => line.trimEnd().split(',');

describe('the columns of the keys file', () => {
  test('are one per attribute and form: texts and bytes of any length have one', () => {
    const key: Key = [...NUMBER, { name: 'b', kind: 'B' }];
    const columns = keyColumns(key, [
      table(text(64), { type: 'VARBYTE', bytes: 16 }),
      table(text(16), { type: 'VARBYTE', bytes: 32 }),
      table({ type: 'BIGINT' }, { type: 'VARBYTE', bytes: 16 }),
      table(decimal(18, 2), { type: 'VARBYTE', bytes: 16 }),
      table(decimal(38, 2), { type: 'VARBYTE', bytes: 16 }),
    ]);
    expect(columns.map(({ name, attribute, type, isText }) => [name, attribute, type, isText])).toEqual([
      ['key_1', 0, 'VARCHAR(64)', true],
      ['key_2', 0, 'BIGINT', false],
      ['key_3', 0, 'DECIMAL(18,2)', false],
      ['key_4', 0, 'DECIMAL(38,2)', false],
      ['key_5', 1, 'VARBYTE(4096)', false],
    ]);
  });
});

describe('a line of the keys file', () => {
  const columns = keyColumns(NUMBER, [table(text(64)), table({ type: 'BIGINT' }), table(decimal(18, 2))]);
  const values = (n: string) => fields(keyLine(NUMBER, { n: { N: n } }, columns, { nullText: '~' })).slice(5);

  test.each([
    ['7', '"7"', '"7"', '"7"'],
    ['1.50', '"1.5"', '~', '"1.5"'],
    ['1.234', '"1.234"', '~', '~'],
    ['9223372036854775808', '"9223372036854775808"', '~', '~'],
    ['1E16', '"10000000000000000"', '"10000000000000000"', '~'],
    ['1E125', '"1E+125"', '~', '~'],
  ])('has %s in the columns that hold it, and NULL in the others', (n, ...expected) => {
    expect(values(n)).toEqual(expected);
  });

  test('has no text that VARCHAR cannot hold, but its hash', () => {
    const key: Key = [{ name: 's', kind: 'S' }];
    const ofText = keyColumns(key, [table(text(64))]);
    for (const s of ['a\0b', '\ud800', '~']) {
      const line = fields(keyLine(key, { s: { S: s } }, ofText, { nullText: '~' }));
      expect(line[0]).toMatch(/^"[0-9a-f]{64}"$/);
      expect(line.slice(1)).toEqual(['~', '~', '~', '~', '~']);
    }
    expect(fields(keyLine(key, { s: { S: 'say "a"' } }, ofText, { nullText: '~' })).at(-1)).toBe(
      '"say ""a"""',
    );
  });

  test('cuts a long reason between characters', () => {
    const setAside = { epoch: 'e', shard: 's', checkpoint: 3, reason: `\0${'é'.repeat(REASON_BYTES)}` };
    const [, ...entry] = fields(keyLine(NUMBER, { n: { N: '1' } }, columns, { setAside, nullText: '~' }));
    expect(entry.slice(0, 3)).toEqual(['"e"', '"s"', '"3"']);
    expect(entry[3]).toBe(`"${'é'.repeat(REASON_BYTES / 2)}"`);
  });
});

test('the hash of a key depends on its value alone', () => {
  const key: Key = [
    { name: 'a', kind: 'S' },
    { name: 'n', kind: 'N' },
  ];
  const hash = (a: string, n: string) => keyHash(key, { n: { N: n }, a: { S: a }, other: { BOOL: true } });
  expect(hash('x', '1.50')).toBe(hash('x', '15E-1'));
  const others = [
    hash('x', '1.50'),
    hash('x ', '1.5'),
    hash('x', '1.51'),
    hash('\ud800', '1'),
    hash('\ud801', '1'),
  ];
  expect(new Set(others).size).toBe(others.length);
  expect(() => keyHash(key, { a: { S: 'x' } })).toThrow('"n" of kind N is missing');
});
