import { beforeAll, expect, test } from '@jest/globals';
import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import { watchDatasetWorkflowId } from '../../../src/contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import type { AlertEvent } from '../../../src/pipeline/alerts/alert-event.ts';
import { AlertsDefinition } from '../../../src/pipeline/alerts/alerts-definition.ts';
import { AlertReceiver } from '../pipeline/alert-receiver.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';
import { KnownDataset } from './known-dataset.ts';

const harness = withHarness();
const receiver = new AlertReceiver();
beforeAll(async () => {
  await receiver.open();
  harness.onClose(() => receiver.close());
});

const record = (id: string, amount: number | string) => ({ id, day: '2026-11-01', amount });

test('files are taken as the queue announces them; what is parked is reported, and that nothing is any more', async () => {
  const prefix = `${uniqueName('arriving')}/`;
  const queue = await createAnnouncedQueue(testStack(), { name: uniqueName('q'), prefix });
  harness.onClose(() => queue.remove());
  const { bucket } = testStack().s3;
  const source = { bucket, prefix, match: '**/*.gz', queue: queue.url, gather: '1s' };
  const dataset = new KnownDataset(harness, { source, maxRejects: 0 });
  const definition = AlertsDefinition.parse({ webhooks: { ops: { urlFrom: 'OPS_URL' } } });
  const alerts = {
    ...harness.dependencies.alerts,
    definition: async () => definition,
    secret: () => receiver.url('/hook'),
  };
  const stop = await harness.startWorkers({ ...dataset.dependencies, alerts });
  const received = () => receiver.received.map(({ body }) => (JSON.parse(body) as { data: AlertEvent }).data);
  const watch = await harness.client.workflow.start('watchDataset', {
    ...{ workflowId: watchDatasetWorkflowId(dataset.name), taskQueue: CONTROL_TASK_QUEUE },
    args: [{ dataset: dataset.name }],
  });
  try {
    await dataset.put('a.gz', [record('a', 1)]);
    await until(
      () => dataset.rows(),
      (rows) => rows.length === 1,
    );
    await dataset.put('b.gz', [record('b', 'none')]);
    const [parked] = await until(
      async () => received(),
      (all) => all.length === 1,
    );
    expect(parked).toMatchObject({
      ...{ kind: 'waiting', code: 'TooManyRejects', pipeline: dataset.name, isDataset: true },
      commands: [`tributary dataset status ${dataset.name}`],
    });
    await dataset.put('b.gz', [record('b', 2)]);
    const [, recovered] = await until(
      async () => received(),
      (all) => all.length === 2,
    );
    expect(recovered).toMatchObject({ kind: 'recovered', resolves: [parked?.id] });
    expect(await dataset.rows()).toEqual(['2026-11-01 a 1', '2026-11-01 b 2']);
  } finally {
    await watch.cancel();
    await watch.result().catch(() => {});
    await stop();
  }
});
