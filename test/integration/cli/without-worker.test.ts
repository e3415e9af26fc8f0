import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { createTable } from '../../../local/demo/load-items.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { quietPort } from '../setup/quiet-port.ts';
import { testStack } from '../setup/stack.ts';
import { command, startCommand } from './command-line.ts';

describe('without a worker', () => {
  const harness = withHarness();
  const directory = harness.directory();
  const environment = () => ({ ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace });

  // Before any worker starts: Temporal still lists one for some time after it ends.
  const interrupted = async (...words: string[]) => {
    const asked = startCommand(words, { environment: environment() });
    await asked.seen(/No worker is polling the task queue tributary/);
    asked.process.kill('SIGINT');
    return asked.ended;
  };
  const stateOf = async (workflowId: string) =>
    (await harness.client.workflow.getHandle(workflowId).describe()).status.name;

  test('a read-only command ends its workflow when it is interrupted', async () => {
    const { pipeline } = harness.define('any');
    const answers = await Promise.all([
      interrupted('backups', pipeline),
      interrupted('runs', 'prune', pipeline, '--dry-run'),
    ]);
    for (const { code, stderr } of answers) {
      expect(code).toBe(130);
      const [, workflowId = ''] = /read-only workflow (\S+) was terminated/.exec(stderr) ?? [];
      expect(await stateOf(workflowId)).toBe('TERMINATED');
    }
  });

  test('a command that changes something says that its request remains, and how to cancel it', async () => {
    const { pipeline } = harness.define('any');
    const answers = await Promise.all([
      interrupted('rollback', pipeline, '--wait'),
      interrupted('runs', 'prune', pipeline),
    ]);
    for (const { code, stderr } of answers) {
      expect(code).toBe(130);
      const [, workflowId = ''] = /npx tributary cancel (\S+)/.exec(stderr) ?? [];
      expect(stderr).toContain(`The request remains: workflow ${workflowId}`);
      expect(await stateOf(workflowId)).toBe('RUNNING');
      await harness.client.workflow.getHandle(workflowId).terminate();
    }
  });

  test('run --wait says so and how to start one; `tributary worker` then executes the run', async () => {
    const table = uniqueName('empty');
    await createTable(harness.dynamodb, table);
    const { pipeline, definition } = harness.define(table);
    const config = join(directory, 'tributary.yaml');
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));

    const run = startCommand(['run', pipeline, '--wait'], {
      environment: { ...environment(), TRIBUTARY_CONFIG: config },
    });
    await run.seen(
      /No worker is polling the task queues tributary and tributary-extract.*npx tributary worker/,
    );
    const worker = startCommand(['worker', '--config', config, '--log-level', 'WARN'], {
      environment: environment(),
    });
    try {
      expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('is replaced') });
    } finally {
      worker.process.kill('SIGTERM');
    }
    expect(await worker.ended).toMatchObject({ code: 0 });
  });
});

describe('without Temporal', () => {
  test('every command shows the address and how to start a server, without a stack trace', async () => {
    const address = `127.0.0.1:${await quietPort()}`;

    const environment = { TRIBUTARY_TEMPORAL_ADDRESS: address };
    const commands = [['run', 'nobel'], ['status'], ['runs'], ['retry', 'first'], ['worker']];
    const answers = await Promise.all(commands.map((words) => command(words, environment)));
    for (const { code, stderr } of answers) {
      expect(stderr).toContain(`Temporal cannot be reached at ${address}`);
      expect(stderr).toContain('npx tributary local start');
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(code).toBe(1);
    }
    expect((await command(['runs', '--verbose'], environment)).stderr).toMatch(/^\s+at /m);
  });

  test('a missing namespace is reported with the way to create it, with code 2', async () => {
    const answer = await command(['runs'], {
      TRIBUTARY_TEMPORAL_ADDRESS: testStack().temporal.address,
      TRIBUTARY_TEMPORAL_NAMESPACE: 'nowhere',
    });
    expect(answer).toMatchObject({ code: 2, stderr: expect.stringContaining('no namespace "nowhere"') });
  });
});

describe('the configuration', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tributary-cli-')), 'tributary.yaml');
  afterAll(() => rmSync(join(file, '..'), { recursive: true, force: true }));

  test('config check reports every problem with its place, with code 2', async () => {
    writeFileSync(file, 'pipelines:\n  nobel:\n    source: { kind: dynamodb, tabel: nobel }\n');
    const { code, stderr } = await command(['config', 'check', '--config', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `${file}:3:31 pipelines.nobel.source: Unrecognized key: "tabel" (did you mean "table"?)`,
    );
    expect(stderr).toContain('Missing key: "staging"');
  });

  test('config schema prints JSON Schema', async () => {
    const { code, stdout } = await command(['config', 'schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: 'Tributary configuration', type: 'object' });
  });
});
