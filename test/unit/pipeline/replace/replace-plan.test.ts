import { describe, expect, test } from '@jest/globals';
import { type Marker, markerOf, writeMarker } from '../../../../src/pipeline/load/marker.ts';
import { backupMade, backupsToDrop, dropSchema } from '../../../../src/pipeline/replace/backups.ts';
import { hasMarker, type LiveState, liveStateOf } from '../../../../src/pipeline/replace/live-state.ts';
import {
  planReplacement,
  type Replacement,
  refuseBeforehand,
} from '../../../../src/pipeline/replace/replace-plan.ts';
import { batches } from '../../../../src/pipeline/sql/batches.ts';

const marker: Marker = { pipeline: 'nobel', run: 'r2', extractedFrom: '2026-11-21T06:00:00.000Z' };
const before: Marker = { pipeline: 'nobel', run: 'r1', extractedFrom: '2026-11-20T06:00:00.000Z' };
const own = ['nobel', '_tributary_marker', '_tributary_ledger'].map((name) => ({
  name,
  kind: 'table' as const,
  owner: 'loader',
}));
const live: LiveState = { schemas: ['nobel', 'nobel__r2_1'], relations: own, routines: [], marker: before };
const plan = (changed: Partial<LiveState>, some: Partial<Replacement> = {}) =>
  planReplacement({
    schema: 'nobel',
    stagingSchema: 'nobel__r2_1',
    marker,
    live: { ...live, ...changed },
    ...some,
  });

const stagingIsOurs = [
  'LOCK TABLE "nobel__r2_1"."_tributary_marker"',
  `SELECT 1 / (CASE WHEN count(*) > 0 AND min("pipeline") = 'nobel' AND max("pipeline") = 'nobel' ` +
    `AND min("run") = 'r2' AND max("run") = 'r2' THEN 1 ELSE 0 END) AS "guard" FROM "nobel__r2_1"."_tributary_marker"`,
];

