import { beforeAll, describe, expect, test } from '@jest/globals';
import type { MutedAlerts } from '../../../src/contract/alerts.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import type { AlertEvent } from '../../../src/pipeline/alerts/alert-event.ts';
import { AlertsDefinition } from '../../../src/pipeline/alerts/alerts-definition.ts';
import { AlertReceiver } from '../pipeline/alert-receiver.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { InboxLoader, waitingBatches } from './inbox-loader.ts';

const HOOK = '/hook';

describe('alerts of a loader', () => {
  const harness = withHarness();
  const receiver = new AlertReceiver();
  beforeAll(async () => {
    await receiver.open();
    harness.onClose(() => receiver.close());
    const definition = AlertsDefinition.parse({ webhooks: { ops: { urlFrom: 'OPS_URL' } } });
    const alerts = {
      ...harness.dependencies.alerts,
      definition: async () => definition,
      secret: (name: string) => (name === 'OPS_URL' ? receiver.url(HOOK) : undefined),
    };
    await harness.startWorkers({ ...harness.dependencies, alerts }, undefined, await waitingBatches(harness));
  });

  const received = (loader: InboxLoader) =>
    receiver.received
      .map(({ body }) => (JSON.parse(body) as { data: AlertEvent }).data)
      .filter(({ pipeline }) => pipeline === loader.name);

  test('each parked batch, a loader that pauses itself, and that nothing is parked any more', async () => {
    const loader = new InboxLoader(harness, {
      batch: { maxFiles: 1, maxSeconds: 3600 },
      pauseAfterParked: 2,
    });
    await loader.arrive('a', 'b');
    await loader.hint();
    for (const batch of [1, 2]) {
      await loader.becomes({ current: batch });
      await loader.end(batch, 'failed');
    }
    await loader.becomes({ state: 'paused', parked: [1, 2] });
    const three = await until(
      async () => received(loader),
      (alerts) => alerts.length === 3,
    );
    const byText = new Map(three.map((alert) => [alert.what, alert]));
    expect(
      byText.get(`Batch 1 of loader ${loader.name} is parked: 1 file not loaded. Other files are loaded.`),
    ).toMatchObject({
      kind: 'waiting',
      isLoader: true,
      waits: true,
      code: 'LoadFailed',
      cause: 'batch 1 does not fit',
      commands: [`tributary loader retry ${loader.name} 1`],
      workflow: { workflowId: loader.workflowId },
    });
    expect(
      byText.get(`Loader ${loader.name} has paused itself: no files are loaded until it is resumed.`),
    ).toMatchObject({ kind: 'waiting', cause: expect.stringMatching(/^2 batches in a row were parked/) });

    await loader.order('resume');
    await loader.order('skipBatch', 1);
    await loader.order('retryBatch', 2);
    await loader.becomes({ current: 2 });
    await loader.end(2, 'loaded');
    const all = await until(
      async () => received(loader),
      (alerts) => alerts.length === 4,
    );
    expect(all[3]).toMatchObject({
      kind: 'recovered',
      what: expect.stringMatching(`Loader ${loader.name} has no parked batches any more.`),
      resolves: expect.arrayContaining(three.map(({ id }) => id)),
    });
  });

  test('nothing while it is muted; what was parked then is not resolved', async () => {
    const loader = new InboxLoader(harness, { batch: { maxFiles: 1, maxSeconds: 3600 } });
    const { name } = loader;
    const mute = (more: object) =>
      harness.client.workflow.execute('muteAlerts', {
        ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: uniqueName('mute') },
        args: [{ pipeline: name, ...more }],
      });
    await expect(mute({ until: null })).resolves.toEqual({ pipeline: name, mutedUntil: null, open: 0 });
    await loader.arrive('a');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.end(1, 'failed');
    await loader.becomes({ parked: [1] });
    await until(
      () => mute({ until: null }),
      ({ open }: MutedAlerts) => open === 1,
    );
    await expect(mute({})).resolves.toEqual({ pipeline: name, open: 1 });
    await loader.order('retryBatch', 1);
    await loader.becomes({ current: 1 });
    await loader.end(1, 'loaded');
    const [recovered] = await until(
      async () => received(loader),
      (alerts) => alerts.length === 1,
    );
    expect(recovered).toMatchObject({ kind: 'recovered', resolves: [expect.any(String)] });
  });

  test('one that no configuration has cannot be muted', async () => {
    const muting = harness.client.workflow.execute('muteAlerts', {
      ...{ taskQueue: CONTROL_TASK_QUEUE, workflowId: uniqueName('mute') },
      args: [{ pipeline: 'unknown', until: null }],
    });
    await expect(muting).rejects.toMatchObject({ cause: { type: 'UnknownPipeline' } });
  });

  test('nothing, as long as all goes well', async () => {
    const loader = new InboxLoader(harness, { batch: { maxFiles: 1, maxSeconds: 3600 } });
    await loader.arrive('a');
    await loader.hint();
    await loader.becomes({ current: 1 });
    await loader.end(1, 'loaded');
    await loader.becomes({});
    await loader.handle.terminate('by the test');
    expect(received(loader)).toEqual([]);
  });
});
