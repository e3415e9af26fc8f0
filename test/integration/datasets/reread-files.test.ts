import { afterEach, describe, expect, test } from '@jest/globals';
import { openDataset } from '../../../src/activities/datasets/open-dataset.ts';
import { planIntake } from '../../../src/activities/datasets/plan-intake.ts';
import { rootCause } from '../../../src/contract/failure.ts';
import { pointerKey } from '../../../src/pipeline/datasets/dataset-directory.ts';
import { intakePlan } from '../../../src/store/datasets/dataset-documents.ts';
import { datasetState } from '../../../src/store/datasets/dataset-state.ts';
import { currentRejects } from '../../../src/store/datasets/rejects.ts';
import { leaveOut, restoreIndex, setBack, takenSummary } from '../../../src/store/datasets/taken-index.ts';
import { findDocument } from '../../../src/store/document.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { KnownDataset } from './known-dataset.ts';

const harness = withHarness();
const { signal } = new AbortController();

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

async function known(more: Record<string, unknown> = {}): Promise<KnownDataset> {
  const dataset = new KnownDataset(harness, more);
  stop = await harness.startWorkers(dataset.dependencies);
  return dataset;
}

const record = (id: string, day: string, amount: number | string) => ({ id, day, amount });

/** Amounts are multiplied, and a dash is none. */
const multiplied = (factor: number) => (module: string) =>
  module.replace(
    "from: 'amount' }",
    `from: 'amount', convert: (value) => (value === '-' ? 0 : (value as number) * ${factor}) }`,
  );

const why = async (work: Promise<unknown>) =>
  rootCause(await work.then(() => undefined).catch((error: Error) => error.cause));

