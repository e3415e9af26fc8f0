import { describe, expect, test } from '@jest/globals';
import { buildPartitionWorkflowId } from '../../../src/contract/datasets/datasets.ts';
import type { KnownDataset } from './known-dataset.ts';
import { withDatasets } from './with-datasets.ts';
import type { WriteGates } from './write-gates.ts';

const datasets = withDatasets();

const [FIRST, SECOND, THIRD] = ['2026-11-01', '2026-11-02', '2026-11-03'];
const record = (id: string, day: string, amount: number) => ({ id, day, amount });
const build = (dataset: KnownDataset, day: string) => buildPartitionWorkflowId(dataset.name, `day=${day}`);
const pointerOf = (dataset: KnownDataset, day: string) =>
  new RegExp(`${dataset.name}.*/day=${day}/current\\.json$`);

/** Every amount is one more, and every record a day later. */
const MOVED = `
import { defineRecords } from '@tributary-data/tributary';

const later = (day: string) => new Date(Date.parse(day + 'T00:00:00Z') + 86_400_000).toISOString().slice(0, 10);

export default defineRecords({
  id: { type: 'string', from: 'id' },
  day: { type: 'date', compute: (record: { day: string }) => later(record.day) },
  amount: { type: 'bigint', compute: (record: { amount: number }) => record.amount + 1 },
});
`;

