import { describe, expect, test } from '@jest/globals';
import { copyManifestBody, copySql } from '../../../../src/pipeline/load/copy-statement.ts';
import { type Loaded, loadedOf, loadedQueries } from '../../../../src/pipeline/load/ledger.ts';
import {
  type Load,
  type LoadTarget,
  loadStatements,
  loadStep,
  MAX_FILES,
  planLoads,
} from '../../../../src/pipeline/load/load-plan.ts';
import type { PartFile } from '../../../../src/pipeline/load/part-file.ts';
import type { ManifestTable } from '../../../../src/pipeline/run/manifest.ts';
import { partKey } from '../../../../src/pipeline/run/run-directory.ts';
import { byteLength } from '../../../../src/pipeline/sql/identifier.ts';

const file = (key: string, layout: string, rows: number): PartFile => ({
  key,
  etag: `"${key}"`,
  table: '',
  layout,
  rows,
  bytes: 7,
  rawBytes: 9,
});
const table = (files: PartFile[]): ManifestTable => ({
  path: '',
  name: 'nobel',
  rows: files.reduce((sum, { rows }) => sum + rows, 0),
  columns: [],
  layouts: { aa: ['id', 'year'], bb: ['id', 'name', 'year'] },
  files,
});
const target: LoadTarget = {
  stagingSchema: 'nobel__r1_1',
  run: 'r1',
  bucket: 'tributary',
  iamRole: 'arn:aws:iam::123456789012:role/copy',
  compression: 'zstd',
};
const nothing: Loaded = { files: [], rows: 0 };
const ledgerRow = ({ key, etag, rows }: PartFile) => ({ fileKey: key, fileEtag: etag, rows });
const loadsOf = (...args: Parameters<typeof planLoads>): readonly Load[] => {
  const plan = planLoads(...args);
  if (plan.kind === 'disagrees') throw new Error(plan.reason);
  return plan.loads;
};

const files = [file('f/2', 'aa', 20), file('f/1', 'aa', 10), file('f/3', 'bb', 5)];

describe('the loads of a table', () => {
  test('are one per layout, each expecting the rows of those before it', () => {
    const loads = loadsOf(table(files), nothing, target);
    expect(
      loads.map(({ layout, rowsBefore, rows, files: f }) => [
        layout,
        rowsBefore,
        rows,
        f.map(({ key }) => key),
      ]),
    ).toEqual([
      ['aa', 0, 30, ['f/1', 'f/2']],
      ['bb', 30, 5, ['f/3']],
    ]);
    expect(loads[1]?.columns).toEqual(['id', 'name', 'year']);
  });

  test('skip what the ledger names', () => {
    const loads = loadsOf(table(files), { files: [ledgerRow(files[1]!)], rows: 10 }, target);
    expect(loads.map(({ rowsBefore, rows }) => [rowsBefore, rows])).toEqual([
      [10, 20],
      [30, 5],
    ]);
  });

  test('are none when all is loaded', () => {
    expect(loadsOf(table(files), { files: files.map(ledgerRow), rows: 35 }, target)).toEqual([]);
  });

  test('cover only the wanted files', () => {
    const loads = loadsOf(table(files), nothing, target, ({ key }) => key === 'f/3');
    expect(loads.map(({ files: f }) => f.map(({ key }) => key))).toEqual([['f/3']]);
  });

  test('have at most 500 files, and about as many each, so that all slices have as much to do', () => {
    const many = Array.from({ length: 1001 }, (_, i) => file(`k${i}`, 'aa', 1));
    const loads = loadsOf(table(many), nothing, target, undefined, { maxBytes: 1e9 });
    expect(loads.map(({ files: f, rowsBefore }) => [f.length, rowsBefore])).toEqual([
      [336, 0],
      [336, 336],
      [329, 672],
    ]);
  });

  test('have 500 files if that is how many there are for each', () => {
    const many = Array.from({ length: 1000 }, (_, i) => file(`k${i}`, 'aa', 1));
    const loads = loadsOf(table(many), nothing, target, undefined, { maxBytes: 1e9 });
    expect(loads.map(({ files: f }) => f.length)).toEqual([500, 500]);
  });

  test('are at most one per layout and one more per 250 files, with keys as usual', () => {
    const at = { prefix: 'tributary/production', pipeline: 'orders', run: '20261121t062033z_1f0c22' };
    const folder = 'orders__lines__discounts-1a2b3c4d';
    const layouts = ['aa', 'bb', 'cc'];
    const many = layouts.flatMap((layout) =>
      Array.from({ length: 2500 }, (_, segment) => ({
        ...file(
          partKey(at, folder, { segment, cut: 1, attempt: 'a1b2c3d4e5f6' }, 'a1b2c3d4e5', 'zst'),
          layout,
          1,
        ),
        etag: `"${'0'.repeat(32)}"`,
      })),
    );
    const wide = {
      ...table(many),
      name: 'orders__lines__discounts',
      layouts: Object.fromEntries(layouts.map((layout) => [layout, ['id', 'year']])),
    };
    const loads = loadsOf(wide, nothing, { ...target, run: at.run });
    expect(loads.length).toBeLessThanOrEqual(layouts.length + many.length / 250);
    for (const { files: f } of loads) expect(f.length).toBeLessThanOrEqual(MAX_FILES);
  });

  test('have at most 95 KB of SQL, and miss no file', () => {
    const many = Array.from({ length: 2000 }, (_, i) =>
      file(`${'k'.repeat(300)}${String(i).padStart(5, '0')}`, 'aa', 1),
    );
    const loads = loadsOf(table(many), nothing, target);
    for (const load of loads) {
      const sql = loadStatements(load, target, 'm'.repeat(1024));
      expect(sql.reduce((sum, statement) => sum + byteLength(statement), 0)).toBeLessThanOrEqual(95_000);
    }
    expect(loads.flatMap(({ files: f }) => f)).toEqual(many);
  });

  test('have at least 60 files, even with the longest keys of S3', () => {
    const many = Array.from({ length: 300 }, (_, i) => file(`${'k'.repeat(1020)}${i + 1000}`, 'aa', 1));
    const long = many.map((each) => ({ ...each, etag: `"${'0'.repeat(32)}"` }));
    expect(loadsOf(table(long), nothing, target).length).toBeLessThanOrEqual(300 / 60);
  });

  test('are refused if the list of columns alone is too long', () => {
    const columns = Array.from({ length: 1500 }, (_, i) => `${'c'.repeat(110)}${i}`);
    const wide = { ...table([file('k', 'aa', 1)]), layouts: { aa: columns } };
    expect(() => planLoads(wide, nothing, target)).toThrow('because the table has 1500 columns');
  });

  test('are named by their files and the rows before them', () => {
    const [first, second] = loadsOf(table(files), nothing, target);
    expect(loadStep(first!)).toBe(`load nobel from row 0 (files ${first?.filesId})`);
    expect(first?.filesId).toMatch(/^[0-9a-f]{16}$/);
    expect(second?.filesId).not.toBe(first?.filesId);
  });
});

