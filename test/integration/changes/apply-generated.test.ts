import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { ApplyPlan } from '../../../src/pipeline/changes/apply-plan.ts';
import { Stack } from '../loader/loaded-table.ts';
import { randomFrom } from '../loader/merge-cases.ts';
import { type AppliedSchema, at, rowText } from './applied-schema.ts';
import { generateApplies } from './apply-cases.ts';
import { withSchemas } from './with-schemas.ts';

/**
 * The SQL of applies, on the local Redshift, against a map.
 *
 *     TRIBUTARY_APPLY_CASES=1000 npm run integration -- changes/apply-generated
 *
 * `TRIBUTARY_APPLY_SEED` repeats a failure; a test's title has its seed.
 */
const CASES = Number(process.env.TRIBUTARY_APPLY_CASES ?? 40);
const SEED = Number(process.env.TRIBUTARY_APPLY_SEED ?? randomBytes(4).readUInt32LE());
const APPLIES_PER_CASE = 8;
const cases = Array.from({ length: Math.ceil(CASES / APPLIES_PER_CASE) }, (_, n) =>
  generateApplies(randomFrom(SEED + n), SEED + n, APPLIES_PER_CASE),
);

const stack = new Stack();
const create = withSchemas(() => stack);

describe('after every apply, the tables hold the last image of every key', () => {
  test.each(cases)('$title', async ({ key, tables, applies }) => {
    const random = randomFrom(SEED ^ tables.length);
    const schema = await create(key, tables);
    for (const [n, { keys, tables: expected, setAside }] of applies.entries()) {
      const checkpoint = n + 1;
      const plan = await schema.plan(keys, [at(checkpoint)]);
      const names = tables.map(({ name }) => name);
      const rivals = random.chance(0.3) ? [{ ...plan, attempt: 'rival' }] : [];
      await schema.run(plan);
      await expectRefused(schema, rivals);
      for (const name of names) {
        expect(await schema.rows(name)).toEqual(expected[name]!.map(rowText).sort());
      }
      expect(await schema.setAside()).toHaveLength(setAside);
    }
    expect(await schema.positions()).toMatchObject([at(applies.length)]);
  });
});

/** Another applier that planned the same apply comes too late. */
async function expectRefused(schema: AppliedSchema, rivals: readonly ApplyPlan[]): Promise<void> {
  for (const rival of rivals) await expect(schema.run(rival)).rejects.toThrow('guard positions');
}