/** Never returns for one id. */
const STUCK = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  id: { type: 'string', from: 'id' },
  day: { type: 'date', from: 'day' },
  amount: {
    type: 'bigint',
    compute: ({ id, amount }: { id: string; amount: number }) => {
      while (id === 'stuck');
      return amount;
    },
  },
});
`;

interface Case {
  readonly name: string;
  readonly more?: Record<string, unknown>;
  readonly module?: string;
  /** What happens; after it, the dataset is run once more. */
  readonly happen: (dataset: KnownDataset, gates: WriteGates) => Promise<void>;
  readonly rows: readonly string[];
}

const DEDUPLICATE = { deduplicate: { key: ['id', 'day'] } };

const CASES: readonly Case[] = [
  {
    name: 'a file that arrives late adds its rows to the day of its records',
    async happen(dataset) {
      await dataset.put('2026/11/01/a.gz', [record('a', FIRST, 1)]);
      await dataset.run();
      await dataset.put('2026/11/09/late.gz', [record('b', FIRST, 2)]);
    },
    rows: [`${FIRST} a 1`, `${FIRST} b 2`],
  },
  {
    name: 'a file that arrives twice under one key, with the same bytes, is one file',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      await dataset.run();
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
    },
    rows: [`${FIRST} a 1`],
  },
  {
    name: 'the same records under two keys are two rows each',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      await dataset.put('b.gz', [record('a', FIRST, 1)]);
    },
    rows: [`${FIRST} a 1`, `${FIRST} a 1`],
  },
  {
    name: 'the same records under two keys are one row each with deduplicate, also in separate runs',
    more: DEDUPLICATE,
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1), record('b', FIRST, 1)]);
      await dataset.put('b.gz', [record('a', FIRST, 1)]);
      await dataset.run();
      await dataset.put('c.gz', [record('b', FIRST, 1)]);
    },
    rows: [`${FIRST} a 1`, `${FIRST} b 1`],
  },
  {
    name: 'a file that is overwritten with fewer rows, on other days, has those and no others',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1), record('b', SECOND, 2), record('c', SECOND, 3)]);
      await dataset.put('z.gz', [record('z', SECOND, 26)]);
      await dataset.run();
      await dataset.put('a.gz', [record('b', THIRD, 2)]);
    },
    rows: [`${SECOND} z 26`, `${THIRD} b 2`],
  },
  {
    name: 'a file that is overwritten while its rows for a late day wait has its new rows at once',
    more: { late: { after: '3d', every: '365d' } },
    async happen(dataset) {
      // A first run would publish rows for late days, too.
      await dataset.run();
      await dataset.put('a.gz', [record('a', '2011-01-01', 1), record('b', FIRST, 1)]);
      await dataset.run({ late: false });
      await dataset.put('a.gz', [record('a', '2011-01-01', 2)]);
      await dataset.run({ late: true });
    },
    rows: ['2011-01-01 a 2'],
  },
  {
    name: 'a file that is overwritten twice, back to its first bytes, has its first rows',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      await dataset.run();
      await dataset.put('a.gz', [record('a', SECOND, 2)]);
      await dataset.run();
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
    },
    rows: [`${FIRST} a 1`],
  },
  {
    name: 'a file that cannot be decompressed is set aside once, and leaves the rows of its earlier version',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1), record('b', SECOND, 1)]);
      await dataset.run();
      await dataset.putBytes('a.gz', Buffer.from('1f8b0800deadbeef', 'hex'));
      for (let run = 0; run < 2; run++) await dataset.run();
      expect((await dataset.setAside()).map(({ file, line }) => [file, line])).toEqual([
        [`${dataset.source}a.gz`, 0],
      ]);
      expect(await dataset.rows()).toEqual([`${FIRST} a 1`, `${SECOND} b 1`]);
      await dataset.put('a.gz', [record('a', FIRST, 2)]);
    },
    rows: [`${FIRST} a 2`],
  },
  {
    name: 'a file that arrives during a run belongs to the next',
    async happen(dataset, gates) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      const reading = gates.hold('before', new RegExp(`${dataset.name}.*/batch-00000\\.json$`));
      const run = await dataset.start();
      await reading.isMet;
      await dataset.put('b.gz', [record('b', FIRST, 2)]);
      reading.release();
      expect(await run.result()).toMatchObject({ files: 1, partitions: 1 });
      expect(await dataset.rows()).toEqual([`${FIRST} a 1`]);
    },
    rows: [`${FIRST} a 1`, `${FIRST} b 2`],
  },
  {
    name: 'a new version of the module makes the rows of new files, and leaves the others as they are',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      await dataset.run();
      dataset.deploy(MOVED);
      expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0 });
      await dataset.put('b.gz', [record('b', FIRST, 1)]);
    },
    rows: [`${FIRST} a 1`, `${SECOND} b 2`],
  },
  {
    name: 'a module that moves records to other days moves those of a file that is overwritten',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1), record('b', SECOND, 1)]);
      await dataset.run();
      dataset.deploy(MOVED);
      await dataset.put('a.gz', [record('a', FIRST, 1), record('b', SECOND, 1), record('c', SECOND, 1)]);
    },
    rows: [`${SECOND} a 2`, `${THIRD} b 2`, `${THIRD} c 2`],
  },
  {
    name: 'a redeployment while files are read: they are read again, by the new version only',
    async happen(dataset, gates) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      const reading = gates.hold('before', new RegExp(`${dataset.name}.*/batch-00000\\.json$`));
      const run = await dataset.start();
      await reading.isMet;
      await dataset.terminate(run.workflowId);
      dataset.deploy(MOVED);
      // It plans them again, and publishes them.
      await dataset.run();
      reading.release();
    },
    rows: [`${SECOND} a 2`],
  },
  {
    name: 'a function that never returns sets its record aside, and no other',
    more: { limits: { blockSeconds: 5 } },
    module: STUCK,
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1), record('stuck', FIRST, 1), record('b', FIRST, 1)]);
      expect(await dataset.run()).toMatchObject({ records: 3, rejects: 1, failed: [] });
      expect(await dataset.setAside()).toEqual([
        expect.objectContaining({ line: 2, reason: 'the module took longer than 5 s for this record' }),
      ]);
    },
    rows: [`${FIRST} a 1`, `${FIRST} b 1`],
  },
  {
    name: 'a run that is terminated while it reads, and started again under its id, forgets no file',
    async happen(dataset, gates) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      const reading = gates.hold('before', new RegExp(`${dataset.name}.*/batch-00000\\.json$`));
      const { workflowId } = await dataset.start({}, 'again');
      await reading.isMet;
      await dataset.terminate(workflowId);
      await dataset.put('b.gz', [record('b', SECOND, 2)]);
      const again = await dataset.start({}, 'again');
      reading.release();
      expect(await again.result()).toMatchObject({ partitions: 2, failed: [] });
    },
    rows: [`${FIRST} a 1`, `${SECOND} b 2`],
  },
  {
    name: 'a run that is terminated before it reads anything forgets no file',
    async happen(dataset, gates) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      const planning = gates.hold('after', new RegExp(`${dataset.name}.*/plan\\.json$`));
      const { workflowId } = await dataset.start();
      await planning.isMet;
      await dataset.terminate(workflowId);
      planning.release();
      expect(await dataset.run()).toMatchObject({ files: 1, partitions: 1 });
    },
    rows: [`${FIRST} a 1`],
  },
  {
    name: 'two runs at once take each file once',
    async happen(dataset) {
      await dataset.put('a.gz', [record('a', FIRST, 1), record('b', SECOND, 2)]);
      const runs = await Promise.all([dataset.start(), dataset.start()]);
      const results = await Promise.all(runs.map((run) => run.result()));
      expect(results.map(({ failed }) => failed)).toEqual([[], []]);
      const generations = [...(await dataset.published()).values()].map(({ generation }) => generation);
      expect(generations).toEqual([1, 1]);
    },
    rows: [`${FIRST} a 1`, `${SECOND} b 2`],
  },
  {
    name: 'one file feeds three days, with a death after each publication',
    async happen(dataset, gates) {
      const days = [FIRST, SECOND, THIRD];
      await dataset.put(
        'a.gz',
        days.map((day) => record('a', day, 1)),
      );
      for (const _ of days) {
        const published = gates.hold('after', new RegExp(`${dataset.name}.*/current\\.json$`));
        const run = await dataset.start({}, 'again');
        // A build that had begun before the last death may have published the last day since.
        await Promise.race([published.isMet, run.result().catch(() => {})]);
        for (const id of [run.workflowId, ...days.map((day) => build(dataset, day))])
          await dataset.terminate(id);
        published.release();
      }
    },
    rows: [`${FIRST} a 1`, `${SECOND} a 1`, `${THIRD} a 1`],
  },
  {
    name: 'a build that stalls before it publishes, and resumes after a newer one, changes nothing',
    async happen(dataset, gates) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      await dataset.run();
      await dataset.put('b.gz', [record('b', FIRST, 2)]);
      const stalled = gates.hold('before', pointerOf(dataset, FIRST));
      const run = await dataset.start();
      await stalled.isMet;
      await dataset.terminate(build(dataset, FIRST));
      expect(await run.result()).toMatchObject({
        partitions: 0,
        failed: [{ child: `partition day=${FIRST}` }],
      });
      await dataset.put('a.gz', [record('a', FIRST, 10)]);
      await dataset.run();
      stalled.release();
    },
    rows: [`${FIRST} a 10`, `${FIRST} b 2`],
  },
  {
    name: 'an operator who cancels one partition does not cost the others, and the next run builds it',
    async happen(dataset, gates) {
      const days = [FIRST, SECOND, THIRD];
      await dataset.put(
        'a.gz',
        days.map((day) => record('a', day, 1)),
      );
      // The worker builds two partitions at once; the third waits.
      const pointer = new RegExp(`${dataset.name}.*/current\\.json$`);
      const two = [gates.hold('before', pointer), gates.hold('before', pointer)];
      const run = await dataset.start();
      const keys = await Promise.all(two.map(({ isMet }) => isMet));
      const day = days.find((each) => !keys.some((key) => key.includes(each))) ?? '';
      await dataset.cancel(build(dataset, day));
      for (const gate of two) gate.release();
      expect(await run.result()).toMatchObject({
        partitions: 2,
        failed: [{ child: `partition day=${day}` }],
      });
    },
    rows: [`${FIRST} a 1`, `${SECOND} a 1`, `${THIRD} a 1`],
  },
  {
    name: 'a partition that another run builds is waited for, and built again if it lacks rows',
    async happen(dataset, gates) {
      await dataset.put('a.gz', [record('a', FIRST, 1)]);
      const stalled = gates.hold('before', pointerOf(dataset, FIRST));
      const first = await dataset.start();
      await stalled.isMet;
      await dataset.put('b.gz', [record('b', FIRST, 2)]);
      const read = gates.hold('after', new RegExp(`${dataset.name}.*/000002/batch-00000\\.json$`));
      const second = await dataset.start();
      await read.isMet;
      read.release();
      stalled.release();
      expect(await first.result()).toMatchObject({ partitions: 1, failed: [] });
      expect(await second.result()).toMatchObject({ files: 1, failed: [] });
      expect(await dataset.rows()).toEqual([`${FIRST} a 1`, `${FIRST} b 2`]);
    },
    rows: [`${FIRST} a 1`, `${FIRST} b 2`],
  },
];

describe('a dataset', () => {
  test.each(CASES.map((each) => [each.name, each] as const))(
    '%s',
    async (_name, { more, module, happen, rows }) => {
      const dataset = datasets.create(more, module);
      await happen(dataset, datasets.gates);
      expect(await dataset.run()).toMatchObject({ failed: [] });
      expect(await dataset.rows()).toEqual(rows);
      // Nothing is left to do.
      expect(await dataset.run()).toMatchObject({ files: 0, partitions: 0 });
    },
  );
});
