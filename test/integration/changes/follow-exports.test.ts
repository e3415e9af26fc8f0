import { afterEach, describe, expect, test } from '@jest/globals';
import { withHarness } from '../pipeline/with-harness.ts';
import { ExportedTable, kindsOf } from './exported-table.ts';

const harness = withHarness();

let stopWorkers: () => Promise<void> = async () => {};
afterEach(() => stopWorkers());

const startWorkers = async () => {
  stopWorkers = await harness.startWorkers();
};

describe('the log of exports', () => {
  test.each([
    ['NEW_AND_OLD_IMAGES', ['INSERT a', 'INSERT b'], ['INSERT c', 'MODIFY a', 'REMOVE b']],
    ['NEW_IMAGE', ['MODIFY a', 'MODIFY b'], ['MODIFY a', 'MODIFY c', 'REMOVE b']],
  ])(
    'has each item once per window, and windows without a gap between them: %s',
    async (viewType, first, second) => {
      await startWorkers();
      const table = await new ExportedTable(harness, { viewType }).begin();
      await table.start();
      const { kind } = await table.untilProgress(({ epoch }) => epoch !== '');
      expect(kind).toBe('exports');
      await table.pass(5);
      await table.write('a');
      await table.write('a');
      await table.write('b');
      await table.pass();
      await table.untilWindows(1);
      await table.write('a', { more: { S: 'x' } });
      await table.erase('b');
      await table.write('c');
      await table.pass();
      const windows = await table.untilWindows(2);
      expect(windows.map(({ records }) => kindsOf(records))).toEqual([first, second]);
      const [one, two] = windows.map(({ shard }) => shard);
      expect(two!.window!.from).toBe(one!.window!.to);
      expect(two!.parent).toBe(one!.shard);
      expect(one!.parent).toBeUndefined();
      const modified = windows[1]!.records.find(({ key }) => (key.id as { S: string }).S === 'a')!;
      expect(modified.image).toEqual({ id: { S: 'a' }, n: { N: '4' }, more: { S: 'x' } });
      expect(modified.before).toEqual(
        viewType === 'NEW_IMAGE' ? undefined : { id: { S: 'a' }, n: { N: '2' } },
      );
      // What DynamoDB exported is deleted once it is in the log.
      expect((await table.keys()).filter((key) => key.includes('/_exports/'))).toEqual([]);
      expect(await table.progress()).toMatchObject({ state: 'following', gaps: [], failed: 0 });
    },
  );
});
