import { expect, test } from '@jest/globals';
import { WarehouseDefinition } from '../../../../src/pipeline/definition/pipeline-definition.ts';
import { readerWait } from '../../../../src/pipeline/definition/reader-wait.ts';

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
