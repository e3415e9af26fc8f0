import {
  batchWorkflowId,
  type LoaderProgress,
  loaderWorkflowId,
  RETRY_BATCH,
  SKIP_BATCH,
  watchWorkflowId,
} from '../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../src/contract/refresh.ts';
import { LoaderDefinition } from '../../src/pipeline/loader/loader-definition.ts';
import { watchedBy } from '../../src/pipeline/loader/watched.ts';
import { type Harness, uniqueName } from '../integration/pipeline/harness.ts';
import { until } from '../integration/pipeline/until.ts';
import { testStack } from '../integration/setup/stack.ts';

/** Keeps the history of a workflow under a name. */
type Record = (name: string, workflowId: string) => Promise<void>;

/**
 * A loader that loads one file, parks another, retries and skips it, and is stopped: the histories of its watcher, its
 * loader and both batches. Workers must be running.
 */
export async function recordLoader(harness: Harness, record: Record): Promise<void> {
  const { redshiftData, s3 } = testStack();
  const { workgroup, database } = redshiftData;
  const prefix = `${uniqueName('landing')}/`;
  const schema = uniqueName('landing');
  const definition = LoaderDefinition.parse({
    source: { bucket: s3.bucket, prefix, listSeconds: 1, listFrom: '2020-01-01' },
    format: { kind: 'csv' },
    target: {
      ...{
        workgroup,
        database,
        schema,
        table: 'quakes',
        create: true,
        columns: { id: 'bigint', at: 'date' },
      },
      iamRole: 'arn:aws:iam::123456789012:role/copy',
    },
    merge: { key: ['id'], newest: 'at' },
    batch: { maxFiles: 1 },
    staging: { bucket: s3.bucket, prefix: 'recorded-loaders' },
  });
  harness.loaders.set('quakes', definition);
  const options = { taskQueue: CONTROL_TASK_QUEUE, args: [{ loader: 'quakes' }] };
  await harness.store.put(`${prefix}good.csv`, 'id,at\n1,2026-11-01\n');
  const watching = watchWorkflowId(watchedBy(definition));
  const watcher = await harness.client.workflow.start('watchFiles', { ...options, workflowId: watching });
  const loading = loaderWorkflowId(definition.target);
  const loader = harness.client.workflow.getHandle(loading);
  const reached = (wanted: (progress: LoaderProgress) => boolean) =>
    until(() => loader.query<LoaderProgress>(QUERY_PROGRESS), wanted);
  await reached(({ totals }) => totals.files === 1);
  await harness.store.put(`${prefix}bad.csv`, 'id,at\nnone,2026-11-01\n');
  await reached(({ parkedTotal }) => parkedTotal === 1);
  await loader.executeUpdate(RETRY_BATCH, { args: [2] });
  await reached(({ parkedTotal, current }) => parkedTotal === 1 && current === undefined);
  await loader.executeUpdate(SKIP_BATCH, { args: [{ batch: 2, reason: 'a test' }] });
  await watcher.cancel();
  await watcher.result().catch(() => {});
  await loader.cancel();
  await loader.result().catch(() => {});
  await record('watch-files', watching);
  await record('load-files', loading);
  await record('load-batch', batchWorkflowId(loading, 1));
  await record('load-batch-that-failed', batchWorkflowId(loading, 2));
}
