import { z } from 'zod';
import { CopyRole } from '../../definition/aws-names.ts';
import { Seconds } from '../../definition/duration.ts';
import {
  DatabaseName,
  SchemaName,
  TableName,
  TerminateBlockers,
  WAREHOUSE_CONNECTION,
  withOneAddress,
} from '../../definition/warehouse-connection.ts';
import type { Unit } from '../graph/calendar.ts';
import { misfitOfRule, ruleOf } from '../graph/partition-rules.ts';
import { columnType } from '../records/column-type.ts';
import type { DerivedDefinition } from './definition.ts';

/** The table of a derived dataset with `engine: redshift`. */
export const StepWarehouse = withOneAddress(
  z.strictObject({
    ...WAREHOUSE_CONNECTION,
    database: DatabaseName.describe('The database of the table.'),
    schema: SchemaName.describe(
      'The schema of the table. No pipeline may replace it. It is created if absent, as is the table.',
    ),
    table: TableName.describe(
      'The table. What each of its partitions was built from is in `_tributary_partitions`, beside it.',
    ),
    iamRole: CopyRole.describe(
      'The role with which COPY reads the files of inputs and UNLOAD writes those of the dataset: its ARN, a chain of ARNs separated by commas, or default.',
    ),
    stepSeconds: Seconds.prefault(3600).describe(
      'The longest that the transaction of one partition may take before it is cancelled and tried again. Partitions of one dataset wait for each other.',
    ),
    terminateBlockers: TerminateBlockers,
  }),
);
export type StepWarehouse = z.infer<typeof StepWarehouse>;

const DAY_RULES = 'same-day, previous-day, days-of-month, last-N-days or year-to-date';

/** A table's version, day by day. */
const VersionByDay = z.strictObject({
  by: z
    .literal('day')
    .describe('The rows of each day have a version of their own: their number and sums of hashes.'),
  column: z
    .string()
    .regex(/^[^\0"]{1,127}$/, 'the name of a column')
    .describe(
      'The column that says which day a row belongs to: a DATE, a TIMESTAMP, or a TIMESTAMPTZ, whose day is that of `partition.timezone`. Rows without a value are not read.',
    ),
  rule: z
    .string()
    .refine((text) => ruleOf(text) !== undefined && text !== 'all', DAY_RULES)
    .optional()
    .describe(
      `The days that a partition reads: ${DAY_RULES}. Default: \`same-day\`, and \`days-of-month\` for a dataset by month.`,
    ),
});

/** A table that a step reads, in the database of its dataset. */
export const StepTable = z.strictObject({
  schema: SchemaName.describe('Its schema.'),
  table: TableName.describe('Its name.'),
  reference: z
    .boolean()
    .default(false)
    .describe('true records the version of the table, but a change in it makes no partition stale.'),
  version: VersionByDay.optional().describe(
    'How its version follows days: a partition then reads the rows of its days only, and is stale if these change. Default: one version for the whole table, which any load changes.',
  ),
});
export type StepTable = z.infer<typeof StepTable>;

interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

/** The rule by which a partition reads the days of a table. */
export const dayRuleOf = (
  { rule }: NonNullable<StepTable['version']>,
  own: Unit,
): NonNullable<ReturnType<typeof ruleOf>> =>
  ruleOf(rule ?? (own === 'month' ? 'days-of-month' : 'same-day')) ?? { kind: 'same-day' };

function dayContradictions({
  tables,
  partition: { unit },
}: Pick<DerivedDefinition, 'tables' | 'partition'>): Contradiction[] {
  return Object.entries(tables).flatMap(([name, { version }]) => {
    if (version === undefined) return [];
    const path = ['tables', name, 'version'];
    if (unit === 'all')
      return [
        { path, message: 'no version, because the dataset has no partitions: it reads the whole table' },
      ];
    const misfit = misfitOfRule(dayRuleOf(version, unit), unit, 'day');
    return misfit === undefined ? [] : [{ path: [...path, 'rule'], message: misfit }];
  });
}

/** Settings that contradict the engine. */
export function engineContradictions({
  engine,
  warehouse,
  tables,
  inputs,
  reference,
  columns,
  partition,
  function: module,
}: Pick<
  DerivedDefinition,
  'engine' | 'warehouse' | 'tables' | 'inputs' | 'reference' | 'columns' | 'partition' | 'function'
>): Contradiction[] {
  const names = Object.keys(tables);
  if (engine === 'duckdb')
    return [
      ...(warehouse === undefined
        ? []
        : [{ path: ['warehouse'], message: 'a warehouse only with engine: redshift' }]),
      ...(names.length === 0 ? [] : [{ path: ['tables'], message: 'tables only with engine: redshift' }]),
    ];
  return [
    ...(module === undefined
      ? []
      : [{ path: ['function'], message: 'sql with engine: redshift: functions run in workers, over files' }]),
    ...(warehouse === undefined
      ? [
          {
            path: ['warehouse'],
            message: 'a warehouse beside engine: redshift, with its database, schema, table and iamRole',
          },
        ]
      : []),
    ...names
      .filter((name) => Object.hasOwn(inputs, name) || Object.hasOwn(reference, name))
      .map((name) => ({ path: ['tables', name], message: 'a name that is not among inputs and reference' })),
    ...dayContradictions({ tables, partition }),
    ...Object.entries(columns)
      .filter(([, written]) => isType(written) && columnType(written).kind === 'binary')
      .map(([name]) => ({
        path: ['columns', name],
        message:
          'a type other than binary: Redshift unloads no bytes to Parquet. Keep them as hexadecimal text',
      })),
  ];
}

function isType(written: string): boolean {
  try {
    columnType(written);
    return true;
  } catch {
    return false;
  }
}
