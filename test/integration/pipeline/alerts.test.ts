import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { QUERY_PROGRESS, RETRY_CHECK, RETRY_SEGMENT } from '../../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { expectKinds, HOOK, Receivers, type Sent } from './alert-receivers.ts';
import { BrokenSegments } from './broken-segments.ts';
import { type Harness, uniqueName } from './harness.ts';
import { Operator } from './operator.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';
import { WorkerProcesses } from './worker-process.ts';

const plain = (pk: string, more: object = {}) => ({ pk: { S: pk }, sk: { S: 's' }, ...more });

describe('alerts of runs', () => {
  const harness = withHarness();
  const operator = new Operator(harness);
  const receivers = new Receivers();
  const table = uniqueName('alerts');
  const broken = new BrokenSegments(harness.dependencies.source, [1]);

  beforeAll(async () => {
    await receivers.open(harness);
    await harness.createTable(
      table,
      Array.from({ length: 20 }, (_, i) => plain(`p${i}`)),
    );
    await harness.startWorkers(receivers.in({ ...harness.dependencies, source: broken }));
  });
  afterEach(() => broken.fix());

  test('a run that waits, and then completes after a retry, is reported as waiting and recovered', async () => {
    broken.refuse();
    const { pipeline } = harness.define(table, { source: { segments: 4 } });
    const handle = await harness.start({ pipeline });
    const [waiting] = await expectKinds(receivers, pipeline, 'waiting');
    expect(waiting).toMatchObject({
      title: `${pipeline} is waiting for you`,
      phase: 'extract',
      code: 'AccessDenied',
      next: expect.stringMatching(/^Allow the action, then run: `tributary retry \S+ --segment 1`$/),
      workflow: { namespace: harness.namespace, workflowId: handle.workflowId },
    });
    expect(waiting?.text.split('\n')).toEqual([
      expect.stringMatching(/^Run \S+ of \S+ waits for you in extract: 1 of 4 segments failed\.$/),
      'segment 1: segment is broken by this test',
      waiting?.next,
      expect.stringMatching(/^Web UI: https:\/\/temporal\.example\.com\/namespaces\/\S+\/workflows\/\S+$/),
      expect.stringMatching(/^Report: s3:\/\/\S+\/report\.html$/),
    ]);
    broken.fix();
    await handle.executeUpdate(RETRY_SEGMENT);
    await expect(handle.result()).resolves.toMatchObject({ status: 'replaced' });
    const [, recovered] = await expectKinds(receivers, pipeline, 'waiting', 'recovered');
    expect(recovered).toMatchObject({ resolves: [waiting?.id] });
  });

  test('an inference that waits is reported, and is no failure for a run to resolve', async () => {
    broken.refuse();
    const { pipeline } = harness.define(table, { source: { segments: 4 } });
    const handle = await harness.client.workflow.start('inferSchema', {
      taskQueue: 'tributary',
      workflowId: uniqueName('infer'),
      args: [{ pipeline }],
    });
    const [waiting] = await expectKinds(receivers, pipeline, 'waiting');
    expect(waiting).toMatchObject({
      ...{ isInference: true, phase: 'scan' },
      what: expect.stringMatching(/^Inference \S+ of \S+ waits for you: 1 of 4 segments failed\.$/),
      commands: [`tributary retry ${waiting?.run} --segment 1`],
    });
    broken.fix();
    await handle.executeUpdate(RETRY_SEGMENT);
    await handle.result();
    await harness.runToEnd({ pipeline });
    await until(
      async () => alertsSent(harness, pipeline),
      (all) => all.some(({ result }) => result.reason === 'nothing was wrong before'),
    );
    expect(receivers.accepted(pipeline).map(({ kind }) => kind)).not.toContain('recovered');
  });

  test('each wait is an event of its own; after a reset, the same wait has the same id', async () => {
    broken.refuse();
    const { pipeline } = harness.define(table, { source: { segments: 4 } });
    const handle = await harness.start({ pipeline });
    await expectKinds(receivers, pipeline, 'waiting');
    await handle.executeUpdate(RETRY_SEGMENT);
    const [first, second] = await expectKinds(receivers, pipeline, 'waiting', 'waiting');
    expect(second?.id).not.toBe(first?.id);

    // Back to the task that began the second wait: the same failure makes the run wait again.
    const { events = [] } = await handle.fetchHistory();
    const raised = events?.findLast(
      ({ startChildWorkflowExecutionInitiatedEventAttributes: started }) =>
        started?.workflowId === `alert-${second?.id}`,
    );
    const task = String(
      raised?.startChildWorkflowExecutionInitiatedEventAttributes?.workflowTaskCompletedEventId,
    );
    await operator.reset(handle.workflowId, '--event-id', task);
    const again = harness.client.workflow.getHandle(handle.workflowId);
    await until(
      async () => (await again.describe()).runId,
      (runId) => runId !== handle.firstExecutionRunId,
    );
    await until(
      async () => (await again.query(QUERY_PROGRESS)) as { state: string },
      ({ state }) => state === 'waiting',
    );
    const refused = await until(
      async () =>
        (await again.fetchHistory()).events?.flatMap(
          ({ startChildWorkflowExecutionFailedEventAttributes: failed }) => failed?.workflowId ?? [],
        ),
      (found) => found?.length !== 0,
    );
    expect(refused).toEqual([`alert-${second?.id}`]);

    // Back to the beginning: the segment fails again, which is another event.
    await operator.reset(handle.workflowId);
    const [, , third] = await expectKinds(receivers, pipeline, 'waiting', 'waiting', 'waiting');
    expect([first?.id, second?.id]).not.toContain(third?.id);
    broken.fix();
    await again.executeUpdate(RETRY_SEGMENT);
    await again.result();
    const all = await expectKinds(receivers, pipeline, 'waiting', 'waiting', 'waiting', 'recovered');
    expect(all[3]?.resolves).toEqual([first?.id, second?.id, third?.id]);
  });

  test('a failure that a reset keeps has the same id; if the run fails again, that is another event', async () => {
    const { pipeline } = harness.define(uniqueName('missing'));
    const handle = await harness.start({ pipeline });
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    const [first] = await expectKinds(receivers, pipeline, 'failed');
    const { events } = await handle.fetchHistory();
    const failure = events?.findIndex((event) => event.activityTaskFailedEventAttributes != null) ?? 0;
    const reaction = events
      ?.slice(failure)
      .find((event) => event.workflowTaskCompletedEventAttributes != null);
    await operator.reset(handle.workflowId, '--event-id', String(reaction?.eventId));
    const again = harness.client.workflow.getHandle(handle.workflowId);
    await expect(again.result()).rejects.toThrow('Workflow execution failed');
    await operator.reset(handle.workflowId);
    await expect(again.result()).rejects.toThrow('Workflow execution failed');
    const [, second] = await expectKinds(receivers, pipeline, 'failed', 'failed');
    expect(second?.id).not.toBe(first?.id);
  });

  test('drift and items set aside are reported once per run, and a muted pipeline reports nothing', async () => {
    const changing = uniqueName('changing');
    await harness.createTable(changing, [plain('a'), plain('b')]);
    const { pipeline } = harness.define(changing, {
      source: { segments: 1 },
      mapping: { columns: { totals: { asRows: true } } },
      maxRejects: 5,
    });
    await harness.runToEnd({ pipeline });
    await harness.addItems(changing, [
      plain('c', { more: { N: '1' } }),
      plain('d', { totals: { M: { 'a\0': { N: '1' } } } }),
    ]);
    const { run } = await harness.runToEnd({ pipeline });
    const both = await until(
      async () => receivers.accepted(pipeline),
      (all) => all.length >= 2,
    );
    const [drifted, setAside] = both.sort((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(both.map(({ kind }) => kind)).toEqual(['drifted', 'setAside']);
    expect(drifted).toMatchObject({ run, cause: expect.stringContaining('1 × new column') });
    expect(setAside).toMatchObject({
      run,
      what: `Run ${run} of ${pipeline} set aside 1 item of 4, and continues.`,
      commands: [`tributary rejects ${run}`],
    });

    const mute = (until?: string | null) =>
      harness.client.workflow.execute('muteAlerts', {
        taskQueue: 'tributary',
        workflowId: uniqueName('mute'),
        args: [{ pipeline, ...(until === undefined ? {} : { until }) }],
      });
    await expect(mute(null)).resolves.toEqual({ pipeline, mutedUntil: null, open: 0 });
    const { run: silent } = await harness.runToEnd({ pipeline });
    await until(
      async () => alertsSent(harness, pipeline),
      (all) => all.filter(({ result }) => result.reason?.includes('muted')).length === 1,
    );
    await mute();
    expect(receivers.accepted(pipeline).map((each) => each.run)).not.toContain(silent);
  });

  test('a check that fails makes the run wait; one that only warns does not', async () => {
    const { pipeline, definition } = harness.define(table, { source: { segments: 1 } });
    const define = (severity: string) =>
      harness.definitions.set(
        pipeline,
        PipelineDefinition.parse({ ...definition, checks: { many: { rows: table, min: 1000, severity } } }),
      );
    define('stop');
    const handle = await harness.start({ pipeline });
    const [failed] = await expectKinds(receivers, pipeline, 'checkFailed');
    expect(failed).toMatchObject({
      ...{ code: 'CheckFailed', phase: 'verify', waits: true },
      what: expect.stringMatching(/waits for you in verify: 1 of 1 check failed\.$/),
      cause: expect.stringContaining('many'),
      commands: [expect.stringMatching(/^tributary retry \S+ --check many$/)],
    });
    define('warn');
    await handle.executeUpdate(RETRY_CHECK);
    await expect(handle.result()).resolves.toMatchObject({ status: 'replaced' });
    const all = await until(
      async () => receivers.accepted(pipeline),
      (some) => some.length >= 3,
    );
    expect(all.map(({ kind }) => kind).sort()).toEqual(['checkFailed', 'checkFailed', 'recovered']);
    const warned = all.find((each) => each.kind === 'checkFailed' && each.id !== failed?.id);
    expect(warned).toMatchObject({ what: expect.stringContaining('only warns: the run continues') });
    expect(warned).not.toHaveProperty('waits');
    expect(all.find(({ kind }) => kind === 'recovered')?.resolves).toEqual([failed?.id]);
  });

  test('a schedule that started nothing is late, and the next run is a recovery', async () => {
    const { pipeline } = harness.define(table, { source: { segments: 1 } });
    const schedule = uniqueName('nightly').replaceAll('_', '-');
    const watch = () =>
      harness.client.workflow.execute('watchSchedule', {
        taskQueue: 'tributary',
        workflowId: uniqueName('watch'),
        args: [{ schedule, pipeline, finishWithinSeconds: 1 }],
      });
    await expect(watch()).resolves.toMatchObject({ late: true });
    const [late] = await expectKinds(receivers, pipeline, 'late');
    expect(late).toMatchObject({
      schedule,
      cause: 'The schedule does not exist any more, so it started no run.',
    });
    await harness.runToEnd({ pipeline });
    const [, recovered] = await expectKinds(receivers, pipeline, 'late', 'recovered');
    expect(recovered?.resolves).toEqual([late?.id]);
  });

  test('every event reached both servers; no id is missing, and none is that of two events', async () => {
    const mails = await until(
      async () => receivers.smtp.headers('Tributary-Alert-Id'),
      (all) => new Set(all).size >= new Set(receivers.http.ids(HOOK)).size,
    );
    const byId = Map.groupBy(
      receivers.http.received.map(({ headers, body }) => {
        const { data } = JSON.parse(body) as { data: Sent };
        expect(headers['webhook-id']).toBe(data.id);
        return data;
      }),
      ({ id }) => id,
    );
    for (const [, copies] of byId) {
      for (const copy of copies) expect(copy).toEqual(copies[0]);
    }
    // The same event never has two ids.
    const events = [...byId.values()].map(([event]) => JSON.stringify([event?.kind, event?.what, event?.at]));
    expect(new Set(events).size).toBe(byId.size);
    expect(new Set(mails)).toEqual(new Set(byId.keys()));
    expect(receivers.smtp.headers('Message-ID')).toEqual(mails.map((id) => `<${id}@example.com>`));
  });
});

describe('an alert whose deliveries fail', () => {
  const harness = withHarness();
  const operator = new Operator(harness);
  const workers = new WorkerProcesses(harness);
  const receivers = new Receivers();

  beforeAll(() => receivers.open(harness));

  test('arrives after a refusal, and after its worker has died, always with the same id', async () => {
    const missing = uniqueName('missing');
    const known = harness.define(missing, { source: { segments: 1 } });
    const { pipeline } = known;
    const start = () => workers.start(known, receivers.secrets, { alerts: receivers.block });

    // The first worker dies while the webhook has the alert and has not answered. The first mail is refused.
    receivers.http.answer = () => 'hang';
    receivers.smtp.refusal = () => 451;
    const first = start();
    const failing = await harness.start({ pipeline });
    await expect(failing.result()).rejects.toThrow('Workflow execution failed');
    await until(
      async () => [receivers.http.received.length, receivers.smtp.received.length],
      ([http = 0, smtp = 0]) => http > 0 && smtp > 0,
    );
    await workers.end(first);

    // The second worker's first request is refused as well.
    let refusals = 1;
    receivers.http.answer = () => (refusals-- > 0 ? 503 : 204);
    receivers.smtp.refusal = () => undefined;
    start();
    const [failed] = await expectKinds(receivers, pipeline, 'failed');
    expect(failed).toMatchObject({
      code: 'TableNotFound',
      phase: 'plan',
      commands: [`tributary run ${pipeline}`],
      endedRun: true,
    });
    await harness.createTable(missing, [plain('a')]);
    await harness.runToEnd({ pipeline });
    const [, recovered] = await expectKinds(receivers, pipeline, 'failed', 'recovered');
    expect(recovered?.resolves).toEqual([failed?.id]);

    const ids = [failed?.id, recovered?.id];
    // A request that hangs for too long is sent again, too.
    const requests = receivers.http.ids(HOOK);
    expect([...new Set(requests)]).toEqual(ids);
    expect(requests.filter((id) => id === ids[0]).length).toBeGreaterThanOrEqual(3);
    const mails = await until(
      async () => receivers.smtp.headers('Tributary-Alert-Id'),
      (all) => all.length >= 2,
    );
    expect(mails).toEqual(ids);
    expect(new Set(receivers.smtp.headers('Tributary-Alert-Id', false))).toEqual(new Set([ids[0]]));
  });

  test('can be tried, muted and listed on the command line', async () => {
    const table = uniqueName('tried');
    await harness.createTable(table, [plain('a')]);
    const known = harness.define(table);
    const { pipeline } = known;
    const file = join(harness.directory(), 'tributary.yaml');
    const broken = { webhooks: { gone: { urlFrom: 'NOT_SET' } } };
    const block = { ...receivers.block, webhooks: { ...receivers.block.webhooks, ...broken.webhooks } };
    const loader = uniqueName('loader');
    const { workgroup, database, iamRole } = known.definition.warehouse;
    const loaders = {
      [loader]: {
        source: { bucket: 'landing' },
        format: { kind: 'csv' },
        target: { workgroup, database, schema: 'landing', iamRole, table: loader },
        staging: { bucket: known.definition.staging.bucket, prefix: 'test-loaders' },
      },
    };
    await writeFile(file, stringify({ pipelines: { [pipeline]: known.definition }, loaders, alerts: block }));
    await workers.endAll();
    workers.start(known, receivers.secrets, { alerts: block });
    const alerts = (...words: string[]) => operator.tributary('alerts', ...words, '--config', file);

    const tried = await alerts('test', pipeline);
    expect(tried).toMatchObject({ code: 1 });
    expect(tried.stdout.split('\n')).toEqual([
      '✓ webhooks.ops',
      '✗ webhooks.gone: The environment of this worker has no NOT_SET, which alerts.webhooks.gone of its configuration names. Set it and restart the worker.',
      '✓ email.oncall',
      expect.stringMatching(/^alert [0-9a-f]{32}$/),
      '',
    ]);
    const id = tried.stdout.trim().split(' ').at(-1);
    expect(receivers.http.ids(HOOK).at(-1)).toBe(id);
    expect(receivers.smtp.headers('Tributary-Alert-Id').at(-1)).toBe(id);
    expect(await alerts('test', pipeline, '--destination', 'webhooks.ops')).toMatchObject({ code: 0 });
    expect(await alerts('test', pipeline, '--destination', 'webhooks.op')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no destination webhooks.op (did you mean "webhooks.ops"?)'),
    });

    expect(await alerts('mute', pipeline, '--for', '2h')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Alerts of \S+ are muted until \S+/),
    });
    const { stdout } = await alerts('list');
    expect(stdout).toMatch(/webhooks\.gone +all/);
    expect(stdout).toMatch(new RegExp(`${pipeline} +muted until .* +-`));
    expect(await alerts('unmute', pipeline)).toMatchObject({
      stdout: `Alerts of ${pipeline} are sent again\n`,
    });
    // A loader is muted as well, though this worker does not have it.
    expect(await alerts('mute', loader)).toMatchObject({ code: 0 });
    const listed = JSON.parse((await alerts('list', '--json')).stdout) as object;
    expect(listed).toMatchObject({
      pipelines: [{ pipeline, open: [] }],
      loaders: [{ loader, muted: 'until unmuted', open: [] }],
    });
    expect((await alerts('list')).stdout).toMatch(
      new RegExp(`loader +alerts.*\n${loader} +muted until unmuted`),
    );
    await workers.endAll();
    workers.start(known, receivers.secrets, { alerts: { ...block, muted: [pipeline] } });
    expect(await alerts('unmute', pipeline)).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: expect.stringContaining('remove it from alerts.muted there'),
    });
  });

  test('leaves no secret in Temporal', async () => {
    const secret = 'secret-path';
    const told: string[] = [];
    for await (const { workflowId, runId } of harness.client.workflow.list()) {
      const { events } = await harness.client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const event of events ?? []) told.push(Buffer.from(JSON.stringify(event, bytesAsText)).toString());
    }
    expect(told.length).toBeGreaterThan(50);
    expect(told.filter((event) => event.includes(secret))).toEqual([]);
  });
});

/** Payloads are bytes in the history. */
const bytesAsText = (_key: string, value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;

/** The workflows that have sent a pipeline's alerts, or decided not to. */
async function alertsSent({ client }: Harness, pipeline: string) {
  const sent: { result: { reason?: string } }[] = [];
  const query = 'WorkflowType = "sendAlert" AND ExecutionStatus = "Completed"';
  for await (const { workflowId, memo } of client.workflow.list({ query })) {
    if (memo?.pipeline !== pipeline) continue;
    sent.push({ result: (await client.workflow.getHandle(workflowId).result()) as { reason?: string } });
  }
  return sent;
}
