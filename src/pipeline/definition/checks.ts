import { z } from 'zod';
import { bareStatement, firstWord, isSeveral } from '../sql/statement-kind.ts';
import { DURATION } from '../text/durations.ts';

/** `checks:` of a pipeline: what must hold of the loaded tables before they go live. Tables and columns by their names. */

const TableName = z.string().regex(/^[^.\s]+$/, 'the name of a table, e.g. orders');
const ColumnName = z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'a table and a column, e.g. orders.status');
const Share = z.string().regex(/^\d{1,4}(?:\.\d{1,2})?%$/, 'a percentage, e.g. 30%');
const Value = z.union([z.string(), z.number(), z.boolean()]);

const KINDS = ['rows', 'freshness', 'notNull', 'unique', 'accepted', 'sql'] as const;
export type CheckKind = (typeof KINDS)[number];

/** The settings that only one kind of check has. */
const BELONG_TO: Readonly<Record<'min' | 'max' | 'change' | 'within' | 'values', CheckKind>> = {
  min: 'rows',
  max: 'rows',
  change: 'rows',
  within: 'freshness',
  values: 'accepted',
};

const isMap = ({ value }: { value: unknown }) => typeof value === 'object' && value !== null;

export const CheckDefinition = z
  .strictObject({
    rows: TableName.optional().describe('A table whose rows are counted. With min, max or change.'),
    min: z.number().int().nonnegative().optional().describe('The fewest rows.'),
    max: z.number().int().nonnegative().optional().describe('The most rows.'),
    change: Share.optional().describe(
      'The most that the rows may differ from the median of the latest runs that went live, e.g. 30%.',
    ),
    freshness: ColumnName.optional().describe(
      'A date or time column whose newest value is checked. With within.',
    ),
    within: z
      .string()
      .regex(DURATION.pattern, DURATION.means)
      .optional()
      .describe('The oldest that the newest value may be when the extraction started, e.g. 26h.'),
    notNull: ColumnName.optional().describe('A column that every row has a value in.'),
    unique: z
      .union([ColumnName, z.array(ColumnName).min(1).max(8)], {
        error: 'a column, e.g. orders.id, or a list of columns of one table',
      })
      .optional()
      .describe(
        'A column, or columns of one table, whose values occur once. Rows without a value do not count.',
      ),
    accepted: ColumnName.optional().describe('A column that holds only the values listed. With values.'),
    values: z.array(Value).min(1).max(1000).optional().describe('The accepted values.'),
    sql: z
      .string()
      .min(1)
      .max(50_000)
      .refine(isOneQuery, 'one query, which begins with select or with')
      .optional()
      .describe(
        'A query that must return no rows. Tables without a schema are those that are about to go live.',
      ),
    severity: z
      .enum(['stop', 'warn'])
      .default('stop')
      .describe('stop: nothing goes live until an operator acts. warn: the report says so.'),
  })
  .superRefine((check, context) => {
    const problem = problemOf(check);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
export type CheckDefinition = z.infer<typeof CheckDefinition>;

/** The most checks: their results are part of what Temporal keeps of a run. */
const MAX_CHECKS = 200;

export const Checks = z
  .record(
    z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, _ and -, beginning with a letter'),
    CheckDefinition.describe('One check: exactly one of rows, freshness, notNull, unique, accepted and sql.'),
  )
  .refine((checks) => Object.keys(checks).length <= MAX_CHECKS, {
    message: `at most ${MAX_CHECKS} checks`,
    when: isMap,
  })
  .default({});

/** The check's kind. */
export const kindOf = (check: CheckDefinition): CheckKind =>
  KINDS.find((kind) => check[kind] !== undefined) as CheckKind;

/** The columns that must be unique together. */
export const uniqueColumns = ({ unique = [] }: Pick<CheckDefinition, 'unique'>): readonly string[] =>
  typeof unique === 'string' ? [unique] : unique;

/** A check selects from the query, so it cannot be a statement that writes, nor several. */
function isOneQuery(sql: string): boolean {
  // That an empty text is too short is reported by itself.
  if (sql === '') return true;
  const statement = bareStatement(sql);
  return ['select', 'with'].includes(firstWord(statement)) && !isSeveral(statement);
}

/** What is expected instead; undefined if the settings make one check. */
function problemOf(check: z.input<typeof CheckDefinition>): string | undefined {
  const kinds = KINDS.filter((kind) => check[kind] !== undefined);
  if (kinds.length !== 1) return `exactly one of ${KINDS.slice(0, -1).join(', ')} and ${KINDS.at(-1)}`;
  for (const [setting, kind] of Object.entries(BELONG_TO)) {
    if (check[setting as keyof typeof BELONG_TO] !== undefined && kinds[0] !== kind)
      return `${setting} only with ${kind}`;
  }
  const { min, max, change, within, values, unique = [] } = check;
  if (check.rows !== undefined && min === undefined && max === undefined && change === undefined)
    return 'rows with min, max or change';
  if (min !== undefined && max !== undefined && min > max) return 'a min that is not above max';
  if (check.freshness !== undefined && within === undefined) return 'freshness with within, e.g. within: 26h';
  if (check.accepted !== undefined && values === undefined) return 'accepted with values, a list';
  const tables = new Set((typeof unique === 'string' ? [unique] : unique).map((name) => name.split('.')[0]));
  return tables.size > 1 ? 'unique with columns of one table' : undefined;
}
