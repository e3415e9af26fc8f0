import { describe, expect, test } from '@jest/globals';
import type { ApplyPlan, ApplyTable } from '../../../../src/pipeline/changes/apply-plan.ts';
import { applyStatements } from '../../../../src/pipeline/changes/apply-statements.ts';
import { guardPositions, positionsAfter, samePositions } from '../../../../src/pipeline/load/positions.ts';
import { sqlOf } from '../../../../src/pipeline/sql/guarded-statement.ts';

const at = (shard: string, checkpoint: number, ended = false) => ({ epoch: 'e1', shard, checkpoint, ended });
const by = (attempt: string, ...rows: ReturnType<typeof at>[]) => rows.map((row) => ({ ...row, attempt }));

const table = (name: string): ApplyTable => ({
  name,
  key: [{ name: 'id', type: { type: 'VARCHAR', bytes: 64 } }],
  copies: [{ manifestKey: `m/${name}`, columns: ['id', 'v'], rows: 3 }],
});
const plan = (tables: readonly ApplyTable[], more: Partial<ApplyPlan> = {}): ApplyPlan => ({
  ...{ schema: 'live', attempt: 'attempt-1', tables },
  marker: { pipeline: 'orders', run: 'run-1', extractedFrom: '2026-11-30T00:00:00.000Z' },
  ...{ before: by('run-1', at('s1', 1)), after: [at('s1', 2)] },
  ...{ key: [{ name: 'id', kind: 'S' }], keys: { manifestKey: 'm/keys', count: 2, setAside: 0 } },
  ...{ bucket: 'b', nullText: '\u0001', compression: 'zstd', iamRole: 'default' },
  ...more,
});
const sqls = (...of: Parameters<typeof plan>) => sqlOf(applyStatements(plan(...of)));
const tables = (count: number, name = 't') => Array.from({ length: count }, (_, i) => table(`${name}${i}`));

describe('the statements of an apply', () => {
  test('lock marker and positions before anything is read, and no other table', () => {
    const all = sqls(tables(2));
    expect(all.filter((sql) => sql.startsWith('LOCK'))).toEqual([
      'LOCK TABLE "live"."_tributary_marker", "live"."_tributary_positions"',
    ]);
    expect(all[0]).toMatch(/^LOCK/);
  });

  test('compare keys with their lengths', () => {
    const [deletion] = sqls(tables(1)).filter((sql) => sql.startsWith('DELETE FROM "live"."t0"'));
    expect(deletion).toBe(
      'DELETE FROM "live"."t0" USING "_tributary_keys" WHERE "t0"."id" = "_tributary_keys"."key_1" ' +
        'AND OCTET_LENGTH("t0"."id") = OCTET_LENGTH("_tributary_keys"."key_1")',
    );
  });

  test('are one batch of the Data API for 14 tables', () => {
    expect(sqls(tables(14)).length).toBeLessThanOrEqual(40);
  });

  test('end with the guards on rows and positions', () => {
    expect(applyStatements(plan(tables(3))).flatMap(({ guard }) => guard ?? [])).toEqual([
      ...['marker', 'positions', 'keys', 'rows', 'attempt'],
    ]);
  });

  test('are bounded for hundreds of tables with the longest names, and thousands of shards', () => {
    const shards = Array.from({ length: 5000 }, (_, i) =>
      at(`shardId-${String(i).padStart(20, '0')}-abcdef12`, i),
    );
    const long = tables(400, 'x'.repeat(120));
    const all = applyStatements(plan(long, { before: by('run-1', ...shards), after: shards }));
    expect(Math.max(...sqlOf(all).map((sql) => Buffer.byteLength(sql)))).toBeLessThan(60_000);
    expect(all.filter(({ guard }) => guard === 'rows').length).toBeGreaterThan(1);
  });
});

describe('positions', () => {
  const rows = by('run-1', at('s1', 1), at('s2', 7, true));

  test('are the same in any order', () => {
    expect(guardPositions('live', rows)).toBe(guardPositions('live', rows.toReversed()));
    expect(samePositions(rows, rows.toReversed())).toBe(true);
  });

  test.each([
    ['checkpoint', [at('s1', 2), at('s2', 7, true)]],
    ['end', [at('s1', 1, true), at('s2', 7, true)]],
    ['shard', [at('s3', 1), at('s2', 7, true)]],
    ['number', [at('s1', 1)]],
    ['repetition', [at('s1', 1), at('s1', 1)]],
  ])('differ in their %s', (_, others) => {
    expect(samePositions(rows, by('run-1', ...others))).toBe(false);
  });

  test('differ by who wrote them', () => {
    expect(samePositions(rows, by('run-2', at('s1', 1), at('s2', 7, true)))).toBe(false);
  });

  test('after an apply are those before, and what it wrote', () => {
    expect(positionsAfter(rows, [at('s1', 5), at('s3', 0)], 'attempt-1')).toEqual([
      ...by('attempt-1', at('s1', 5)),
      ...by('run-1', at('s2', 7, true)),
      ...by('attempt-1', at('s3', 0)),
    ]);
  });
});
