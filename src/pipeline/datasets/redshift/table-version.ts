import { fingerprint } from '../../item/fingerprint.ts';
import { guardMarker, type Marker } from '../../load/marker.ts';
import { guardPositions, type StoredPosition } from '../../load/positions.ts';
import { beside, besideName } from '../../merge/beside-tables.ts';
import type { LockRow } from '../../merge/lock-table.ts';
import { guard } from '../../sql/guard.ts';
import { qualified, quoteLiteral } from '../../sql/identifier.ts';
import { MARKER_TABLE, PARTITIONS_TABLE, POSITIONS_TABLE } from '../../sql/system-tables.ts';
import type { OwnTable } from './partition-records.ts';
import type { StepInput } from './step-transaction.ts';

/**
 * The version of a table that something else of Tributary loads: of a pipeline's, the run in the schema's marker, and how far changes
 * have come; of a loader's, the number in its lock row, which each batch counts up.
 */
export type TableVersion =
  | { readonly by: 'pipeline'; readonly marker: Marker; readonly positions: readonly StoredPosition[] }
  | { readonly by: 'loader'; readonly lock: LockRow };

/** Which of the tables exist that a version is read from, and the table itself. */
export const versionTablesQuery = ({ schema, table }: OwnTable): string => {
  const names = [table, MARKER_TABLE, POSITIONS_TABLE, PARTITIONS_TABLE, besideName('lock', table)];
  return (
    'SELECT c.relname::VARCHAR AS "name" FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace ' +
    `WHERE n.nspname = ${quoteLiteral(schema)} AND c.relname IN (${names.map(quoteLiteral).join(', ')})`
  );
};

/** One text that changes with the version. */
export function versionText(version: TableVersion): string {
  if (version.by === 'loader') return `batches ${version.lock.version} of ${version.lock.tableId}`;
  const { marker, positions } = version;
  const lines = positions
    .map(({ epoch, shard, checkpoint, ended, attempt }) =>
      [epoch, shard, checkpoint, ended, attempt].join('/'),
    )
    .toSorted();
  const at = lines.length === 0 ? '' : `, changes ${fingerprint(lines.join('\n'), 16)}`;
  return `run ${marker.run} of ${marker.pipeline}${at}`;
}

/**
 * A table as an input of a step, guarded: it has this version. A swap renames schemas, and Redshift looks names up as they are at each
 * statement, so the guards run after the step as well.
 */
export function versionedInput(name: string, at: OwnTable, version: TableVersion): StepInput {
  const guards = guardsOf(at, version);
  return {
    ...{ name, select: `SELECT * FROM ${qualified(at.schema, at.table)}`, statements: [] },
    ...{ guards, guardsAfter: guards },
  };
}

function guardsOf(at: OwnTable, version: TableVersion): string[] {
  if (version.by === 'pipeline')
    return [
      guardMarker(at.schema, version.marker),
      ...(version.positions.length === 0 ? [] : [guardPositions(at.schema, version.positions)]),
    ];
  const { version: batches, tableId } = version.lock;
  return [
    guard(
      `count(*) = 1 AND min("version") = ${batches} AND min("table_id") = ${tableId}`,
      beside('lock', at),
    ),
  ];
}
