import { typeSql } from '../columns/redshift-type.ts';
import { createLedger } from '../load/ledger.ts';
import { createMarker } from '../load/marker.ts';
import type { ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';

/**
 * The statements that create a staging schema. Each has IF NOT EXISTS, so they can be repeated, even concurrently. The
 * marker's row is written after them: see `writeMarker`.
 */
export function createStaging(schema: string, tables: readonly ManifestTable[]): string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`,
    createMarker(schema),
    createLedger(schema),
    ...tables.map((table) => createTable(schema, table)),
  ];
}

/**
 * CREATE TABLE with the key and the positions as primary key. Redshift does not enforce it, but it informs readers and
 * the query planner. If any of these columns is VARBYTE, there is no primary key: Redshift's documentation does not say
 * that a VARBYTE column may be in one.
 */
export function createTable(schema: string, table: ManifestTable): string {
  const identity = table.columns.filter(({ role }) => role !== 'value');
  const hasPrimaryKey = identity.every(({ type }) => type.type !== 'VARBYTE');
  const names = identity.map(({ name }) => quoteIdentifier(name)).join(', ');
  const lines = [...table.columns.map(columnSql), ...(hasPrimaryKey ? [`PRIMARY KEY (${names})`] : [])];
  return (
    `CREATE TABLE IF NOT EXISTS ${qualified(schema, table.name)} (${lines.join(', ')}) ` +
    `${distribution(table)} ${sorting(table)}`
  );
}

const distribution = ({ distKey }: ManifestTable) =>
  distKey === undefined ? 'DISTSTYLE AUTO' : `DISTSTYLE KEY DISTKEY (${quoteIdentifier(distKey)})`;

const sorting = ({ sortKey }: ManifestTable) =>
  sortKey === undefined ? 'SORTKEY AUTO' : `COMPOUND SORTKEY (${sortKey.map(quoteIdentifier).join(', ')})`;

function columnSql({ name, type, notNull }: ManifestColumn): string {
  return `${quoteIdentifier(name)} ${typeSql(type)}${notNull ? ' NOT NULL' : ''}`;
}
