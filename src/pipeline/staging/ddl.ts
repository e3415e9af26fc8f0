import { typeSql } from '../columns/redshift-type.ts';
import { createLedger } from '../load/ledger.ts';
import { createMarker } from '../load/marker.ts';
import type { ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { qualified, quoteIdentifier } from '../sql/identifier.ts';

/**
 * The statements that make a staging schema, each only where it is not there yet: they may be sent again, and by
 * two at once. The marker's row is written after them: see `writeMarker`.
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
 * CREATE TABLE with the key and the positions as its primary key. Redshift does not enforce it; readers and the
 * planner know the rows by it. A key of VARBYTE has none: that a VARBYTE may be in one is not documented.
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
