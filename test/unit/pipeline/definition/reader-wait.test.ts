import { expect, test } from '@jest/globals';
import { WarehouseDefinition } from '../../../../src/pipeline/definition/pipeline-definition.ts';
import { locksOfTry, readerWait } from '../../../../src/pipeline/definition/reader-wait.ts';

const parsed = (settings: object) =>
  WarehouseDefinition.safeParse({
    ...{ kind: 'redshift', workgroup: 'dwh', database: 'dev', schema: 'nobel' },
    ...{ iamRole: 'arn:aws:iam::123456789012:role/copy', ...settings },
  });
const wait = (settings: object) => readerWait(WarehouseDefinition.parse(parsed(settings).data));

test('a swap waits for readers for 10 seconds, three times, unless configured otherwise', () => {
  expect(wait({})).toEqual({ kind: 'bounded', seconds: 10, tries: 3 });
  expect(wait({ waitForReadersSeconds: 60 })).toEqual({ kind: 'bounded', seconds: 60, tries: 3 });
});

test('a swap that is not to wait locks no tables, and waits for other locks for two seconds at a time', () => {
  expect(wait({ waitForReadersSeconds: 0 })).toEqual({ kind: 'bounded', seconds: 2, tries: 0 });
});

test('the older form keeps its meaning in configurations and plans', () => {
  expect(wait({ waitForReaders: false })).toEqual(wait({ waitForReadersSeconds: 0 }));
  expect(wait({ waitForReaders: true })).toEqual({ kind: 'patient' });
});

test('both forms at once are refused', () => {
  const { error } = parsed({ waitForReaders: true, waitForReadersSeconds: 10 });
  expect(error?.issues).toMatchObject([
    { path: ['waitForReaders'], message: expect.stringContaining('waitForReadersSeconds') },
  ]);
});

test('a swap tries three times to lock the live tables, then once or more without that lock', () => {
  const tries = [0, 1, 2, 3, 4].map((cancelled) => locksOfTry(wait({}), cancelled, 600));
  expect(tries.map(({ waitForReaders }) => waitForReaders)).toEqual([true, true, true, false, false]);
  expect(tries.map(({ lockSeconds }) => lockSeconds)).toEqual([10, 10, 10, 10, 10]);
});

test('no try waits longer than the time limit that all of them share; after it, the tables are not locked', () => {
  const long = wait({ waitForReadersSeconds: 300 });
  expect(locksOfTry(long, 0, 45)).toEqual({ waitForReaders: true, lockSeconds: 45 });
  expect(locksOfTry(long, 1, 7.2)).toEqual({ waitForReaders: true, lockSeconds: 8 });
  expect(locksOfTry(long, 1, -3)).toEqual({ waitForReaders: false, lockSeconds: 2 });
  expect(locksOfTry(wait({ waitForReadersSeconds: 1 }), 1, -3)).toEqual({
    ...{ waitForReaders: false, lockSeconds: 1 },
  });
});

test('the older form waits as long as the time limit, each time', () => {
  expect(locksOfTry(wait({ waitForReaders: true }), 7, -1)).toEqual({ waitForReaders: true });
});
