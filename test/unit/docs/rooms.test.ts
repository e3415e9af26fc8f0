import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { inRepository, read } from './pages.ts';
import { forbiddenImports, importsOf, type Room, roomsOf } from './rooms.ts';

const rooms = roomsOf(read('ARCHITECTURE.md'));
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: inRepository('.'),
  encoding: 'utf8',
});
/** Folder of each workspace package, by its npm name. */
const packages = new Map(
  tracked
    .split('\n')
    .filter((file) => /^packages\/[^/]+\/package\.json$/.test(file))
    .map((file) => [(JSON.parse(read(file)) as { name: string }).name, file.replace(/\/package\.json$/, '')]),
);
const files = tracked.split('\n').filter((file) => /\.[cm]?[jt]s$/.test(file) && file.includes('/'));

describe('every import follows the table in ARCHITECTURE.md', () => {
  const byRoom = Map.groupBy(files, (file) => file.split('/').slice(0, 2).join('/'));

  test.each([...byRoom.keys()])('%s', (folder) => {
    const forbidden = byRoom
      .get(folder)!
      .flatMap((file) => forbiddenImports(file, read(file), rooms, packages));
    expect(forbidden).toEqual([]);
  });

  test('the table names folders that exist, each once', () => {
    const folders = rooms.map(({ folder }) => folder);
    expect(
      folders.filter((folder) => !files.some((file) => file === folder || file.startsWith(`${folder}/`))),
    ).toEqual([]);
    expect(new Set(folders).size).toBe(folders.length);
    const named = rooms.flatMap(({ mayImport }) =>
      mayImport.filter((entry) => /^(src|local|packages)\//.test(entry)),
    );
    const missing = named.filter((entry) => !files.some((file) => file.startsWith(entry.replace(/\*$/, ''))));
    expect(missing).toEqual([]);
  });
});

describe('an import that the table does not allow is found', () => {
  const planted: readonly (readonly [file: string, source: string])[] = [
    // Each kind of import.
    ['src/pipeline/item/x.ts', "import { s3Client } from '../../clients/s3/s3-object-store.ts';"],
    ['src/pipeline/item/x.ts', "import type { Warehouse } from '../../clients/warehouse.ts';"],
    ['src/pipeline/item/x.ts', "export * from '../../store/run-files.ts';"],
    ['src/pipeline/item/x.ts', "export { forEachLimited } from '../../store/for-each-limited.ts';"],
    ['src/pipeline/item/x.ts', "import '../../workers/main.ts';"],
    ['src/pipeline/item/x.ts', "const later = () => import('../../cli/program.ts');"],
    ['src/pipeline/item/x.ts', "type W = import('../../clients/warehouse.ts').Warehouse;"],
    ['src/pipeline/item/x.ts', "import { workflowInfo } from '@temporalio/workflow';"],
    ['src/pipeline/item/x.ts', "import { readFile } from 'node:fs/promises';"],
    // Each direction that a layer must not take.
    ['src/pipeline/sql/x.ts', "import { shred } from '../mapping/shred.ts';"],
    ['src/pipeline/load/x.ts', "import { Manifest } from '../run/manifest.ts';"],
    ['src/contract/x.ts', "import { planRun } from '../activities/run/plan-run.ts';"],
    ['src/clients/s3/x.ts', "import { stateOf } from '../redshift/statement-state.ts';"],
    ['src/clients/x.ts', "import { s3Client } from './s3/s3-object-store.ts';"],
    ['src/clients/x.ts', "import { Context } from '@temporalio/activity';"],
    ['src/store/x.ts', "import { s3Client } from '../clients/s3/s3-object-store.ts';"],
    ['src/store/x.ts', "import type { RefreshInput } from '../contract/refresh.ts';"],
    ['src/report/x.ts', "import { runKey } from '../store/run-files.ts';"],
    ['src/config/x.ts', "import { readPlan } from '../store/run-files.ts';"],
    ['src/workflows/refresh/x.ts', "import type { loadTable } from '../../activities/load/load-table.ts';"],
    ['src/workflows/refresh/x.ts', "import { readFileSync } from 'node:fs';"],
    ['src/workflows/refresh/x.ts', "import { inferSchema } from '../infer/infer-schema.ts';"],
    ['src/workflows/infer/x.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['src/activities/load/x.ts', "import { swapIn } from '../replace/swap-in.ts';"],
    ['src/activities/load/x.ts', "import { s3Client } from '../../clients/s3/s3-object-store.ts';"],
    ['src/activities/load/x.ts', "import { createWorkers } from '../../workers/worker.ts';"],
    ['src/activities/load/x.ts', "import { Worker } from '@temporalio/worker';"],
    ['src/workers/x.ts', "import { program } from '../cli/program.ts';"],
    ['src/cli/runs/x.ts', "import { planRun } from '../../activities/run/plan-run.ts';"],
    ['src/cli/terminal/x.ts', "import { startRun } from '../runs/start-run.ts';"],
    ['local/stack/x.ts', "import { measures } from '../../src/cli/terminal/measures.ts';"],
    ['packages/redshift-data-local/src/x.ts', "import { Key } from '../../../src/pipeline/item/key.ts';"],
    [
      'packages/redshift-data-local/src/x.ts',
      "import { freePorts } from '../../../local/stack/free-ports.ts';",
    ],
    ['bin/x.js', "import { program } from '../src/cli/program.ts';"],
    ['src/pipeline/item/x.ts', "import { Harness } from '../../integration/pipeline/harness.ts';"],
    // A new folder has no room until it has a row.
    ['src/anything/x.ts', ''],
  ];

  test.each(planted)('%s: %s', (file, source) => {
    expect(forbiddenImports(file, source, rooms)).toHaveLength(1);
  });

  test('even under the name of a workspace package', () => {
    const named = new Map([['@scope/local', 'packages/redshift-data-local']]);
    const source = "import { serve } from '@scope/local/server';";
    expect(forbiddenImports('src/store/x.ts', source, rooms, named)).toHaveLength(1);
    expect(forbiddenImports('local/stack/x.ts', source, rooms, named)).toEqual([]);
  });

  test('but an allowed import is not', () => {
    const source = "import { Key } from '../item/key.ts'; import { z } from 'zod'; import './guard.ts';";
    expect(forbiddenImports('src/pipeline/sql/x.ts', source, rooms)).toEqual([]);
  });

  test('`folder/*` allows only the files of that folder', () => {
    const some: Room[] = [
      { folder: 'a', mayImport: ['b/*'] },
      { folder: 'b', mayImport: [] },
    ];
    expect(forbiddenImports('a/x.ts', "import '../b/y.ts';", some)).toEqual([]);
    expect(forbiddenImports('a/x.ts', "import '../b/c/y.ts';", some)).toEqual(['a/x.ts imports b/c/y.ts']);
  });
});

test('importsOf finds every module a source names, and no other text', () => {
  const source = `
    import a from 'a'; import type { B } from './b.ts'; export * from 'c'; export { d } from 'd'; import 'e';
    const f = await import('f'); type G = import('g').G;
    const text = "import x from 'no'"; // import y from 'no'
  `;
  expect(importsOf(source).sort()).toEqual(['./b.ts', 'a', 'c', 'd', 'e', 'f', 'g']);
});
