import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { createTable, loadItems } from '../../../local/demo/load-items.ts';
import { Terminal } from '../../../src/clients/errors.ts';
import type { TableSource } from '../../../src/clients/table-source.ts';
import { refreshWorkflowId, segmentWorkflowId } from '../../../src/contract/refresh.ts';
import { reportPageKey } from '../../../src/pipeline/run/run-directory.ts';
import { type Overrides, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { command, startCommand } from './command-line.ts';

const ITEMS = 200;

describe('runs from the command line', () => {
  const harness = withHarness();
  let broken = false;
  /** While it is there, segment 2 is read no further. */
  let held: Promise<void> | undefined;
  const table = uniqueName('items');
  const directory = harness.directory();

  beforeAll(async () => {
    await createTable(harness.dynamodb, table);
    await loadItems(
      harness.dynamodb,
      table,
      Array.from({ length: ITEMS }, (_, i) => ({
        pk: { S: `p${i}` },
        sk: { S: 's' },
        tags: { SS: ['a', 'b'] },
      })),
    );
    const real = harness.dependencies.source;
    const source: TableSource = {
      describe: (name, options) => real.describe(name, options),
      scanPage: async (request) => {
        if (request.segment === 2 && request.limit === undefined) {
          await held;
          if (broken)
            throw new Terminal('AccessDenied', 'The role may not scan this table. Grant dynamodb:Scan.');
        }
        return real.scanPage(request);
      },
    };
    await harness.startWorkers({ ...harness.dependencies, source });
  });

  const tributary = (...words: string[]) => command(words, environment());
  const elsewhere = (more: Record<string, string>, ...words: string[]) =>
    command(words, { ...environment(), ...more });
  const environment = () => ({ ...harness.environment, TRIBUTARY_TEMPORAL_NAMESPACE: harness.namespace });

  /** A pipeline that only this file has, so that it must travel with the run. */
  function configured(overrides: Overrides = {}) {
    const { pipeline, schema, definition } = harness.define(table, overrides);
    harness.definitions.delete(pipeline);
    const config = join(directory, `${pipeline}.yaml`);
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));
    return { pipeline, schema, config, definition };
  }

  test('run --wait --json --config replaces the schema, and ends stdout with the result', async () => {
    const { pipeline, schema, config } = configured();
    const { code, stdout, stderr } = await tributary('run', pipeline, '--config', config, '--wait', '--json');
    expect(stderr).toMatch(/extract {2}done in .* 4 segments, 200 items/);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    const report = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual(['run', 'status', 'tables', 'items', 'rejects', 'drift', 'seconds']);
    expect(report).toMatchObject({
      run: expect.stringMatching(/^\d{8}t\d{6}z_[0-9a-f]{6}$/),
      status: 'replaced',
      items: ITEMS,
      rejects: 0,
      tables: expect.arrayContaining([
        { table: expect.any(String), rows: ITEMS, bytes: expect.any(Number) },
        { table: expect.any(String), rows: 2 * ITEMS, bytes: expect.any(Number) },
      ]),
    });
    expect(await harness.tablesOf(schema)).toHaveLength(2);
  });

  test('--to ends a run early with code 0, --from continues it under its name', async () => {
    const { pipeline, schema, config } = configured();
    const run = uniqueName('run');
    const first = await tributary(
      'run',
      pipeline,
      '--config',
      config,
      '--run',
      run,
      '--to',
      'extract',
      '--wait',
    );
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('done up to extract') });
    expect(await harness.tablesOf(schema)).toEqual([]);

    const second = await tributary(
      'run',
      pipeline,
      '--config',
      config,
      '--run',
      run,
      '--from',
      'seal',
      '--wait',
    );
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining(`${pipeline} is replaced`) });
    expect(await harness.tablesOf(schema)).toHaveLength(2);

    // The same name by mistake: no workflow starts, and the run keeps its state.
    expect(await tributary('run', pipeline, '--config', config, '--run', run)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`Run ${run} of ${pipeline} already exists .*--from <phase>`)),
    });
    expect(await tributary('status', run, '--config', config)).toMatchObject({ code: 0 });
  });

  test('a run that fails shows the root cause and no stack, with code 1, and so does status', async () => {
    const { pipeline, config } = configured({ source: { table: 'nowhere' } });
    const run = uniqueName('run');
    const failed = await tributary('run', pipeline, '--config', config, '--run', run, '--wait');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/failed: .*DynamoDB table nowhere/);
    expect(failed.stdout + failed.stderr).not.toMatch(/^\s+at /m);

    const status = await tributary('status', run, '--config', config);
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/DynamoDB table nowhere/);
    expect(status.stdout).not.toContain('tributary retry');
    const again = `npx tributary run ${pipeline} --config ${config}`;
    expect(status.stdout).toMatch(new RegExp(`then run: +${again}`));
    const retry = await tributary('retry', run, '--config', config);
    expect(retry).toMatchObject({ code: 1, stderr: expect.stringContaining(`then run: \`${again}\``) });
  });

  test('a run that fails late shows the figures it has and how to continue it', async () => {
    const hostile = uniqueName('hostile');
    await createTable(harness.dynamodb, hostile);
    await loadItems(harness.dynamodb, hostile, [
      { pk: { S: 'innocent' }, sk: { S: '1' } },
      { pk: { S: 'nul\u0000' }, sk: { S: '2' } },
    ]);
    const { pipeline, config, definition } = configured({ source: { table: hostile } });
    const run = uniqueName('run');
    const words = ['run', pipeline, '--config', config, '--run', run];
    const failed = await tributary(...words, '--wait', '--json');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      run,
      status: 'failed',
      items: 2,
      rejects: 1,
      tables: [{ table: hostile, rows: 1, bytes: expect.any(Number) }],
      drift: { revision: 1 },
    });
    const continueCommand = `npx tributary run ${pipeline} --run ${run} --from verify --config ${config}`;
    expect(failed.stderr).toContain(continueCommand);
    expect(failed.stderr).not.toContain('tributary retry');
    // The Web UI, `temporal workflow describe` and the page of the report print the same command.
    const workflow = harness.client.workflow.getHandle(refreshWorkflowId(pipeline, run));
    await expect(workflow.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining(`\`${continueCommand}\``) },
    });
    const page = await harness.store.get(reportPageKey({ ...definition.staging, pipeline, run }));
    expect(Buffer.from(page!.body).toString()).toContain(`<code>${continueCommand}</code>`);
    const status = await tributary('status', run, '--config', config);
    expect(status.stdout).toMatch(/✗ verify +failed\n +· replace +not started/);
    expect(status.stdout).toContain(continueCommand);
    const report = await tributary('retry', run, '--config', config);
    expect(report).toMatchObject({ code: 1, stderr: expect.stringContaining('accepts no more requests') });
    const onlyProved = await tributary(...words, '--from', 'verify', '--to', 'verify', '--wait');
    expect(onlyProved).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(continueCommand.replace(' --config', ' --to verify --config')),
    });
  });

  test('a table or segment that the run does not have is refused at once, with what it has', async () => {
    const { pipeline, config } = configured({ source: { segments: 3 } });
    const run = uniqueName('run');
    const part = (name: string, ...words: string[]) =>
      tributary('run', pipeline, '--config', config, '--run', name, ...words);
    expect(await part('never', '--from', 'load', '--table', table)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`Run never of pipeline ${pipeline} does not exist in s3://`),
    });
    expect((await part(run, '--to', 'extract', '--wait')).code).toBe(0);
    expect(await part(run, '--from', 'load', '--table', table)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Resume it with --from seal'),
    });
    expect((await part(run, '--from', 'seal', '--to', 'prepare', '--wait')).code).toBe(0);
    expect(await part(run, '--from', 'load', '--table', `${table}__tag`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(`no table ${table}__tag \\(did you mean .*\\)\\. It has: ${table}, ${table}__tags\\.`),
      ),
    });
    expect(await part(run, '--from', 'extract', '--segment', '1', '3')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no segment 3. It has 3: 0 to 2.'),
    });
    expect(await part(run, '--from', 'load', '--table', table, '--segment', '7')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has no segment 7'),
    });
  });

  test('continuing an unknown run, or part of it, is refused before anything starts', async () => {
    const { pipeline, config } = configured();
    const from = ['--run', 'never', '--from'];
    const refused = {
      ...{ code: 2, stdout: '' },
      stderr: expect.stringContaining('Temporal has no run "never"'),
    };
    const sent = await tributary('run', pipeline, '--config', config, ...from, 'seal', '--wait');
    expect(sent).toMatchObject(refused);
    // The worker looks up its own definition.
    for (const part of [['load'], ['extract', '--segment', '0']]) {
      const words = ['run', pipeline, ...from, ...part];
      expect(await elsewhere({ TRIBUTARY_CONFIG: config }, ...words)).toMatchObject(refused);
    }
  });

  test('an unknown pipeline is refused at once if there is a file here, otherwise by the worker', async () => {
    const here = configured();
    const slip = await elsewhere({ TRIBUTARY_CONFIG: here.config }, 'run', `${here.pipeline}x`, '--wait');
    expect(slip).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `has no pipeline "${here.pipeline}x" (did you mean "${here.pipeline}"?)`,
      ),
    });
    for (const words of [
      ...[['infer'], ['rollback'], ['backups'], ['runs', 'prune']],
      ...[
        ['runs', '--pipeline'],
        ['doctor', '--pipeline'],
      ],
    ]) {
      expect(await elsewhere({ TRIBUTARY_CONFIG: here.config }, ...words, `${here.pipeline}x`)).toMatchObject(
        { code: 2, stderr: expect.stringContaining(`did you mean "${here.pipeline}"?`) },
      );
    }
    const unknown = await elsewhere({ TRIBUTARY_CONFIG: 'none.yaml' }, 'run', 'nowhere', '--wait');
    expect(unknown).toMatchObject({ code: 1, stdout: expect.stringContaining('No pipeline "nowhere"') });

    const { pipeline, config } = configured();
    const near = await tributary('run', `${pipeline}x`, '--config', config);
    expect(near).toMatchObject({ code: 2, stderr: expect.stringContaining(`did you mean "${pipeline}"?`) });
  });

  test('a run that waits for an operator ends --wait with code 3, and retry completes it', async () => {
    const { pipeline, config } = configured({ source: { segments: 5 } });
    const run = uniqueName('run');
    broken = true;
    const waiting = await tributary('run', pipeline, '--config', config, '--run', run, '--wait');
    expect(waiting.code).toBe(3);
    expect(waiting.stdout).toContain(
      'segment 2 failed: The role may not scan this table. Grant dynamodb:Scan.',
    );
    expect(waiting.stdout).toContain(`npx tributary retry ${run} --segment 2`);

    const status = await tributary('status', run, '--config', config);
    expect(status.code).toBe(3);
    expect(status.stdout).toMatch(
      /^\S+ +\S+ +waiting for you[\s\S]*segment 2 failed[\s\S]*tributary retry[\s\S]*4 of 5 segments/,
    );
    const json = await tributary('status', run, '--config', config, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      run,
      pipeline,
      state: 'waiting',
      summary: 'waiting for you: extract 4/5, 1 failed',
      progress: { extract: { failed: 1, settled: 4 } },
    });

    const none = await tributary('retry', run, '--segment', '7', '--config', config);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('no segment 7') });
    const early = await tributary('retry', run, '--table', table, '--config', config);
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('tables are loaded later') });
    broken = false;
    const retried = await tributary('retry', run, '--all', '--config', config);
    expect(retried).toMatchObject({ code: 0, stdout: expect.stringContaining('retrying 2') });
    const watched = await tributary('status', run, '--wait', '--json', '--config', config);
    expect(watched.code).toBe(0);
    expect(JSON.parse(watched.stdout)).toMatchObject({ run, status: 'replaced', items: ITEMS });

    const again = await tributary('retry', run, '--config', config);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to retry') });
  });

  test('one segment or one table can run alone, and a run that waits for it continues', async () => {
    const { pipeline, schema, config } = configured({ source: { segments: 5 } });
    const run = uniqueName('run');
    const part = (...words: string[]) =>
      tributary('run', pipeline, '--config', config, '--run', run, '--wait', ...words);
    broken = true;
    expect((await part()).code).toBe(3);
    const refused = await part('--from', 'extract', '--segment', '2');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('may not scan this table') });
    broken = false;
    const extracted = await part('--from', 'extract', '--segment', '2', '--json');
    expect(extracted.code).toBe(0);
    expect(JSON.parse(extracted.stdout)).toMatchObject({ segment: 2, items: expect.any(Number) });
    const watched = await tributary('status', run, '--wait', '--json', '--config', config);
    expect(JSON.parse(watched.stdout)).toMatchObject({ run, status: 'replaced', items: ITEMS });

    // Its own staging schema, loaded by hand, some segments first.
    expect((await part('--from', 'prepare', '--to', 'prepare')).code).toBe(0);
    const some = await part('--from', 'load', '--table', table, '--segment', '0', '1', '--json');
    const all = await part('--from', 'load', '--table', table, '--json');
    const rows = (answer: { stdout: string }) => (JSON.parse(answer.stdout) as { rows: number }).rows;
    expect(rows(some)).toBeGreaterThan(0);
    expect(rows(some)).toBeLessThan(ITEMS);
    expect(rows(all)).toBe(ITEMS);
    expect(await harness.rowsOf(`${schema}__${run}_2`, table)).toHaveLength(ITEMS);

    for (const [words, answer] of [
      [['--segment', '2'], /needs --from extract/],
      [['--from', 'seal', '--table', 'x'], /needs --from load/],
      [['--from', 'load', '--table', 'x', '--to', 'verify'], /omit --to/],
      [['--from', 'load', '--table', 'x', '--older'], /for whole runs/],
    ] as const) {
      expect(await part(...words)).toMatchObject({ code: 2, stderr: expect.stringMatching(answer) });
    }
    const nameless = await tributary(
      'run',
      pipeline,
      '--config',
      config,
      '--from',
      'extract',
      '--segment',
      '2',
    );
    expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining('--run') });
  });

  test('several segments are each reported as they start, even if a later one is running already', async () => {
    const { pipeline, config } = configured();
    const run = uniqueName('run');
    const words = ['run', pipeline, '--config', config, '--run', run];
    expect((await tributary(...words, '--to', 'plan', '--wait')).code).toBe(0);
    const [first, second] = [0, 1].map((segment) => segmentWorkflowId(`refresh-${pipeline}-${run}`, segment));
    const queue = { taskQueue: 'without-worker', args: [] };
    const held = await harness.client.workflow.start('extractSegment', { workflowId: second!, ...queue });
    const { code, stdout, stderr } = await tributary(
      ...[...words, '--from', 'extract', '--segment', '0', '1', '--json'],
    );
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ workflowId: first });
    expect(stderr).toMatch(new RegExp(`workflow ${first}\n.*${second} is already in progress`));
    await held.terminate();
  });

  test('a run name that two pipelines have needs the pipeline, and parts belong to the named pipeline', async () => {
    const [one, other] = [configured(), configured()];
    const config = join(directory, `${one.pipeline}-both.yaml`);
    const both = [one, other].map(({ pipeline, definition }) => [pipeline, definition]);
    writeFileSync(config, stringify({ pipelines: Object.fromEntries(both) }));
    const run = uniqueName('run');
    for (const { pipeline } of [one, other]) {
      const words = ['run', pipeline, '--config', config, '--run', run, '--to', 'extract', '--wait'];
      expect((await tributary(...words)).code).toBe(0);
    }
    const ids = [one, other].map(({ pipeline }) => `refresh-${pipeline}-${run}`);
    for (const [verb, ...more] of [['status'], ['retry'], ['status', '--config', 'none.yaml']]) {
      const words = [verb!, run, ...(more.length > 0 ? more : ['--config', config])];
      // Without the file, Temporal's list is asked, which lags behind.
      const refused = await until(
        () => tributary(...words),
        ({ stderr }) => ids.every((id) => stderr.includes(id)),
      );
      expect(refused.code).toBe(2);
    }
    expect((await tributary('status', ids[1]!, '--config', config)).code).toBe(0);
    // The id of a child is not a run: the answer names the parent, and how to retry the child.
    for (const verb of ['status', 'retry']) {
      expect(await tributary(verb, `${ids[1]}/segment-00002`, '--config', config)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`npx tributary retry ${ids[1]} --segment 2`),
      });
    }
    for (const [i, { pipeline }] of [one, other].entries()) {
      const words = [
        'run',
        pipeline,
        '--run',
        run,
        '--from',
        'extract',
        '--segment',
        '1',
        '--config',
        config,
      ];
      expect((await tributary(...words, '--wait')).stdout).toContain(`workflow ${ids[i]}/segment-00001`);
    }
  });

  test('Ctrl-C stops watching with code 130, and the run continues', async () => {
    const { pipeline, config } = configured({ source: { segments: 5 } });
    const run = uniqueName('run');
    const { promise, resolve: release } = Promise.withResolvers<void>();
    held = promise;
    // A script can still recognise an interrupted watch by its JSON line.
    const watching = startCommand(['run', pipeline, '--config', config, '--run', run, '--wait', '--json'], {
      environment: environment(),
    });
    await watching.seen(/plan {5}done/);
    watching.process.kill('SIGINT');
    const { code, stderr, stdout } = await watching.ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`npx tributary status ${run} --wait`);
    expect(JSON.parse(stdout)).toMatchObject({ run, status: 'running' });

    held = undefined;
    release();
    const handle = harness.client.workflow.getHandle(`refresh-${pipeline}-${run}`);
    expect(await handle.result()).toMatchObject({ status: 'replaced' });
  });

  test('runs lists runs, newest first, for all pipelines or one', async () => {
    const { pipeline, config } = configured();
    await tributary('run', pipeline, '--config', config, '--run', 'older', '--to', 'plan', '--wait');
    await tributary('run', pipeline, '--config', config, '--run', 'newer', '--to', 'plan', '--wait');
    const listed = await until(
      () => tributary('runs', '--pipeline', pipeline, '--json'),
      ({ stdout }) => stdout.split('\n').filter((line) => line.includes('"completed"')).length === 2,
    );
    const runs = listed.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { run: string });
    expect(runs.map(({ run }) => run)).toEqual(['newer', 'older']);
    expect((await tributary('runs', '--pipeline', pipeline)).stdout).toMatch(
      /newer +done up to plan +plan +\d[\s\S]*older +done up to plan +plan/,
    );
    const one = await tributary('runs', '--pipeline', pipeline, '--limit', '1', '--json');
    expect(
      one.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { run: string }).run),
    ).toEqual(['newer']);
    const status = await tributary('status', '--limit', '1');
    expect(status.stdout).not.toContain('Earlier runs:');

    const unknown = await tributary('status', 'newr', '--config', config);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "newer"?') });
    const nowhere = await tributary('runs', '--pipeline', `${pipeline}x`, '--config', config);
    expect(nowhere).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`No pipeline "${pipeline}x" (did you mean "${pipeline}"?)`),
    });
  });

  test('a running run is not started twice', async () => {
    const { pipeline, config } = configured({ source: { segments: 5 } });
    broken = true;
    const words = ['run', pipeline, '--config', config, '--run', uniqueName('run')];
    expect((await tributary(...words)).code).toBe(0);
    expect(await tributary(...words)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already in progress'),
    });
    broken = false;
  });
});
