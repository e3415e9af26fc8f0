import { z } from 'zod';
import { Seconds } from '../definition/duration.ts';
import { didYouMean } from '../text/nearest.ts';
import { LakeColumnName } from './column-name.ts';
import type { Contradiction } from './contradictions.ts';

/** `checks:` of a dataset: what must hold of a partition before it is published. */

const StepCheck = z
  .strictObject({
    min: z.number().int().nonnegative().optional().describe('The fewest rows.'),
    max: z.number().int().nonnegative().optional().describe('The most rows.'),
    notNull: LakeColumnName.optional().describe('A column that every row has a value in.'),
    unique: z
      .array(LakeColumnName)
      .min(1)
      .max(16)
      .optional()
      .describe('Columns whose values occur once together. Rows without a value do not count.'),
    freshness: z
      .strictObject({
        column: LakeColumnName.describe('A column of type `date` or `timestamp`.'),
        within: Seconds.describe('How old the latest value may be.'),
      })
      .optional()
      .describe(
        'How old the latest value of a column may be, at the end of the partition; while that lies ahead, at the time for which it is built.',
      ),
    sql: z
      .string()
      .min(1)
      .max(50_000)
      .optional()
      .describe('A query that must return no rows. Its tables are the inputs, and `result`.'),
    severity: z
      .enum(['stop', 'warn'])
      .default('stop')
      .describe('`stop`: the partition stays as it was. `warn`: it is published, and the run says so.'),
  })
  .refine(
    ({ min, max, notNull, unique, freshness, sql }) =>
      [min ?? max, notNull, unique, freshness, sql].filter((kind) => kind !== undefined).length === 1,
    'exactly one of min and max, notNull, unique, freshness and sql',
  );

export const StepChecks = z.record(
  z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, _ and -, beginning with a letter'),
  StepCheck,
);
export type StepCheck = z.infer<typeof StepCheck>;
export type StepChecks = z.infer<typeof StepChecks>;

/** As the configuration has them: a map, or a file with one. */
export const ChecksSetting = z
  .union([
    z
      .string()
      .max(500)
      .regex(/^(?:[^\0])+\.ya?ml$/, 'the path of a YAML file, relative to this file, e.g. ./checks.yaml'),
    StepChecks,
  ])
  .default({});
export type ChecksSetting = z.infer<typeof ChecksSetting>;

/**
 * Checks that contradict themselves, or name columns that the table does not have.
 * @param columns undefined if only its module knows them
 */
export function checkContradictions(
  checks: ChecksSetting,
  columns: readonly string[] | undefined,
  engine: 'duckdb' | 'redshift' = 'duckdb',
): Contradiction[] {
  if (typeof checks === 'string') return [];
  return Object.entries(checks).flatMap(([name, { notNull, unique = [], freshness, min, max }]) => [
    ...[notNull, ...unique, freshness?.column]
      .filter((column) => column !== undefined)
      .filter((column) => columns?.includes(column) === false)
      .map((column) => ({
        path: ['checks', name],
        message: `columns of the result, not ${column}${didYouMean(column, columns ?? [])}`,
      })),
    ...(freshness !== undefined && engine === 'redshift'
      ? [
          {
            path: ['checks', name, 'freshness'],
            message: 'sql with engine: redshift, which has no freshness',
          },
        ]
      : []),
    ...(min !== undefined && max !== undefined && max < min
      ? [{ path: ['checks', name, 'max'], message: `a number that is not below min, ${min}` }]
      : []),
  ]);
}