describe('ledger and table disagree', () => {
  const disagreement = (loaded: Loaded) => {
    const plan = planLoads(table(files), loaded, target);
    return plan.kind === 'disagrees' ? plan.reason : plan;
  };
  test.each<[string, Loaded, string]>([
    [
      'the table holds more',
      { files: [ledgerRow(files[0]!)], rows: 40 },
      'has 40 rows, but its ledger has 20',
    ],
    [
      'the table was emptied',
      { files: [ledgerRow(files[0]!)], rows: 0 },
      'has 0 rows, but its ledger has 20',
    ],
    [
      'a file is there twice',
      { files: [ledgerRow(files[0]!), ledgerRow(files[0]!)], rows: 40 },
      'names f/2 twice',
    ],
    [
      'a file is unknown',
      { files: [{ fileKey: 'x', fileEtag: 'e', rows: 1 }], rows: 1 },
      'which is not a file of this run',
    ],
    [
      'a file is another',
      { files: [{ ...ledgerRow(files[0]!), fileEtag: 'other' }], rows: 20 },
      'ETag other',
    ],
  ])('when %s', (_, loaded, reason) => {
    expect(disagreement(loaded)).toContain(reason);
  });
});

test('a load locks, guards, copies, guards and writes its ledger, in this order', () => {
  const [load] = loadsOf(table(files), nothing, target);
  expect(loadStatements(load!, target, 'runs/r1/copy/x.manifest')).toEqual([
    'LOCK TABLE "nobel__r1_1"."nobel"',
    'SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) AS "guard" FROM "nobel__r1_1"."nobel"',
    `COPY "nobel__r1_1"."nobel" ("id", "year") FROM 's3://tributary/runs/r1/copy/x.manifest' ` +
      `IAM_ROLE 'arn:aws:iam::123456789012:role/copy' MANIFEST FORMAT AS CSV NULL AS '~NULL~' ZSTD ` +
      `DATEFORMAT 'auto' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF`,
    'SELECT 1 / (CASE WHEN count(*) = 30 THEN 1 ELSE 0 END) AS "guard" FROM "nobel__r1_1"."nobel"',
    'INSERT INTO "nobel__r1_1"."_tributary_ledger" ("table_name", "file_key", "file_etag", "rows", "run", "load_id") ' +
      `VALUES ('nobel', 'f/1', '"f/1"', 10, 'r1', '${load?.filesId}'), ('nobel', 'f/2', '"f/2"', 20, 'r1', '${load?.filesId}')`,
  ]);
});

test('COPY takes the default role, gzip and a region', () => {
  const sql = copySql({
    schema: 's',
    table: 't',
    columns: ['a"b'],
    nullText: '\u0001',
    bucket: 'b',
    manifestKey: "it's",
    iamRole: 'default',
    compression: 'gzip',
    region: 'eu-west-1',
  });
  expect(sql).toBe(
    `COPY "s"."t" ("a""b") FROM 's3://b/it''s' IAM_ROLE default MANIFEST FORMAT AS CSV NULL AS '\u0001' GZIP ` +
      `DATEFORMAT 'auto' TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF REGION 'eu-west-1'`,
  );
});

test('a COPY manifest lists each file as mandatory, with its length', () => {
  expect(JSON.parse(copyManifestBody('b', [file('k/1', 'aa', 1)]))).toEqual({
    entries: [{ url: 's3://b/k/1', mandatory: true, meta: { content_length: 7 } }],
  });
});

test('the ledger is read back, with counts as numbers or text', () => {
  expect(loadedQueries('s', "it's").ledger).toContain(`WHERE "table_name" = 'it''s'`);
  expect(loadedOf([{ file_key: 'k', file_etag: 'e', rows: '7' }], [{ rows: 7 }])).toEqual({
    files: [{ fileKey: 'k', fileEtag: 'e', rows: 7 }],
    rows: 7,
  });
});

test('a load into a schema that will follow changes fails once that is verified', () => {
  const [load] = loadsOf(table(files), nothing, target);
  const key = 'runs/r1/copy/x.manifest';
  const [lock, state, ...others] = loadStatements(load!, { ...target, followsChanges: true }, key);
  expect([lock, ...others]).toEqual(loadStatements(load!, target, key));
  expect(state).toContain(`"state" IN ('loaded')`);
  expect(state).toContain('FROM "nobel__r1_1"."_tributary_state"');
});
