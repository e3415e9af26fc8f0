import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalStatus } from '../../../src/cli/local/local-report.ts';
import type { Check } from '../../../src/contract/maintenance.ts';
import { PACKAGE_ROOT } from '../../../src/installation/package-files.ts';
import { installPackedApp, type PackedApp } from './packed-app.ts';

describe('the packed app, installed in an empty project', () => {
  let app: PackedApp;
  beforeAll(() => {
    app = installPackedApp();
    writeFileSync(join(app.project, 'package.json'), '{ "type": "module" }');
    const demo = readFileSync(join(PACKAGE_ROOT, 'local/demo/tributary.yaml'), 'utf8');
    const examples = join(app.installed, 'examples');
    writeFileSync(join(app.project, 'tributary.yaml'), demo.replaceAll('../../examples', examples));
  });
  afterAll(() => {
    tributary('local', 'stop');
    app.remove();
  });

  function run(command: string, words: readonly string[]) {
    // Names no server: the commands must find the project's own.
    const environment = Object.entries(process.env).filter(([name]) => !/^(TRIBUTARY|TEMPORAL)_/.test(name));
    return spawnSync(command, words, {
      cwd: app.project,
      env: {
        ...Object.fromEntries(environment),
        // This Node, for the program's first line and for npx.
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        NO_COLOR: '1',
      },
      encoding: 'utf8',
    });
  }
  const tributary = (...words: string[]) => run(join(app.project, 'node_modules/.bin/tributary'), words);

  test('holds what runs, its documents and its data, and neither sources, tests nor paths of this machine', () => {
    const folders = new Set(app.files.map((file) => file.split('/').slice(0, 2).join('/')));
    expect([...folders].filter((folder) => !/^docs\/[\w-]+\.md$/.test(folder)).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'NOTICE',
      'README.md',
      'bin/run-on-node-24.js',
      'bin/tributary.js',
      'dist/local',
      'dist/src',
      'dist/workflows-encoding.js',
      'dist/workflows.js',
      'examples/access-records',
      'examples/ledger',
      'local/data',
      'local/demo',
      'package.json',
    ]);
    const sources = app.files.filter((file) => /(?<!\.d)\.ts$|\.test\./.test(file));
    // The demo's record modules are a user's, and bundled when they are used.
    expect(sources.filter((file) => !file.startsWith('examples/'))).toEqual([]);
    const telling = app.files.filter((file) => {
      const text = readFileSync(join(app.installed, file), 'utf8');
      // The workflows' source map is encoded.
      const encoded = [...text.matchAll(/base64,([\w+/=]+)/g)].map(([, data]) =>
        Buffer.from(data!, 'base64').toString('utf8'),
      );
      return [text, ...encoded].some((each) => each.includes(PACKAGE_ROOT));
    });
    expect(telling).toEqual([]);
  });

  test('prints its version and help, with commands that run this installation and nothing else', () => {
    expect(tributary('--version').stdout).toBe(`${app.version}\n`);
    const { status, stdout } = tributary('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('$ npx --no-install tributary run nobel --wait');
    expect(stdout).not.toContain('npx tributary');
    const npx = run('npx', ['--no-install', 'tributary', '--version']);
    expect(npx.stdout).toBe(`${app.version}\n`);
  });

  test('checks a configuration file', () => {
    expect(tributary('config', 'check')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('✓ tributary.yaml: 1 pipeline'),
    });
  });

  test('says what to install if the local Redshift is missing, and starts nothing', () => {
    for (const words of [['local', 'start'], ['local', 'start', '--detach'], ['demo']]) {
      expect(tributary(...words)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          `needs the package @tributary-data/redshift-data-local, which is not installed. Install its version ${app.version}`,
        ),
      });
    }
    expect(tributary('local', 'status').stdout).toContain('No stack');
  });

  test('with the local Redshift beside it, starts a stack and a worker that runs workflows, and stops them', () => {
    app.addLocalRedshift();
    expect(tributary('local', 'start', '--detach')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('npx --no-install tributary local stop'),
    });
    const { state, parts } = JSON.parse(tributary('local', 'status', '--json').stdout) as LocalStatus;
    expect(state).toBe('running');
    expect(parts.map((part) => [part.name, part.state])).toContainEqual(['worker', 'running']);
    // Its checks of the pipeline are a workflow.
    const { checks } = JSON.parse(tributary('doctor', '--json').stdout) as { checks: Check[] };
    expect(checks.filter(({ area }) => area === 'S3' || area === 'workers')).not.toContainEqual(
      expect.objectContaining({ state: 'problem' }),
    );
    expect(checks.map(({ area }) => area)).toContain('Redshift');
    expect(tributary('local', 'stop').status).toBe(0);
    expect(tributary('local', 'status').status).toBe(1);
  });

  test('can be imported by other TypeScript code, with types', () => {
    writeFileSync(
      join(app.project, 'use.ts'),
      `import { type Client } from '@temporalio/client';
      import { CONTROL_TASK_QUEUE, type RefreshResult, retry, startRefresh, status, type Workflows } from '${app.name}';
      export async function copy(client: Client): Promise<RefreshResult> {
        const { workflowId } = await startRefresh(client, { pipeline: 'nobel', to: 'extract' });
        const { state } = await status(client, workflowId);
        if (state === 'waiting') await retry(client, workflowId, { segment: 2 });
        // @ts-expect-error There is no such phase.
        await startRefresh(client, { pipeline: 'nobel', to: 'sealed' });
        // @ts-expect-error A part is a segment or a table.
        await retry(client, workflowId, { segmint: 2 });
        const inferred = await client.workflow.execute<Workflows['inferSchema']>('inferSchema', {
          workflowId: 'infer',
          taskQueue: CONTROL_TASK_QUEUE,
          args: [{ pipeline: 'nobel' }],
        });
        const agreed: boolean = inferred.agreed;
        console.log(agreed);
        return client.workflow.getHandle(workflowId).result();
      }
      console.log(typeof copy, CONTROL_TASK_QUEUE);`,
    );
    const tsc = join(PACKAGE_ROOT, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--module', 'nodenext'];
    const types = ['--types', 'node', '--typeRoots', join(PACKAGE_ROOT, 'node_modules/@types')];
    const checked = run(process.execPath, [tsc, ...options, ...types, 'use.ts']);
    expect([checked.status, checked.stdout]).toEqual([0, '']);
    expect(run(process.execPath, ['use.ts'])).toMatchObject({ status: 0, stdout: 'function tributary\n' });
  });
});
