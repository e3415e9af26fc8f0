import { createSetAside } from '../changes/set-aside.ts';
import { typeSql } from '../columns/redshift-type.ts';
import { createLedger } from '../load/ledger.ts';
import { createMarker } from '../load/marker.ts';
import { createPositions } from '../load/positions.ts';
import { createState } from '../load/schema-state.ts';
import type { ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import { RUN_COLUMNS, type RunStamp, runColumnSql } from '../sql/run-columns.ts';
import { type Commented, systemComments, tableComments } from './comments.ts';

/**
 * The statements that create a staging schema, with comments. Each can be repeated, even concurrently. The marker's row
 * is written after them: see `writeMarker`.
 * @param stamp adds the columns of `runColumnsOf` to every table
 */
export function createStaging(
  schema: string,
  tables: readonly ManifestTable[],
  about: Commented,
  stamp?: RunStamp,
): string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`,
    createMarker(schema),
    createLedger(schema),
    ...(about.followsChanges === true
      ? [createPositions(schema), createSetAside(schema), createState(schema)]
      : []),
    ...systemComments(schema, about),
    ...tables.flatMap((table) => [
      createTable(schema, table, stamp),
      ...tableComments(schema, table, tables, about, stamp === undefined ? [] : runColumnsOf(table)),
    ]),
  ];
}

/** The run columns that a table can have: an agreed column may have had the name before Tributary reserved it. */
export const runColumnsOf = ({ columns }: Pick<TableDefinition, 'columns'>): string[] =>
  RUN_COLUMNS.filter((name) => columns.every((column) => column.name !== name));

/** What CREATE TABLE depends on. */
export interface TableDefinition extends Pick<ManifestTable, 'name'> {
  readonly columns: readonly Pick<ManifestColumn, 'name' | 'type' | 'role' | 'notNull'>[];
  readonly distKey?: string | undefined;
  readonly sortKey?: readonly string[] | undefined;
}

/**
 * CREATE TABLE with the key and the positions as primary key. Redshift does not enforce it, but it informs readers and
 * the query planner. If any of these columns is VARBYTE, there is no primary key: Redshift's documentation does not say
 * that a VARBYTE column may be in one.
 */
export function createTable(schema: string, table: TableDefinition, stamp?: RunStamp): string {
  const identity = table.columns.filter(({ role }) => role !== 'value');
  const hasPrimaryKey = identity.every(({ type }) => type.type !== 'VARBYTE');
  const names = identity.map(({ name }) => quoteIdentifier(name)).join(', ');
  const lines = [
    ...table.columns.map(columnSql),
    ...(stamp === undefined ? [] : runColumnsOf(table).map((name) => runColumnSql(name, stamp))),
    ...(hasPrimaryKey ? [`PRIMARY KEY (${names})`] : []),
  ];
  return (
    `CREATE TABLE IF NOT EXISTS ${qualified(schema, table.name)} (${lines.join(', ')}) ` +
    `${distribution(table)} ${sorting(table)}`
  );
}

const distribution = ({ distKey }: TableDefinition) =>
  distKey === undefined ? 'DISTSTYLE AUTO' : `DISTSTYLE KEY DISTKEY (${quoteIdentifier(distKey)})`;

const sorting = ({ sortKey }: TableDefinition) =>
  sortKey === undefined ? 'SORTKEY AUTO' : `COMPOUND SORTKEY (${sortKey.map(quoteIdentifier).join(', ')})`;

function columnSql({ name, type, notNull }: TableDefinition['columns'][number]): string {
  return `${quoteIdentifier(name)} ${typeSql(type)}${notNull ? ' NOT NULL' : ''}`;
}
