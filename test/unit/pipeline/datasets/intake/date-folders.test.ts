import { expect, test } from '@jest/globals';
import { dateFolder, folderOf } from '../../../../../src/pipeline/datasets/intake/date-folders.ts';

test('a folder by date is recognised below the one above it', () => {
  const year = dateFolder('year=2026', undefined);
  expect(year).toEqual({ from: '2026-01-01', until: '2027-01-01', level: 'year' });
  const month = dateFolder('month=12', year);
  expect(month).toEqual({ from: '2026-12-01', until: '2027-01-01', level: 'month' });
  expect(dateFolder('day=31', month)).toEqual({ from: '2026-12-31', until: '2027-01-01', level: 'day' });
});

test.each([
  ['dt=2026-02-28', { from: '2026-02-28', until: '2026-03-01', level: 'day' }],
  ['20240229', { from: '2024-02-29', until: '2024-03-01', level: 'day' }],
])('%s is a day', (name, expected) => expect(dateFolder(name, undefined)).toEqual(expected));

test.each(['dt=2026-02-30', '2026-11', 'part=0007', 'eu', '11', 'year=0001', '99999999'])(
  '%s is no date at the top',
  (name) => expect(dateFolder(name, undefined)).toBeUndefined(),
);

test('a month that does not exist, or a day of another month, is no date', () => {
  const year = dateFolder('2026', undefined);
  expect(dateFolder('13', year)).toBeUndefined();
  expect(dateFolder('31', dateFolder('02', year))).toBeUndefined();
});

test.each([
  ['year=2026/month=11/day=01/a.gz', 'year=2026/month=11/day=01'],
  ['2026/11/01/23/a.gz', '2026/11/01'],
  ['eu/2026/11/01/23/a.gz', 'eu/2026/11/01'],
  ['dt=2026-11-01/part-0.gz', 'dt=2026-11-01'],
  ['a/b/c.gz', 'a/b'],
  ['c.gz', ''],
])('%s is in the index of %s', (path, folder) => expect(folderOf(path)).toBe(folder));
