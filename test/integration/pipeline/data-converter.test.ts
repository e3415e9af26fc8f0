import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { command } from '../cli/command-line.ts';
import { type TestPipeline, uniqueName } from './harness.ts';
import { until } from './until.ts';
import { withHarness } from './with-harness.ts';
import { WorkerProcesses } from './worker-process.ts';

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

describe('a data converter', () => {
  const harness = withHarness();
  const workers = new WorkerProcesses(harness);
  const table = uniqueName('items');
  let pipeline: TestPipeline;
  let config: string;

  beforeAll(async () => {
    await harness.createTable(table, [
      { pk: { S: 'p' }, sk: { S: 's' }, text: { S: 'x' } },
      { pk: { S: 'key\0' }, sk: { S: 's' } },
    ]);
    pipeline = harness.define(table, { source: { segments: 1 } });
    config = join(harness.directory(), 'tributary.yaml');
    writeFileSync(config, stringify({ pipelines: { [pipeline.pipeline]: pipeline.definition } }));
  });

  const tributary = (environment: Record<string, string>, ...words: string[]) =>
    command(words, {
      ...harness.environment,
      ...environment,
      TRIBUTARY_CONFIG: config,
      TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace,
    });

  /**
   * The histories of the run's workflows, as JSON in which the data of payloads is base64. Left out is what the SDK never
   * encodes: its markers, which name changes of our code, and search attributes.
   */
  async function histories(run: string): Promise<string> {
    const { workflowService } = harness.client;
    const { namespace } = harness;
    const { executions } = await workflowService.listWorkflowExecutions({ namespace });
    const texts: string[] = [];
    for (const { execution = null } of executions) {
      if (!execution?.workflowId?.includes(run)) continue;
      const { history } = await workflowService.getWorkflowExecutionHistory({ namespace, execution });
      const events = history?.events?.filter(
        ({
          markerRecordedEventAttributes: marker,
          upsertWorkflowSearchAttributesEventAttributes: attributes,
        }) => !marker && !attributes,
      );
      texts.push(...(events ?? []).map((event) => JSON.stringify(event)));
    }
    return texts.join('\n');
  }

  /** The encodings of all payloads in a text, decoded. */
  const encodingsIn = (text: string) =>
    new Set(
      [...text.matchAll(/"encoding":"([^"]+)"/g)].map(([, encoding = '']) =>
        Buffer.from(encoding, 'base64').toString(),
      ),
    );

  test('converts the payloads of commands, activities and workflows', async () => {
    const converter = join(harness.directory(), 'payload-converter.cjs');
    writeFileSync(
      converter,
      `const { defaultPayloadConverter, encodingKeys } = require(${JSON.stringify(inRepository('node_modules/@temporalio/common'))});
       exports.payloadConverter = {
         toPayload: (value) => {
           const payload = defaultPayloadConverter.toPayload(value);
           return payload && { ...payload, metadata: { ...payload.metadata, own: new Uint8Array([111, 107]) } };
         },
         fromPayload: (payload) => defaultPayloadConverter.fromPayload(payload),
       };`,
    );
    const file = join(harness.directory(), 'converter.mjs');
    writeFileSync(
      file,
      `export const dataConverter = { payloadConverterPath: ${JSON.stringify(converter)} };`,
    );
    const environment = { TRIBUTARY_DATA_CONVERTER: file };
    const worker = workers.start(pipeline, environment);
    const run = uniqueName('run');
    const planned = await tributary(
      environment,
      'run',
      pipeline.pipeline,
      '--run',
      run,
      '--to',
      'plan',
      '--wait',
    );
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    const { events = [] } = await harness.client.workflow
      .getHandle(`refresh-${pipeline.pipeline}-${run}`)
      .fetchHistory();
    const text = JSON.stringify(events);
    // The client's input, the activity's result, and what the workflow itself wrote.
    for (const part of [
      'workflowExecutionStarted',
      'activityTaskScheduled',
      'activityTaskCompleted',
      'workflowExecutionCompleted',
    ]) {
      expect(text).toMatch(new RegExp(`"${part}EventAttributes":[^\\n]*?"own":`));
    }
    await workers.end(worker);
  });

  test('encrypts everything in the histories, and workers and commands read it', async () => {
    const environment = {
      TRIBUTARY_DATA_CONVERTER: inRepository('examples/encryption/converter.ts'),
      HISTORY_KEY: randomBytes(32).toString('hex'),
    };
    const worker = workers.start(pipeline, environment);
    const run = uniqueName('run');
    const refused = await tributary(environment, 'run', pipeline.pipeline, '--run', run, '--wait');
    expect(refused).toMatchObject({ code: 1 });
    expect(`${refused.stdout}${refused.stderr}`).toContain('set 1 item aside');
    const status = await tributary(environment, 'status', run, '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({
      pipeline: pipeline.pipeline,
      error: expect.stringContaining('set 1 item aside'),
    });
    // It reads the inputs of open workflows, among them its own.
    expect(await tributary(environment, 'runs', 'prune', pipeline.pipeline, '--dry-run')).toMatchObject({
      code: 0,
    });

    const stored = await histories(run);
    const plain = stored.split('\n').filter((event) => encodingsIn(event).has('json/plain'));
    expect(plain).toEqual([]);
    expect([...encodingsIn(stored)]).toEqual(['binary/encrypted']);
    expect(stored.includes('set 1 item aside')).toBe(false);
    expect(stored).toMatch(/"message":"Encoded failure"/);

    const without = await tributary({}, 'status', run, '--json');
    expect(without).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/encoding: binary\/encrypted.*TRIBUTARY_DATA_CONVERTER/),
    });
    const other = { ...environment, HISTORY_KEY: randomBytes(32).toString('hex') };
    const workflowId = `refresh-${pipeline.pipeline}-${run}`;
    expect(await tributary(other, 'status', run)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(`${workflowId} cannot be decoded here: .*could not decode it`),
      ),
    });
    await workers.end(worker);
  });

  test('that is missing here hides one run, and no other command fails', async () => {
    const environment = {
      TRIBUTARY_DATA_CONVERTER: inRepository('examples/encryption/converter.ts'),
      HISTORY_KEY: randomBytes(32).toString('hex'),
    };
    const worker = workers.start(pipeline);
    const [plain, encrypted] = [uniqueName('plain'), uniqueName('encrypted')];
    const start = ['run', pipeline.pipeline, '--to', 'plan', '--run'];
    expect(await tributary({}, ...start, plain, '--wait')).toMatchObject({ code: 0 });
    expect(await tributary(environment, ...start, encrypted)).toMatchObject({ code: 0 });
    const workflowId = `refresh-${pipeline.pipeline}-${encrypted}`;
    await until(
      () => tributary({}, 'runs'),
      ({ stdout }) => stdout.includes(workflowId),
    );

    const { stdout } = await tributary({}, 'runs');
    expect(stdout).toMatch(new RegExp(`${workflowId} .*cannot be decoded here`));
    expect(stdout).toContain(plain);
    const json = (await tributary({}, 'runs', '--json')).stdout.trimEnd().split('\n');
    expect(json.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ workflowId, undecodable: expect.stringMatching(/Unknown encoding/) }),
    );
    expect(await tributary({}, 'status')).toMatchObject({ code: 0 });
    expect(await tributary({}, 'status', plain)).toMatchObject({ code: 0 });
    expect(await tributary({}, 'status', encrypted)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(`${workflowId} cannot be decoded here.*TRIBUTARY_DATA_CONVERTER`),
      ),
    });
    // The undecodable run is open, so none of this pipeline's runs is deleted.
    expect(await tributary({}, 'runs', 'prune', pipeline.pipeline, '--dry-run')).toMatchObject({ code: 0 });
    expect(await tributary({}, 'cancel', workflowId)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`The cancellation of ${workflowId} is requested`),
    });
    await harness.client.workflow.getHandle(workflowId).terminate();
    expect(await tributary({}, 'cancel', encrypted)).toMatchObject({
      stdout: expect.stringContaining('has already ended'),
    });
    await workers.end(worker);
  });

  test('that is missing here hides one schedule: the others are listed and applied, and it is left alone', async () => {
    const environment = {
      TRIBUTARY_DATA_CONVERTER: inRepository('examples/encryption/converter.ts'),
      HISTORY_KEY: randomBytes(32).toString('hex'),
    };
    const [plain, encrypted, later] = [uniqueName('plain'), uniqueName('encrypted'), uniqueName('later')];
    const create = (name: string) => [
      'schedule',
      'create',
      name,
      '--pipeline',
      pipeline.pipeline,
      '--every',
      '7d',
    ];
    expect(await tributary({}, ...create(plain))).toMatchObject({ code: 0 });
    expect(await tributary(environment, ...create(encrypted))).toMatchObject({ code: 0 });
    await until(
      () => tributary({}, 'schedule', 'list'),
      ({ stdout }) => stdout.includes(plain) && stdout.includes(encrypted),
    );
    const { stdout } = await tributary({}, 'schedule', 'list');
    expect(stdout).toMatch(new RegExp(`${plain} .* every 7d .* by create`));
    expect(stdout).toMatch(
      new RegExp(`${encrypted} +${pipeline.pipeline} +refresh .*cannot be decoded here`),
    );
    const json = JSON.parse((await tributary({}, 'schedule', 'list', '--json')).stdout) as unknown[];
    expect(json).toContainEqual(
      expect.objectContaining({ name: encrypted, undecodable: expect.stringMatching(/Unknown encoding/) }),
    );

    const { definition } = pipeline;
    const every = { pipeline: pipeline.pipeline, every: '7d' };
    const schedules = { [encrypted]: every, [later]: every };
    writeFileSync(config, stringify({ pipelines: { [pipeline.pipeline]: definition }, schedules }));
    const applied = await tributary({}, 'schedule', 'apply', '--prune');
    expect(applied).toMatchObject({ code: 1, stdout: expect.stringContaining(`created   ${later}`) });
    expect(applied.stdout).toMatch(
      new RegExp(
        `kept      ${encrypted}: cannot be decoded here.*TRIBUTARY_DATA_CONVERTER.* schedule delete`,
      ),
    );
    expect(await tributary({}, 'schedule', 'delete', encrypted)).toMatchObject({ code: 0 });
    expect(await tributary({}, 'schedule', 'apply')).toMatchObject({
      ...{ code: 0, stdout: expect.stringContaining(`created   ${encrypted}`) },
    });
    for (const name of [plain, encrypted, later]) await tributary({}, 'schedule', 'delete', name);
  });

  test('that cannot be loaded ends workers and commands at once, with the reason', async () => {
    const environment = { TRIBUTARY_DATA_CONVERTER: 'none.js' };
    const worker = workers.start(pipeline, environment);
    await workers.says(worker, /TRIBUTARY_DATA_CONVERTER \(none\.js\): there is no file .*none\.js/);
    expect(await tributary(environment, 'runs')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/TRIBUTARY_DATA_CONVERTER \(none\.js\): there is no file/),
    });
  });
});
