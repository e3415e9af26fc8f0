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

/** A table that a step reads, in the database of its dataset. */
export const StepTable = z.strictObject({
  schema: SchemaName.describe('Its schema.'),
  table: TableName.describe('Its name.'),
  reference: z
    .boolean()
    .default(false)
    .describe('true records the version of the table, but a change in it makes no partition stale.'),
});
export type StepTable = z.infer<typeof StepTable>;

interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

/** Settings that contradict the engine. */
export function engineContradictions({
  engine,
  warehouse,
  tables,
  inputs,
  reference,
  columns,
  function: module,
}: Pick<
  DerivedDefinition,
  'engine' | 'warehouse' | 'tables' | 'inputs' | 'reference' | 'columns' | 'function'
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
