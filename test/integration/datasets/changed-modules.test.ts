import { afterEach, describe, expect, test } from '@jest/globals';
import { openDataset } from '../../../src/activities/datasets/open-dataset.ts';
import { planIntake } from '../../../src/activities/datasets/plan-intake.ts';
import { askDatasets } from '../../../src/cli/datasets/ask-datasets.ts';
import { failedBuilds } from '../../../src/cli/datasets/failed-builds.ts';
import { versionWarnings } from '../../../src/cli/datasets/worker-versions.ts';
import type { TableColumn } from '../../../src/pipeline/datasets/parquet/column-type.ts';
import { datasetState } from '../../../src/store/datasets/dataset-state.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { KnownDataset } from './known-dataset.ts';

const harness = withHarness();
const { signal } = new AbortController();

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

async function known(): Promise<KnownDataset> {
  const dataset = new KnownDataset(harness);
  stop = await harness.startWorkers(dataset.dependencies);
  return dataset;
}

const record = (id: string, day: string, amount: number | string) => ({ id, day, amount });

const columns = (...names: string[]): TableColumn[] =>
  names.map((name) => ({ name, type: { kind: name === 'amount' ? 'bigint' : 'string' } }));

/** One column has another type, and one another name. */
const wrong = (module: string) =>
  module
    .replace("amount: { type: 'bigint', from: 'amount' }", "amount: { type: 'string', from: 'id' }")
    .replace('  id: {', '  name: {');

describe('a record module that is changed', () => {
  test('to other types publishes nothing of them, and put back, reads again what it had read', async () => {
    const dataset = await known();
    await dataset.put('x.gz', [record('a', '2026-11-01', 1), record('b', '2026-11-02', 2)]);
    await dataset.run();
    const before = await dataset.rows();

    dataset.redeploy(wrong);
    await dataset.put('y.gz', [record('c', '2026-11-01', 3), record('d', '2026-11-03', 4)]);
    const failed = await dataset.run();
    expect(failed.failed).toMatchObject([{ child: 'partition day=2026-11-01', code: 'DatasetTypesDiffer' }]);
    expect(failed.failed[0]?.error).toContain(
      'day=2026-11-01 has rows of an earlier record module: column amount is bigint, and is to be string. ' +
        'Restore the types in the record module, and restart the workers',
    );
    expect(failed.failed[0]?.error).not.toMatch(/tmp|parquet/);
    const time = uniqueName('t');
    expect(await (await dataset.start({}, time)).result()).toMatchObject({
      ...{ files: 0, failed: [{ code: 'DatasetTypesDiffer' }] },
    });
    const warnings = () =>
      versionWarnings(harness.client, { [dataset.name]: dataset.definition }, time, undefined);
    expect(await warnings()).toEqual([]);
    const partitions = ['day=2026-11-01', 'day=2026-11-02', 'day=2026-11-09'];
    expect(await failedBuilds(harness.client, dataset.name, partitions)).toMatchObject([
      {
        partition: 'day=2026-11-01',
        code: 'DatasetTypesDiffer',
        error: expect.stringContaining('column amount'),
      },
    ]);

    // Also the day that had no rows before has what the current module makes of them.
    dataset.redeploy((module) => module);
    expect(await warnings()).toEqual([
      expect.stringMatching(/the worker runs version .* restart the workers/),
    ]);
    expect(await dataset.run()).toMatchObject({ files: 1, records: 2, partitions: 2, failed: [] });
    const after = [...before, '2026-11-01 c 3', '2026-11-03 d 4'].toSorted();
    expect(await dataset.rows()).toEqual(after);
    expect((await datasetState(dataset.place, signal)).open).toEqual([]);
    expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0, failed: [] });
    expect(await dataset.rows()).toEqual(after);
  });

  test('is put back: a run that dies once it has claimed the files again loses nothing, and a file that is gone is named', async () => {
    const dataset = await known();
    await dataset.put('x.gz', [record('a', '2026-11-01', 1)]);
    await dataset.run();
    dataset.redeploy(wrong);
    await dataset.put('y.gz', [record('b', '2026-11-01', 2)]);
    await dataset.put('z.gz', [record('c', '2026-11-01', 3)]);
    expect(await dataset.run()).toMatchObject({ files: 2, failed: [{ code: 'DatasetTypesDiffer' }] });

    dataset.redeploy((module) => module);
    await dataset.remove('z.gz');
    const { dependencies, name, definition } = dataset;
    const { version: code } = await dependencies.recordModules.codeOf(definition);
    const claimed = await planIntake(dependencies, await openDataset(dependencies, name), {
      ...{ attempt: 'a', owner: 'a run', after: undefined, code, everything: true, signal },
      columns: async () => columns('id', 'amount'),
      ended: async (workflowIds) => new Set(workflowIds),
      onFile: () => {},
    });
    expect(claimed).toMatchObject({ files: 1, hasMore: true, after: '' });

    const { files, failed } = await dataset.run();
    expect([files, failed.length]).toEqual([1, 1]);
    expect(failed[0]?.error).toMatch(
      /Intake 2 read s3:\S+\/z\.gz with version .* was deleted or changed: upload it again/,
    );
    await dataset.put('z.gz', [record('c', '2026-11-01', 4)]);
    expect(await dataset.run()).toMatchObject({ files: 1, failed: [] });
    expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b 2', '2026-11-01 c 4']);
    expect((await datasetState(dataset.place, signal)).open).toEqual([]);
  });

  test('to fewer columns keeps the others where they are: they are NULL in new rows', async () => {
    const dataset = await known();
    await dataset.put('x.gz', [record('a', '2026-11-01', 1)]);
    await dataset.run();
    dataset.redeploy((module) => module.replace("  amount: { type: 'bigint', from: 'amount' },\n", ''));
    await dataset.put('y.gz', [record('b', '2026-11-01', 2), record('c', '2026-11-02', 3)]);
    expect(await dataset.run()).toMatchObject({ partitions: 2, failed: [] });
    expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b ', '2026-11-02 c ']);
    const [first, second] = [...(await dataset.published()).values()];
    expect([first?.columns, second?.columns].map((found) => found?.map(({ name }) => name))).toEqual([
      ['id', 'amount'],
      ['id'],
    ]);
    expect(await dataset.query('SELECT count(amount) FROM t', columns('id', 'amount'))).toEqual(['1']);

    // A query sees it, also of a machine with the current module.
    const day = { name: 'day', type: { kind: 'date' as const } };
    const queried = { files: dataset.files, columns: columns('id'), partitionColumns: [day] };
    const sql = 'SELECT id, amount FROM t ORDER BY id';
    const answer = await askDatasets(sql, { t: queried }, signal, (rows) => Array.fromAsync(rows));
    expect(answer.flatMap(({ rows }) => rows)).toEqual([
      ['a', '1'],
      ['b', null],
      ['c', null],
    ]);

    // A rebuild makes of the days what the current module makes of them.
    const rebuild = { from: '2026-11-01', to: '2026-11-01' };
    expect(await dataset.run({ rebuild })).toMatchObject({
      partitions: 1,
      failed: [],
    });
    expect((await dataset.published()).get('day=2026-11-01')?.columns).toEqual([
      { name: 'id', type: 'string' },
    ]);
  });
});