describe('files that are read again', () => {
  test('replace their rows: rejects replayed, days rebuilt, the index set back', async () => {
    const dataset = await known();
    await dataset.put('2026/11/02/x.gz', [record('a', '2026-11-01', 1), record('b', '2026-11-02', 2)]);
    await dataset.put('2026/11/02/y.gz', [record('c', '2026-11-02', '-'), record('d', '2026-11-02', 4)]);
    expect(await dataset.run()).toMatchObject({ records: 4, rejects: 1 });
    const before = ['2026-11-01 a 1', '2026-11-02 b 2', '2026-11-02 d 4'];
    expect(await dataset.rows()).toEqual(before);

    // A new module changes nothing by itself.
    dataset.redeploy(multiplied(10));
    expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0 });
    expect(await dataset.rows()).toEqual(before);
    expect(await dataset.run({ replay: {} })).toMatchObject({ files: 1, records: 2, rejects: 0 });
    const replayed = ['2026-11-01 a 1', '2026-11-02 b 2', '2026-11-02 c 0', '2026-11-02 d 40'];
    expect(await dataset.rows()).toEqual(replayed);
    expect(await Array.fromAsync(currentRejects(dataset.files, { most: 9 }, signal))).toEqual([]);
    expect((await datasetState(dataset.place, signal)).rejects).toBe(0);

    // A record that would move to another day, or come from one.
    dataset.redeploy((module) =>
      module.replace("'date', from: 'day' }", "'date', compute: () => '2026-11-02' }"),
    );
    for (const day of ['2026-11-01', '2026-11-02']) {
      const { type, message } = await why(dataset.run({ rebuild: { from: day, to: day } }));
      expect([type, message]).toEqual(['RebuildRefused', expect.stringContaining('would move')]);
    }
    expect(await dataset.run({ late: true })).toMatchObject({ partitions: 0 });
    expect(await dataset.rows()).toEqual(replayed);

    dataset.redeploy(multiplied(100));
    const rebuilt = { rebuild: { from: '2026-11-01', to: '2026-11-01' } };
    expect(await dataset.run(rebuilt)).toMatchObject({ files: 1, partitions: 1, failed: [] });
    const [, ...others] = replayed;
    expect(await dataset.rows()).toEqual(['2026-11-01 a 100', ...others]);

    expect(await setBack(dataset.files, '2020-01-01T00:00:00.000Z', signal)).toBe(2);
    dataset.redeploy((module) => module);
    expect(await dataset.run()).toMatchObject({ files: 2, rejects: 1 });
    expect(await dataset.rows()).toEqual(before);
    expect(await takenSummary(dataset.files, signal)).toMatchObject({ files: 2, again: 0 });

    await dataset.putBytes('2026/11/02/y.gz', new Uint8Array([0x1f, 0x8b, 0]));
    const refused = await why(dataset.run({ rebuild: { from: '2026-11-01', to: '2026-11-02' } }));
    expect(refused.message).toMatch(
      /1 of 2 files.*Overwritten: \S*y\.gz; `tributary dataset run .*--everything` takes them/,
    );
    // Taken and set aside as a whole: a run does not take it again.
    expect(await dataset.run({ everything: true })).toMatchObject({ files: 1, rejects: 1, partitions: 0 });
    const still = await why(dataset.run({ rebuild: { from: '2026-11-01', to: '2026-11-02' } }));
    expect(still.message).toMatch(/taken without rows.*: \S*y\.gz; upload.*`--keep-lost`/);
    dataset.redeploy(multiplied(1000));
    const kept = { rebuild: { from: '2026-11-01', to: '2026-11-02', keepLost: true } };
    expect(await dataset.run(kept)).toMatchObject({
      ...{ files: 1, partitions: 2, failed: [] },
      warnings: [expect.stringContaining('The rows of 1 file stay as they were.')],
    });
    const withKept = ['2026-11-01 a 1000', '2026-11-02 b 2000', '2026-11-02 d 4'];
    expect(await dataset.rows()).toEqual(withKept);

    await dataset.remove('2026/11/02/x.gz');
    const { type, message } = await why(dataset.run(rebuilt));
    expect([type, message]).toEqual(['RebuildRefused', expect.stringMatching(/Deleted: \S*x\.gz; restore/)]);
    expect(await dataset.rows()).toEqual(withKept);
  });

  test('are those of a run that ended before it had read them', async () => {
    const dataset = await known();
    await dataset.put('x.gz', [record('a', '2026-11-01', 1)]);
    const { dependencies } = dataset;
    const open = await openDataset(dependencies, dataset.name);
    await planIntake(dependencies, open, {
      ...{ attempt: 'a', after: undefined, code: 'none', everything: true, signal },
      owner: 'o',
      columns: async () => [],
      ended: async (workflowIds) => new Set(workflowIds),
      onFile: () => {},
    });
    await dataset.put('y.gz', [record('b', '2026-11-01', 2)]);
    // The batch is of another version of the module: its file is taken with the current one.
    expect(await dataset.run()).toMatchObject({ files: 2 });
    expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b 2']);
    expect((await datasetState(dataset.place, signal)).parked).toEqual([]);
  });

  test('can be left out, and an index that is lost is restored', async () => {
    const dataset = await known({ maxRejects: 0 });
    await dataset.put('x.gz', [record('a', '2026-11-01', 1)]);
    await dataset.put('y.gz', [record('b', 'no day', 2)]);
    expect(await dataset.run()).toMatchObject({ files: 2, parked: 1 });
    const { parked } = await datasetState(dataset.place, signal);
    expect(parked).toMatchObject([{ intake: 1, batch: 0, files: 2, code: 'TooManyRejects' }]);
    const plan = await findDocument(intakePlan(dataset.files, 1), signal);
    const wrong = plan!.batches[0]!.files.filter(({ key }) => key.endsWith('y.gz'));
    expect(await leaveOut(dataset.place, wrong, signal)).toBe(1);
    expect(await dataset.run()).toMatchObject({ files: 1, parked: 0 });
    expect((await datasetState(dataset.place, signal)).parked).toEqual([]);

    await dataset.files.store.delete([`${dataset.files.at.prefix}/_tributary/taken/taken.json`]);
    expect(await takenSummary(dataset.files, signal)).toMatchObject({ files: 0 });
    expect(await restoreIndex(dataset.place, signal)).toBe(1);
    expect(await dataset.run()).toMatchObject({ files: 1, parked: 1 });
    expect(await dataset.rows()).toEqual(['2026-11-01 a 1']);
  });

  test('of the last days, if a partition lacks what the index has', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const dataset = await known({ recompute: { last: '2d' } });
    const lose = (partition: string) =>
      harness.store.delete([pointerKey(dataset.files.at, `day=${partition}`)]);
    await dataset.put('old.gz', [record('a', '2020-11-01', 1)]);
    await dataset.put('new.gz', [record('b', today, 2), record('c', '2020-11-01', 3)]);
    expect(await dataset.run()).toMatchObject({ files: 2, partitions: 2 });
    expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0 });
    await lose(today);
    expect(await dataset.run()).toMatchObject({ files: 1, partitions: 2 });
    expect(await dataset.rows()).toEqual(['2020-11-01 a 1', '2020-11-01 c 3', `${today} b 2`]);
    // A file of which no row of those days is left is not read with every run.
    await dataset.put('new.gz', [record('c', '2020-11-01', 4)]);
    expect(await dataset.run()).toMatchObject({ files: 1, partitions: 2 });
    expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0 });
    // Earlier days are those of the index.
    await lose('2020-11-01');
    expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0 });
  });
});
