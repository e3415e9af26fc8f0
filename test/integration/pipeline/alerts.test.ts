import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RETRY_SEGMENT } from '../../../src/contract/refresh.ts';
import { AlertsDefinition } from '../../../src/pipeline/alerts/alerts-definition.ts';
import { AlertReceiver } from './alert-receiver.ts';
import { BrokenSegments } from './broken-segments.ts';
import { uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';

interface Sent {
  readonly id: string;
  readonly kind: string;
  readonly [name: string]: unknown;
}

describe('alerts of runs', () => {
  const harness = withHarness();
  const receiver = new AlertReceiver();
  const table = uniqueName('alerts');
  const broken = new BrokenSegments(harness.dependencies.source, [1]);

  const alertsOf = (pipeline: string): Sent[] =>
    receiver.received
      .filter(({ path, status }) => path === '/hook' && status === 204)
      .map(({ body }) => (JSON.parse(body) as { data: Sent & { pipeline: string } }).data)
      .filter((alert) => alert.pipeline === pipeline);

  const untilAlerts = (pipeline: string, n: number) =>
    until(
      async () => alertsOf(pipeline),
      (all) => all.length >= n,
    );

  beforeAll(async () => {
    await receiver.open();
    harness.onClose(() => receiver.close());
    await harness.createTable(
      table,
      Array.from({ length: 20 }, (_, i) => ({ pk: { S: `p${i}` }, sk: { S: 's' } })),
    );
    const definition = AlertsDefinition.parse({
      webhooks: { ops: { urlFrom: 'OPS_URL' } },
      webUi: 'https://temporal.example.com/',
    });
    const { dependencies } = harness;
    await harness.startWorkers({
      ...dependencies,
      source: broken,
      alerts: {
        ...dependencies.alerts,
        definition: async () => definition,
        secret: (variable) => ({ OPS_URL: receiver.url('/hook') })[variable],
      },
    });
  });
  afterAll(() => broken.fix());

  test('a run that waits, and then completes after a retry, is reported as waiting and recovered', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 4 } });
    const handle = await harness.start({ pipeline });
    const [waiting] = await untilAlerts(pipeline, 1);
    expect(waiting).toMatchObject({
      kind: 'waiting',
      phase: 'extract',
      code: 'AccessDenied',
      next: expect.stringMatching(/^Allow the action, then run: `tributary retry \S+ --segment 1`$/),
      workflow: { namespace: harness.namespace, workflowId: handle.workflowId },
    });
    expect(waiting?.text).toMatch(
      /^Run \S+ of \S+ waits for you in extract: 1 of 4 segments failed\.\nsegment 1: .*\nAllow the action.*\nWeb UI: https:.*\nReport: s3:\/\/.*\/report\.html$/,
    );
    broken.fix();
    await handle.executeUpdate(RETRY_SEGMENT);
    await expect(handle.result()).resolves.toMatchObject({ status: 'replaced' });
    const [, recovered] = await untilAlerts(pipeline, 2);
    expect(recovered).toMatchObject({ kind: 'recovered', resolves: [waiting?.id] });
  });
});
