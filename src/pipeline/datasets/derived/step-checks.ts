import { z } from 'zod';
import { LakeColumnName } from '../definition.ts';
import { quoted } from '../parquet/duckdb-sql.ts';

/** `checks:` of a derived dataset: what must hold of a partition before it is published. */

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
    ({ min, max, notNull, unique, sql }) =>
      [min ?? max, notNull, unique, sql].filter((kind) => kind !== undefined).length === 1,
    'exactly one of min and max, notNull, unique and sql',
  );

export const StepChecks = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, _ and -, beginning with a letter'),
    StepCheck,
  )
  .default({});
type StepCheck = z.infer<typeof StepCheck>;

/** The table of the rows that are checked. */
export const CHECKED = 'result';

/** A query that returns no rows if the check holds. */
export function checkQuery({ min = 0, max, notNull, unique, sql }: StepCheck): string {
  if (sql !== undefined) return sql;
  if (notNull !== undefined) return `SELECT * FROM ${CHECKED} WHERE ${quoted(notNull)} IS NULL`;
  if (unique === undefined) {
    const above = max === undefined ? '' : ` OR count(*) > ${max}`;
    return `SELECT count(*) AS "rows" FROM ${CHECKED} HAVING count(*) < ${min}${above}`;
  }
  const columns = unique.map(quoted);
  const there = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
  return `SELECT ${columns.join(', ')}, count(*) AS "rows" FROM ${CHECKED} WHERE ${there} GROUP BY ${columns.join(', ')} HAVING count(*) > 1`;
}

/** A check that does not hold. */
export interface FailedCheck {
  readonly name: string;
  /** How many rows its query returned. */
  readonly rows: number;
  /** The first of them, as JSON. */
  readonly example: string;
}

export const failedText = ({ name, rows, example }: FailedCheck): string =>
  `${name}: ${rows} ${rows === 1 ? 'row' : 'rows'}, e.g. ${example}`;
