import { describe, expect, test } from '@jest/globals';
import {
  daysOf,
  misfitsOfModule,
  partitionRule,
} from '../../../../../src/pipeline/datasets/partitions/partition-rule.ts';

const COLUMNS = [
  { name: 'id', type: { kind: 'string' } },
  { name: 'at', type: { kind: 'timestamp' } },
  { name: 'day', type: { kind: 'date' } },
] as const;

const DAYS = { from: '2011-01-01', until: '2023-11-02' };
const AT = '1698796799999999';
const cells = ['x', AT, '2023-10-31'];

const BY_DAY = { column: 'day', unit: 'day', timezone: 'UTC' } as const;

describe('the partition of a row', () => {
  test.each([
    [BY_DAY, 'day=2023-10-31'],
    [{ column: 'd', from: 'at', unit: 'day', timezone: 'UTC' }, 'd=2023-10-31'],
    [{ column: 'd', from: 'at', unit: 'day', timezone: 'Europe/Berlin' }, 'd=2023-11-01'],
    [{ column: 'h', from: 'at', unit: 'hour', timezone: 'UTC' }, 'h=2023-10-31-23'],
    [
      { columns: ['year', 'month', 'day_of_month'], from: 'at', unit: 'day', timezone: 'UTC' },
      'year=2023/month=10/day_of_month=31',
    ],
    [{ columns: ['y', 'm', 'd', 'h'], from: 'at', unit: 'hour', timezone: 'UTC' }, 'y=2023/m=10/d=31/h=23'],
  ] as const)('%j', (partition, expected) => {
    expect(partitionRule(partition as never, COLUMNS, DAYS)(cells)).toBe(expected);
  });

  test('before 1970 is that of the day it is in', () => {
    const rule = partitionRule({ ...BY_DAY, column: 'd', from: 'at' }, COLUMNS, {
      ...DAYS,
      from: '1900-01-01',
    });
    expect(rule(['x', '-1', null])).toBe('d=1969-12-31');
  });

  test('without a day, or out of bounds, there is none', () => {
    const rule = partitionRule(BY_DAY, COLUMNS, DAYS);
    expect(() => rule(['x', AT, null])).toThrow('column day: NULL');
    for (const day of ['2010-12-31', '2023-11-03', '9999-01-01'])
      expect(() => rule(['x', AT, day])).toThrow('a day that is not from 2011-01-01 to 2023-11-02');
    for (const day of ['2011-01-01', '2023-11-02']) expect(rule(['x', AT, day])).toBe(`day=${day}`);
  });
});

test('today and tomorrow are those of the time zone', () => {
  const now = Date.UTC(2023, 9, 31, 23, 30);
  const bounds = { from: '2011-01-01', until: 'tomorrow' };
  expect(daysOf(bounds, 'UTC', now).until).toBe('2023-11-01');
  expect(daysOf(bounds, 'Europe/Berlin', now).until).toBe('2023-11-02');
  expect(daysOf({ ...bounds, until: 'today' }, 'UTC', now).until).toBe('2023-10-31');
  expect(daysOf({ ...bounds, until: '2020-01-01' }, 'UTC', now).until).toBe('2020-01-01');
});

test('a definition fits the columns of its module', () => {
  expect(misfitsOfModule({ partition: BY_DAY, deduplicate: { key: ['id', 'day'] } }, COLUMNS)).toEqual([]);
  expect(misfitsOfModule({ partition: { ...BY_DAY, column: 'id' } }, COLUMNS)).toEqual([
    'partition.column: expected a column of type date in the record module, got id of type string',
  ]);
  expect(misfitsOfModule({ partition: { ...BY_DAY, column: 'day', from: 'when' } }, COLUMNS)).toEqual([
    'partition.from: expected a column of type timestamp in the record module, got when, which is not among its columns',
    'partition: expected a name that the record module does not have, got day',
  ]);
  expect(misfitsOfModule({ partition: BY_DAY, deduplicate: { key: ['day', 'idd'] } }, COLUMNS)).toEqual([
    'deduplicate: expected columns of the record module, got idd (did you mean "id"?)',
  ]);
  expect(
    misfitsOfModule({ partition: BY_DAY, deduplicate: { key: ['day', 'nr'], newest: 'seq' } }, COLUMNS),
  ).toEqual([
    'deduplicate: expected columns of the record module, got nr, which is not among them',
    'deduplicate: expected columns of the record module, got seq, which is not among them',
  ]);
});
