import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadCases } from '../conformance/conformance-case.ts';
import { installPacked } from './packed-package.ts';

const packed = installPacked();
afterAll(() => packed.remove());

const run = (...args: string[]) =>
  spawnSync(process.execPath, [packed.bin, ...args], { cwd: packed.project, env: {}, encoding: 'utf8' });

describe('the packed package', () => {
  test('holds the program, its documents and its cases, and neither sources nor tests', () => {
    const folders = new Set(packed.files.map((file) => file.split('/').slice(0, 2).join('/')));
    expect([...folders].sort()).toEqual([
      'DIALECT.md',
      'LICENSE',
      'NOTICE',
      'README.md',
      'bin/redshift-data-local.js',
      'dist/conformance',
      'dist/src',
      'package.json',
    ]);
    expect(packed.files).toContain('dist/src/catalogue/views.sql');
    expect(packed.files).toContain('dist/src/statements/tables.sql');
    expect(packed.files).toContain('dist/conformance/cases/api-batches.json');
    expect(packed.files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  });

  test('runs without a build step and without its checkout', () => {
    const { version } = JSON.parse(
      readFileSync(join(dirname(dirname(packed.bin)), 'package.json'), 'utf8'),
    ) as { version: string };
    expect(run('--version').stdout).toBe(`${version}\n`);
    const help = run('--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/^Usage: redshift-data-local/);
    expect(run('conformance', '--help').stdout).toMatch(/^Usage: redshift-data-local conformance/);
  });

  test('says which settings are missing, and starts nothing', () => {
    const { status, stdout, stderr } = run('--port', '0');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('postgres-url is missing: pass --postgres-url or set REDSHIFT_POSTGRES_URL');
    const conformance = run('conformance', '--database', 'dev', '--bucket', 'b', '--role', 'r');
    expect([conformance.status, conformance.stderr]).toEqual([
      2,
      expect.stringContaining('pass either --workgroup or --cluster'),
    ]);
  });

  test('can be imported by other code, with types', async () => {
    const source = `
      import { type RedshiftDataApi, startRedshiftDataApi } from '@tributary-data/redshift-data-local';
      import { type LoadedCase, loadCases } from '@tributary-data/redshift-data-local/conformance';
      const start: (options: never) => Promise<RedshiftDataApi> = startRedshiftDataApi;
      const cases: LoadedCase[] = await loadCases();
      console.log(typeof start, cases.length);
      // @ts-expect-error A PostgreSQL database is required.
      export const wrong = () => startRedshiftDataApi({ port: 0 });
    `;
    writeFileSync(join(packed.project, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(packed.project, 'use.ts'), source);
    const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    const checked = spawnSync(
      process.execPath,
      [
        join(typescript, 'bin/tsc'),
        ...['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', '', 'use.ts'],
      ],
      { cwd: packed.project, encoding: 'utf8' },
    );
    expect([checked.status, checked.stdout]).toEqual([0, '']);
    const output = execFileSync(process.execPath, ['use.ts'], { cwd: packed.project, encoding: 'utf8' });
    expect(output).toBe(`function ${(await loadCases()).length}\n`);
  });
});