describe('a replacement', () => {
  test('compares live with the state it was planned for, and swaps', () => {
    expect(plan({})).toEqual({
      kind: 'swap',
      backupSchema: 'nobel__r1_backup',
      statements: [
        'LOCK TABLE "nobel"."_tributary_marker"',
        `SELECT 1 / (CASE WHEN count(*) > 0 AND min("pipeline") = 'nobel' AND max("pipeline") = 'nobel' ` +
          `AND min("run") = 'r1' AND max("run") = 'r1' THEN 1 ELSE 0 END) AS "guard" FROM "nobel"."_tributary_marker"`,
        ...stagingIsOurs,
        'ALTER SCHEMA "nobel" RENAME TO "nobel__r1_backup"',
        'ALTER SCHEMA "nobel__r2_1" RENAME TO "nobel"',
      ],
    });
  });

  test('waits for readers if configured: all live tables are locked, then renamed', () => {
    const swap = plan({}, { waitForReaders: true });
    expect(swap).toMatchObject({ kind: 'swap' });
    expect((swap as { statements: readonly string[] }).statements.slice(-3)).toEqual([
      'LOCK TABLE "nobel"."nobel"',
      'ALTER SCHEMA "nobel" RENAME TO "nobel__r1_backup"',
      'ALTER SCHEMA "nobel__r2_1" RENAME TO "nobel"',
    ]);
  });

  test('limits how long it waits for each lock that a reader may hold, and nothing else', () => {
    const views = { drop: ['DROP VIEW "bi"."v" RESTRICT'], recreate: ['CREATE VIEW "bi"."v" AS SELECT 1'] };
    const swap = plan({}, { waitForReaders: true, lockSeconds: 10, views });
    const limit = 'SET LOCAL statement_timeout TO 10000';
    const noLimit = 'SET LOCAL statement_timeout TO DEFAULT';
    expect((swap as { statements: readonly string[] }).statements).toEqual([
      ...[limit, 'LOCK TABLE "nobel"."_tributary_marker"', noLimit],
      expect.stringMatching(/^SELECT 1 .* "nobel"."_tributary_marker"$/),
      ...stagingIsOurs,
      ...[limit, ...views.drop, 'LOCK TABLE "nobel"."nobel"', noLimit],
      'ALTER SCHEMA "nobel" RENAME TO "nobel__r1_backup"',
      'ALTER SCHEMA "nobel__r2_1" RENAME TO "nobel"',
      ...views.recreate,
    ]);
  });

  test('takes all locks before the first guard if changes are applied, and guards that live is not ahead', () => {
    const relations = [...own, { name: '_tributary_positions', kind: 'table' as const, owner: 'loader' }];
    const swap = plan({ relations }, { followsChanges: true, lockSeconds: 10 });
    const { statements } = swap as { statements: readonly string[] };
    const limit = 'SET LOCAL statement_timeout TO 10000';
    const noLimit = 'SET LOCAL statement_timeout TO DEFAULT';
    expect(statements.slice(0, 8)).toEqual([
      ...[limit, 'LOCK TABLE "nobel"."_tributary_marker"', noLimit],
      'LOCK TABLE "nobel__r2_1"."_tributary_marker"',
      ...[limit, 'LOCK TABLE "nobel"."_tributary_positions"', noLimit],
      'LOCK TABLE "nobel__r2_1"."_tributary_positions"',
    ]);
    expect(statements.slice(8).filter((sql) => sql.startsWith('LOCK'))).toEqual([]);
    expect(statements.at(-3)).toBe(
      'SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) AS "guard" FROM "nobel"."_tributary_positions" l ' +
        'LEFT JOIN "nobel__r2_1"."_tributary_positions" s ON s."epoch" = l."epoch" AND s."shard" = l."shard" ' +
        'WHERE l."epoch" IN (SELECT "epoch" FROM "nobel__r2_1"."_tributary_positions") ' +
        'AND l."checkpoint" > COALESCE(s."checkpoint", 0)',
    );
  });

  test('compares no positions if live has none, or if older data is wanted', () => {
    const relations = [...own, { name: '_tributary_positions', kind: 'table' as const, owner: 'loader' }];
    for (const swap of [
      plan({}, { followsChanges: true }),
      plan({ relations }, { followsChanges: true, older: true }),
      plan({ relations }, {}),
    ])
      expect(JSON.stringify(swap)).not.toContain('_tributary_positions');
  });

  test('is only a rename the first time', () => {
    expect(plan({ schemas: ['nobel__r2_1'], relations: [], marker: undefined })).toEqual({
      kind: 'swap',
      statements: [...stagingIsOurs, 'ALTER SCHEMA "nobel__r2_1" RENAME TO "nobel"'],
    });
  });

  test('takes the place of an empty schema, while it is empty', () => {
    const swap = plan({ relations: [], marker: undefined });
    expect(swap).toMatchObject({ kind: 'swap', backupSchema: 'nobel__r2_backup' });
    expect(swap.kind === 'swap' && swap.statements[0]).toBe(
      'SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) AS "guard" FROM pg_class c ' +
        `JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'nobel'`,
    );
  });

  test('is done if live already holds this run, whatever else exists', () => {
    expect(plan({ marker })).toEqual({ kind: 'done' });
    expect(plan({ marker, schemas: ['nobel'] })).toEqual({ kind: 'done' });
  });

  test('of later data is refused, unless earlier data is wanted', () => {
    const later = { ...before, extractedFrom: '2026-11-22T06:00:00.000Z' };
    expect(plan({ marker: later })).toMatchObject({ kind: 'refuse', code: 'OlderThanLive' });
    expect(plan({ marker: later }, { older: true })).toMatchObject({ kind: 'swap' });
  });

  test("of another pipeline's schema is refused, even if older data is wanted", () => {
    const other = { ...before, pipeline: 'orders' };
    expect(plan({ marker: other }, { older: true })).toMatchObject({ kind: 'refuse', code: 'OtherPipeline' });
  });

  test.each<[string, Partial<LiveState>]>([
    ['tables', { relations: [{ name: 'sales', kind: 'table', owner: undefined }] }],
    ['a procedure', { relations: [], routines: ['sales'] }],
    ['a marker table without a row', { relations: own }],
  ])('of a schema without a marker that holds %s is refused', (_, changed) => {
    const refused = plan({ ...changed, marker: undefined });
    expect(refused).toMatchObject({ kind: 'refuse', code: 'ForeignSchema' });
  });

  test('that would be refused is known before the run', () => {
    expect(refuseBeforehand('nobel', 'nobel', live)).toBeUndefined();
    expect(refuseBeforehand('nobel', 'orders', live)).toMatchObject({ code: 'OtherPipeline' });
    expect(refuseBeforehand('nobel', 'nobel', { ...live, marker: undefined })).toMatchObject({
      code: 'ForeignSchema',
    });
  });
});

