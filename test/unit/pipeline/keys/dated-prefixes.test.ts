import { expect, test } from '@jest/globals';
import { datedPrefixes } from '../../../../src/pipeline/keys/dated-prefixes.ts';

const at = (text: string) => Date.parse(text);

test('without patterns, the prefix itself is listed', () => {
  expect(datedPrefixes('quakes/', undefined, 0, 1)).toEqual(['quakes/']);
});

test('there is a folder for each day of UTC, both ends included', () => {
  const days = datedPrefixes(
    'quakes/',
    ['day=%Y-%m-%d/'],
    at('2026-10-30T23:59:59Z'),
    at('2026-11-01T00:00:00Z'),
  );
  expect(days).toEqual(['quakes/day=2026-10-30/', 'quakes/day=2026-10-31/', 'quakes/day=2026-11-01/']);
});

test('there is a folder for each hour if the pattern names hours', () => {
  const hours = datedPrefixes('', ['%Y/%m/%d/%H/'], at('2026-10-31T22:30:00Z'), at('2026-11-01T00:10:00Z'));
  expect(hours).toEqual(['2026/10/31/22/', '2026/10/31/23/', '2026/11/01/00/']);
});

test('folders of months, and within other folders, are listed once', () => {
  const from = at('2026-10-30T00:00:00Z');
  const to = at('2026-11-01T00:00:00Z');
  expect(datedPrefixes('', ['%Y-%m/', '%Y-%m/%d/'], from, to)).toEqual(['2026-10/', '2026-11/']);
});

test('folders come in byte order, so that keys do', () => {
  const found = datedPrefixes(
    '',
    ['b/%Y/', 'a/%Y/', 'B/%Y/'],
    at('2026-01-01T00:00:00Z'),
    at('2026-01-01T01:00:00Z'),
  );
  expect(found).toEqual(['B/2026/', 'a/2026/', 'b/2026/']);
});

test('rather than too many folders, the prefix is listed', () => {
  expect(
    datedPrefixes('quakes/', ['%Y/%m/%d/%H/'], at('2020-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z')),
  ).toEqual(['quakes/']);
});
