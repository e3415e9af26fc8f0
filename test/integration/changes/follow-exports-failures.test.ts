import { afterEach, describe, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { readGaps } from '../../../src/store/changes/log-files.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { ExportedTable, kindsOf } from './exported-table.ts';

const harness = withHarness();
const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
const inserts = (ids: readonly string[]) => ids.map((id) => `INSERT ${id}`).sort();

let stopWorkers: () => Promise<void> = async () => {};
afterEach(() => stopWorkers());

const startWorkers = async (...args: Parameters<typeof harness.startWorkers>) => {
  stopWorkers = await harness.startWorkers(...args);
};

/** A table that is followed, and whose first window has not passed. */
async function followed(changes: Record<string, unknown> = {}): Promise<ExportedTable> {
  const table = await new ExportedTable(harness, changes).begin();
  await table.start();
  await table.untilProgress(({ epoch }) => epoch !== '');
  await table.pass(5);
  return table;
}

const exportsOf = async (table: ExportedTable) =>
  (await table.keys()).filter((key) => /\/export-\d{8}\.json$/.test(key)).length;

describe('windows of exports', () => {
  test('grow after an outage, to at most a day', async () => {
    await startWorkers();
    const table = await followed();
    await stopWorkers();
    await table.write('a');
    await table.pass();
    await table.write('b');
    await table.pass(26 * 3600);
    await table.write('c');
    await table.pass();
    await startWorkers();
    const windows = await table.untilWindows(2);
    expect(windows.map(({ records }) => kindsOf(records))).toEqual([inserts(['a', 'b']), inserts(['c'])]);
    const [first, second] = windows.map(({ shard }) => shard.window!);
    expect(first!.to - first!.from).toBe(24 * 3600);
    expect(second!.from).toBe(first!.to);
  });

  test('are exported again if an export fails, and wait for an operator after three', async () => {
    await startWorkers();
    const table = await followed();
    await table.write('a');
    await table.control('exports', {
      fail: { code: 'S3AccessDenied', message: 'the bucket refuses' },
      times: 4,
    });
    await table.pass();
    const { shards, state } = await table.untilProgress(({ failed }) => failed === 1);
    expect(state).toBe('waiting');
    expect(shards).toMatchObject([
      { state: 'failed', code: 'ExportFailed', error: expect.stringContaining('the bucket refuses') },
    ]);
    expect(await exportsOf(table)).toBe(3);
    await table.handle.executeUpdate('retryShard');
    const [window] = await table.untilWindows(1);
    expect(kindsOf(window!.records)).toEqual(['INSERT a']);
    expect(await exportsOf(table)).toBe(5);
    expect(await table.untilProgress(({ failed }) => failed === 0)).toMatchObject({ state: 'following' });
  });

  test('are exported again if an export is damaged, and have nothing of it', async () => {
    await startWorkers();
    const damages = ['truncate', 'corrupt', 'omit', 'add', 'no summary'];
    const results = await Promise.all(
      damages.map(async (damage) => {
        // Every file is a checkpoint of its own.
        const table = await followed({ cutBytes: '1KB' });
        for (const id of numbered('i', 12)) await table.write(id);
        await table.control('exports', { damage });
        await table.pass();
        const [window] = await table.untilWindows(1);
        return { damage, kinds: kindsOf(window!.records), exports: await exportsOf(table) };
      }),
    );
    const kinds = inserts(numbered('i', 12));
    expect(results).toEqual(damages.map((damage) => ({ damage, kinds, exports: 2 })));
  });

  test('resume after the last checkpoint if a worker dies between two files', async () => {
    let isHeld = true;
    const held = Promise.withResolvers<never>();
    held.promise.catch(() => {});
    const store = (bucket: string): ObjectStore => {
      const real = harness.dependencies.store(bucket);
      return new Proxy(real, {
        get(target, name) {
          const found = Reflect.get(target, name) as unknown;
          if (typeof found !== 'function') return found;
          return (...args: unknown[]) =>
            isHeld && name === 'putNew' && String(args[0]).endsWith('/checkpoint-00000002.json')
              ? held.promise
              : (found as (...all: unknown[]) => unknown).apply(target, args);
        },
      });
    };
    await startWorkers({ ...harness.dependencies, store });
    const table = await followed({ cutBytes: 1 });
    for (const id of numbered('i', 12)) await table.write(id);
    await table.pass();
    await until(
      () => table.recorded(),
      ([window]) => window?.checkpoints.length === 1,
    );
    isHeld = false;
    held.reject(new Error('the host lost its power'));
    await stopWorkers();
    await startWorkers();
    const [window] = await table.untilWindows(1);
    expect(kindsOf(window!.records)).toEqual(inserts(numbered('i', 12)));
    expect(window!.checkpoints.length).toBeGreaterThan(2);
    expect(await exportsOf(table)).toBe(1);
  });

  test('have neither ignored attributes nor personal data', async () => {
    await startWorkers();
    const table = await new ExportedTable(
      harness,
      {},
      { mapping: { columns: { secret: { ignore: true }, city: { mask: true } } } },
    ).begin();
    await table.start();
    await table.untilProgress(({ epoch }) => epoch !== '');
    await table.pass(5);
    await table.write('a', { secret: { S: 'hidden' }, city: { S: 'Ghent' } });
    await table.pass();
    const [window] = await table.untilWindows(1);
    expect(window!.records).toMatchObject([{ image: { n: { N: '1' }, city: { S: '***' } } }]);
    expect(JSON.stringify(window!.records)).not.toMatch(/hidden|Ghent/);
  });

  test('that are empty, or have nothing new, end without a file', async () => {
    await startWorkers();
    const table = await followed();
    await table.pass();
    const [window] = await table.untilWindows(1);
    expect(window!.checkpoints).toMatchObject([{ number: 1, ended: true, total: { records: 0 } }]);
    expect(window!.checkpoints[0]).not.toHaveProperty('file');
  });
});

describe('a gap in a log of exports', () => {
  test('is recorded if recovery was disabled; windows continue behind it', async () => {
    await startWorkers();
    const table = await followed();
    await table.write('a');
    await table.pass();
    await table.untilWindows(1);
    await table.setRecovery(false);
    await table.write('lost');
    const { trouble } = await table.untilProgress((progress) => progress.trouble !== undefined);
    expect(trouble).toMatchObject({ code: 'RecoveryDisabled' });
    await table.pass(60);
    await table.setRecovery(true);
    const { gaps } = await table.untilProgress(({ state }) => state === 'gap');
    expect(gaps).toMatchObject([{ reason: 'recovery disabled' }]);
    await table.pass(5);
    await table.write('b');
    await table.pass();
    const windows = await table.untilWindows(3);
    expect(windows.map(({ records }) => kindsOf(records))).toEqual([['INSERT a'], [], ['INSERT b']]);
    expect(windows[1]!.checkpoints).toMatchObject([{ gap: expect.any(String) }, { ended: true }]);
    expect(await table.untilProgress((progress) => progress.trouble === undefined)).toMatchObject({
      state: 'gap',
      failed: 0,
    });
  });

  test('ends the log if the table is recreated; its windows are in a log of their own', async () => {
    await startWorkers();
    const table = await followed();
    await table.write('a');
    await table.pass();
    await table.untilWindows(1);
    const first = await table.log();
    await table.drop();
    await table.create(1, 'none');
    await table.setRecovery(true);
    await table.untilProgress(({ epoch }) => epoch !== '' && epoch !== first.at.epoch);
    expect(await readGaps(first)).toMatchObject([{ reason: 'table recreated' }]);
    await table.pass(5);
    await table.write('b');
    await table.pass();
    const [window] = await table.untilWindows(1);
    expect(kindsOf(window!.records)).toEqual(['INSERT b']);
  });
});