describe('a marker', () => {
  test('is written so that writing it again changes nothing', () => {
    expect(writeMarker('s', { ...marker, tables: ['nobel', 'nobel__prizes'] })).toEqual([
      'LOCK TABLE "s"."_tributary_marker"',
      `SELECT 1 / (CASE WHEN count(*) = 0 OR (min("pipeline") = 'nobel' AND max("pipeline") = 'nobel') THEN 1 ELSE 0 END) ` +
        'AS "guard" FROM "s"."_tributary_marker"',
      'DELETE FROM "s"."_tributary_marker"',
      'INSERT INTO "s"."_tributary_marker" ("pipeline", "run", "extracted_from", "tables") ' +
        `VALUES ('nobel', 'r2', '2026-11-21T06:00:00.000Z', '["nobel","nobel__prizes"]')`,
    ]);
  });

  test('is read back', () => {
    const row = { pipeline: 'nobel', run: 'r2', extracted_from: marker.extractedFrom };
    expect(markerOf([{ ...row, tables: '["a"]' }])).toEqual({ ...marker, tables: ['a'] });
    expect(markerOf([{ ...row, tables: null }])).toEqual(marker);
    expect(markerOf([])).toBeUndefined();
  });

  test('lists no tables if the list is longer than VARCHAR', () => {
    const tables = Array.from({ length: 600 }, (_, i) => `${'t'.repeat(120)}${i}`);
    expect(writeMarker('s', { ...marker, tables })[3]).toMatch(/, NULL\)$/);
  });
});

test('the live state is read from the catalogue', () => {
  const state = liveStateOf(
    {
      family: [{ schema_name: 'nobel', owner_name: 'loader' }],
      relations: [{ relation_name: '_tributary_marker', relation_kind: 'table', owner_name: null }],
      routines: [{ routine_name: 'f' }],
    },
    before,
  );
  expect(state).toEqual({
    schemas: ['nobel'],
    relations: [{ name: '_tributary_marker', kind: 'table', owner: undefined }],
    routines: ['f'],
    marker: before,
  });
  expect(hasMarker(state.relations)).toBe(true);
});

describe('backups', () => {
  const backup = (run: string, day: number, pipeline = 'nobel') => ({
    name: `nobel__${run}_backup`,
    relations: own,
    marker: { pipeline, run, extractedFrom: `2026-11-${day}T06:00:00.000Z` },
  });
  const drop = (keep: number, ...candidates: Parameters<typeof backupsToDrop>[2][number][]) =>
    backupsToDrop('nobel', marker, candidates, keep).map(({ name }) => name);

  test('beyond those to keep are dropped, and the newest data is kept', () => {
    expect(drop(1, backup('z', 10), backup('a', 12), backup('m', 11))).toEqual([
      'nobel__m_backup',
      'nobel__z_backup',
    ]);
    expect(drop(0, backup('z', 10))).toEqual(['nobel__z_backup']);
    expect(drop(3, backup('z', 10))).toEqual([]);
  });

  test('of another pipeline are left alone, and so is what is not a backup', () => {
    expect(drop(0, backup('x', 10, 'orders'))).toEqual([]);
    expect(drop(0, { ...backup('x', 10), name: 'nobel__x_1' })).toEqual([]);
    expect(drop(0, { ...backup('x', 10), name: 'other__x_backup' })).toEqual([]);
    expect(drop(0, { ...backup('x', 10), marker: undefined })).toEqual([]);
  });

  test('that are the empty schema which this run found live are dropped immediately', () => {
    expect(drop(9, { name: 'nobel__r2_backup', relations: [], marker: undefined })).toEqual([
      'nobel__r2_backup',
    ]);
  });

  test('made by a swap whose attempt died are found: a rolled-back one only after a rollback', () => {
    const undone = (run: string, day: number) => ({
      ...backup(run, day),
      name: `nobel__${run}_undone_backup`,
    });
    const all = [
      backup('a', 9),
      backup('b', 10),
      undone('c', 12),
      undone('d', 11),
      backup('x', 13, 'orders'),
    ];
    const made = (by: Parameters<typeof backupMade>[3]) => backupMade('nobel', 'nobel', all, by)?.name;
    expect(made({ undone: false })).toBe('nobel__b_backup');
    expect(made({ undone: true, replaced: 'd' })).toBe('nobel__d_undone_backup');
    expect(made({ undone: true, replaced: 'e' })).toBeUndefined();
  });

  test('are dropped views first, and only if nothing else reads them', () => {
    const relations = [...own.slice(0, 1), { name: 'v', kind: 'view' as const, owner: 'loader' }];
    expect(dropSchema('b', relations)).toEqual([
      'DROP VIEW IF EXISTS "b"."v" RESTRICT',
      'DROP TABLE IF EXISTS "b"."nobel" RESTRICT',
      'DROP SCHEMA IF EXISTS "b" RESTRICT',
    ]);
  });

  test('of 300 tables with names of any length are dropped in one transaction', () => {
    const relations = Array.from({ length: 300 }, (_, i) => ({
      ...{ name: `${'long'.repeat(30)}_${i}`, kind: 'table' as const, owner: 'loader' },
    }));
    const statements = dropSchema('nobel__20261121t062033z_1f0c22_backup', relations);
    expect(batches(statements)).toHaveLength(1);
    expect(statements.join().match(/_\d+"/g)).toHaveLength(300);
  });
});
