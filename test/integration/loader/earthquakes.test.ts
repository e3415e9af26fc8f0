import { createHash, randomInt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { EVENTS, SNAPSHOTS, snapshot } from '../../../local/demo/quakes.ts';
import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import { controlSqs } from '../../../local/stack/control-sqs.ts';
import {
  type LoaderProgress,
  loaderWorkflowId,
  watchWorkflowId,
} from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import { watchedBy } from '../../../src/pipeline/loader/watched.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { WorkerProcesses } from '../pipeline/worker-process.ts';
import { testStack } from '../setup/stack.ts';

/**
 * Sixty snapshots of the USGS feed of earthquakes, through S3, SQS and a loader. However they arrive, the table has each
 * event once, as it was last revised: local/data/README.md has the figures.
 */
const NEWEST_HASH = '9e4ed0e1233ce8d2547c9cd4e29018d41a0ff7d7de6b496ebece19f612b29db3';

/** The columns of the feed that the table has; the others are reported and left out. */
const COLUMNS = {
  time: 'timestamptz',
  latitude: 'decimal(30,20)',
  longitude: 'decimal(30,20)',
  mag: 'decimal(30,20)',
  id: 'varchar(32)',
  updated: 'timestamptz',
  place: 'varchar(200)',
  status: 'varchar(20)',
};

interface Way {
  readonly maxFiles: number;
  readonly order: 'in order' | 'shuffled';
  /** Every message is delivered this often. */
  readonly deliveries: 1 | 3;
  /** Worker processes are killed, one after the other, until everything is loaded. */
  readonly kills: boolean;
}

const quick: readonly Way[] = [
  { maxFiles: 7, order: 'shuffled', deliveries: 3, kills: true },
  { maxFiles: 60, order: 'in order', deliveries: 1, kills: false },
];
const all = [1, 5, 7, 60].flatMap((maxFiles) =>
  (['in order', 'shuffled'] as const).flatMap((order) =>
    [false, true].map((kills): Way => ({ maxFiles, order, deliveries: 3, kills })),
  ),
);
/** `TRIBUTARY_QUAKES=all npm run integration -- earthquakes` tries every way, which takes a quarter of an hour. */
const ways = process.env.TRIBUTARY_QUAKES === 'all' ? all : quick;

describe('sixty snapshots of earthquakes', () => {
  const harness = withHarness();
  const workers = new WorkerProcesses(harness);

  test.each(ways)(
    'in batches of $maxFiles, $order, delivered $deliveries times, kills: $kills',
    async (way) => {
      const loader = uniqueName('l');
      const schema = uniqueName('s');
      const prefix = `${uniqueName('quakes')}/`;
      const { bucket } = testStack().s3;
      const name = uniqueName('q');
      const queue = await createAnnouncedQueue(testStack(), { name, prefix, maxReceiveCount: 100 });
      harness.onClose(() => queue.remove());
      if (way.deliveries > 1) await disturb(name, way);
      const { workgroup, database } = testStack().redshiftData;
      const written = {
        source: { bucket, prefix, match: '**/*.csv.gz', queue: queue.url },
        format: { kind: 'csv' },
        target: {
          ...{ workgroup, database, schema, table: 'quakes', create: true, columns: COLUMNS },
          iamRole: 'arn:aws:iam::123456789012:role/copy',
        },
        merge: { key: ['id'], newest: 'updated' },
        batch: { maxFiles: way.maxFiles, maxSeconds: 1 },
        staging: { bucket, prefix: 'loaders-of-tests' },
      };
      const definition = LoaderDefinition.parse(written);
      await harness.sql(`CREATE SCHEMA "${schema}"`);
      const startWorker = () => workers.start([], {}, { loaders: { [loader]: written } });
      let worker = startWorker();
      await harness.client.workflow.start('watchFiles', {
        taskQueue: CONTROL_TASK_QUEUE,
        workflowId: watchWorkflowId(watchedBy(definition)),
        args: [{ loader }],
      });
      for (const file of way.order === 'in order' ? SNAPSHOTS : shuffled(SNAPSHOTS)) {
        await harness.store.put(`${prefix}${file}`, snapshot(file));
      }
      const loaded = async () => {
        const [row] = await harness
          .sql(`SELECT count(*) AS n FROM "${schema}"."_tributary_files__quakes"`)
          .catch(() => []);
        return Number(row?.n ?? 0);
      };
      const handle = harness.client.workflow.getHandle(loaderWorkflowId(definition.target));
      for (let before = 0; way.kills && before < SNAPSHOTS.length; ) {
        // Each worker lives until more files are loaded, and dies somewhere in what comes next.
        const wanted = Math.min(SNAPSHOTS.length, before + randomInt(1, 20));
        before = await until(loaded, (n) => n >= wanted);
        await workers.end(worker);
        // What it had received would stay hidden for two minutes.
        await controlSqs(testStack().sqs.endpoint, { method: 'POST', path: `expire/${name}` });
        worker = startWorker();
      }
      await until(loaded, (n) => n === SNAPSHOTS.length);
      const progress = await until(
        () => handle.query<LoaderProgress>(QUERY_PROGRESS),
        ({ state, inbox }) => state === 'idle' && inbox.files === 0,
      );
      expect(progress.parked).toEqual([]);
      const rows = await harness.sql(
        `SELECT id, TO_CHAR(updated AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS updated FROM "${schema}"."quakes" ORDER BY id`,
      );
      const hash = createHash('sha256');
      for (const { id, updated } of rows) hash.update(`${id},${updated}\n`);
      expect({ rows: rows.length, hash: hash.digest('hex') }).toEqual({ rows: EVENTS, hash: NEWEST_HASH });
      await harness.client.workflow.getHandle(watchWorkflowId(watchedBy(definition))).cancel();
      await handle.cancel();
      await workers.end(worker, 'SIGTERM');
    },
  );
});

async function disturb(queue: string, { order }: Way): Promise<void> {
  await controlSqs(testStack().sqs.endpoint, {
    ...{ method: 'PUT', path: `faults/${queue}` },
    // A message is delivered, delivered again beside itself, and once more after it was deleted.
    body: { duplicate: 1, afterDelete: 1, shuffle: order === 'shuffled' },
  });
}

function shuffled<T>(values: readonly T[]): T[] {
  const left = [...values];
  return values.map(() => left.splice(randomInt(left.length), 1)[0] as T);
}
