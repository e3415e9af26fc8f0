import { describe, expect, it } from '@jest/globals';
import type { Item } from '../../../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../../../src/pipeline/mapping/mapping.ts';
import { suggestTimes } from '../../../../../src/pipeline/mapping/suggest/suggest-times.ts';

const KEY: Key = [{ name: 'id', kind: 'S' }];
const SECONDS = 1_767_600_000;

const items = (attribute: string, values: readonly (number | string)[]): Item[] =>
  values.map((value, n) => ({
    id: { S: String(n) },
    [attribute]: typeof value === 'number' ? { N: String(value) } : { S: value },
  }));

const found = (all: readonly Item[], mapping = {}) => suggestTimes(all, KEY, Mapping.parse(mapping));
const units = (all: readonly Item[], mapping = {}) =>
  Object.fromEntries(found(all, mapping).epochs.map(({ path, unit }) => [path, unit]));

describe('a number is proposed as a time', () => {
  it.each([
    ['createdAt', SECONDS, 's'],
    ['expires_at', SECONDS * 1000, 'ms'],
    ['ttl', SECONDS, 's'],
    ['eventTime', SECONDS * 1e6, 'us'],
  ])('if its name is %s and its values %d', (name, value, unit) => {
    expect(units(items(name, [value, value + 5]))).toEqual({ [name]: unit });
  });

  it('with the times that the sample showed', () => {
    expect(found(items('createdAt', [SECONDS, SECONDS + 60])).epochs).toEqual([
      { path: 'createdAt', unit: 's', from: '2026-01-05T08:00:00Z', to: '2026-01-05T08:01:00Z' },
    ]);
  });

  it('whatever its name, if many different values are milliseconds of recent years', () => {
    const recent = Array.from({ length: 30 }, (_, n) => SECONDS * 1000 + n);
    expect(units(items('x', recent))).toEqual({ x: 'ms' });
    expect(units(items('x', recent.slice(0, 5)))).toEqual({});
  });

  it('inside lists, entities and the entries of dictionaries', () => {
    const nested: Item[] = [
      { id: { S: 'O#1' }, lines: { L: [{ M: { sentAt: { N: String(SECONDS) } } }] } },
      { id: { S: 'x' }, seen: { M: { ann: { M: { at: { N: String(SECONDS) } } } } } },
    ];
    const mapping = { entities: { orders: { keyPrefix: 'O#' } }, columns: { seen: { asRows: true } } };
    expect(units(nested, mapping)).toEqual({ '[orders].lines[].sentAt': 's', 'seen[key].at': 's' });
  });
});

describe('a number is left alone', () => {
  it.each([
    ['that only looks like seconds', items('phone', [SECONDS, SECONDS + 1])],
    ['that is called a time, but is a duration', items('start', [0, 15, 30])],
    ['with a fraction', items('createdAt', [SECONDS + 0.5])],
    ['beside text', items('createdAt', [SECONDS, 'unknown'])],
    ['in a key', items('id', [])],
  ])('%s', (_what, all) => {
    expect(units(all)).toEqual({});
  });
});

it('a number in the key is a note, because its column keeps its type', () => {
  const key: Key = [{ name: 'ts', kind: 'N' }];
  const all: Item[] = [{ ts: { N: String(SECONDS * 1000) } }];
  const { epochs, keys } = suggestTimes(all, key, Mapping.parse({}));
  expect(epochs).toEqual([]);
  expect(keys).toMatchObject([{ path: 'ts', unit: 'ms' }]);
});

describe('text that is a time or empty', () => {
  it('is proposed to have NULL for empty', () => {
    expect(found(items('paidAt', ['2026-01-05T08:00:00Z', ''])).emptyOrTime).toEqual(['paidAt']);
    expect(found(items('paidAt', ['2026-01-05', 'soon', ''])).emptyOrTime).toEqual([]);
    expect(found(items('paidAt', ['2026-01-05'])).emptyOrTime).toEqual([]);
  });
});
