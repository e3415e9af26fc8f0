import { Terminal } from '../../../clients/errors.ts';
import type { TableColumn } from '../../../pipeline/datasets/parquet/column-type.ts';
import { createRecords } from '../../../pipeline/datasets/redshift/partition-records.ts';
import { redshiftType } from '../../../pipeline/datasets/redshift/redshift-type.ts';
import { besideName } from '../../../pipeline/merge/beside-tables.ts';
import { columnType } from '../../../pipeline/merge/column-type.ts';
import { createLockTable } from '../../../pipeline/merge/lock-table.ts';
import { foundTarget, targetQuery } from '../../../pipeline/merge/target-query.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../../../pipeline/sql/identifier.ts';
import { PARTITIONS_TABLE } from '../../../pipeline/sql/system-tables.ts';
import { randomToken } from '../../sql/random-token.ts';
import { query, runTransaction } from '../../sql/transaction.ts';
import { nameOf, type OpenWarehouse } from './open-warehouse.ts';

interface Looked {
  readonly hasSchema: boolean;
  readonly hasRecords: boolean;
  readonly hasLock: boolean;
  readonly table: ReturnType<typeof foundTarget>;
}

async function look({ target, database, signal }: OpenWarehouse): Promise<Looked> {
  const { schema, table } = target;
  const [schemas = [], beside = [], columns = []] = await query(
    database,
    `tributary table ${nameOf(target)}`,
    [
      `SELECT nspname FROM pg_namespace WHERE nspname = ${quoteLiteral(schema)}`,
      'SELECT c.relname::VARCHAR AS "name" FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace ' +
        `WHERE n.nspname = ${quoteLiteral(schema)} AND c.relname IN (${quoteLiteral(PARTITIONS_TABLE)}, ${quoteLiteral(besideName('lock', table))})`,
      targetQuery(schema, table),
    ],
    signal,
  );
  const names = new Set(beside.map(({ name }) => String(name)));
  return {
    hasSchema: schemas.length > 0,
    hasRecords: names.has(PARTITIONS_TABLE),
    hasLock: names.has(besideName('lock', table)),
    table: foundTarget(schema, table, columns),
  };
}

/** Whether the table and the records of its partitions exist. */
export async function isPrepared(open: OpenWarehouse): Promise<boolean> {
  const { table, hasRecords } = await look(open);
  return table !== undefined && hasRecords;
}

/**
 * Creates what is missing: the schema, the table, the tables beside it, and columns. Each in a short transaction that may be repeated.
 * @throws Terminal `TargetUnfit` if a column has another type
 */
export async function prepareTable(
  open: OpenWarehouse,
  partition: TableColumn | undefined,
  columns: readonly TableColumn[],
): Promise<void> {
  const { target } = open;
  const wanted = [
    ...(partition === undefined
      ? []
      : [{ name: partition.name, sql: partition.type.kind === 'date' ? 'DATE' : 'VARCHAR(7)' }]),
    ...columns.map(({ name, type }) => ({ name, sql: redshiftType(type) })),
  ];
  let found = await look(open);
  const definitions = wanted.map(({ name, sql }) => `${quoteIdentifier(name)} ${sql}`);
  const sorted = partition === undefined ? '' : ` SORTKEY(${quoteIdentifier(partition.name)})`;
  const missing = [
    ...(found.hasSchema ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(target.schema)}`]),
    ...(found.hasRecords ? [] : [createRecords(target.schema)]),
    ...(found.hasLock ? [] : [createLockTable({ ...target, columns: [] })]),
    ...(found.table === undefined
      ? [
          `CREATE TABLE IF NOT EXISTS ${qualified(target.schema, target.table)} (${definitions.join(', ')})${sorted}`,
        ]
      : []),
  ];
  for (const sql of missing) await create(open, sql);
  if (missing.length > 0) found = await look(open);
  const types = new Map(found.table?.columns.map(({ name, type }) => [name, columnType(type).sql]));
  for (const { name, sql } of wanted) {
    const type = types.get(name);
    if (type === undefined)
      await create(
        open,
        `ALTER TABLE ${qualified(target.schema, target.table)} ADD COLUMN ${quoteIdentifier(name)} ${sql}`,
      );
    else if (type !== columnType(sql).sql)
      throw new Terminal(
        'TargetUnfit',
        `Column ${name} of ${nameOf(target)} is ${type}, and the dataset declares ${columnType(sql).sql}. Name another table, ` +
          'or drop this one: its partitions are then built again.',
      );
  }
}

/** Another worker may create the same at the same time: what then exists is success. */
async function create(open: OpenWarehouse, sql: string): Promise<void> {
  const { target, database, watch, signal } = open;
  const before = JSON.stringify(await look(open));
  try {
    const transaction = {
      name: `tributary create ${nameOf(target)}`,
      scope: randomToken(),
      statements: [sql],
      watch,
    };
    await runTransaction(database, transaction, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (JSON.stringify(await look(open)) === before) throw error;
  }
}
