import { Terminal } from '../../../clients/errors.ts';
import type { DerivedDefinition } from '../../../pipeline/datasets/derived/definition.ts';
import {
  type TableVersion,
  versionTablesQuery,
  versionText,
} from '../../../pipeline/datasets/redshift/table-version.ts';
import { markerOf, readMarker } from '../../../pipeline/load/marker.ts';
import { positionsOf, positionsQuery } from '../../../pipeline/load/positions.ts';
import { besideName } from '../../../pipeline/merge/beside-tables.ts';
import { lockQuery, lockRow } from '../../../pipeline/merge/lock-table.ts';
import { MARKER_TABLE, PARTITIONS_TABLE, POSITIONS_TABLE } from '../../../pipeline/sql/system-tables.ts';
import { query } from '../../sql/transaction.ts';
import { nameOf, type OpenWarehouse } from './open-warehouse.ts';

/** A table that a step reads, as it is now. */
export interface VersionedTable {
  readonly name: string;
  readonly at: { readonly schema: string; readonly table: string };
  readonly version: TableVersion;
  readonly isReference: boolean;
}

/**
 * The tables that have one version as a whole.
 * @throws Terminal `InputMissing` if a table does not exist, or nothing of Tributary loads it
 */
export async function tableVersions(
  open: OpenWarehouse,
  { tables }: Pick<DerivedDefinition, 'tables'>,
): Promise<VersionedTable[]> {
  const found: VersionedTable[] = [];
  for (const [name, { schema, table, reference: isReference, version }] of Object.entries(tables)) {
    if (version !== undefined) continue;
    const at = { schema, table };
    found.push({ name, at, version: await versionOf(open, at), isReference });
  }
  return found;
}

async function versionOf(open: OpenWarehouse, at: VersionedTable['at']): Promise<TableVersion> {
  const ask = async (sql: string) => {
    const [rows = []] = await query(open.database, `tributary version of ${nameOf(at)}`, [sql], open.signal);
    return rows;
  };
  const names = new Set((await ask(versionTablesQuery(at))).map(({ name }) => String(name)));
  if (!names.has(at.table))
    throw new Terminal(
      'InputMissing',
      `There is no table ${nameOf(at)} in database ${open.target.database}.`,
    );
  const marker = names.has(MARKER_TABLE) ? markerOf(await ask(readMarker(at.schema))) : undefined;
  if (marker !== undefined) {
    const positions = names.has(POSITIONS_TABLE) ? positionsOf(await ask(positionsQuery(at.schema))) : [];
    return { by: 'pipeline', marker, positions };
  }
  const lock = names.has(besideName('lock', at.table)) ? lockRow(await ask(lockQuery(at))) : undefined;
  if (lock !== undefined) return { by: 'loader', lock };
  const isDataset = names.has(PARTITIONS_TABLE);
  throw new Terminal(
    'InputMissing',
    `${nameOf(at)} has no version: no pipeline, loader or changes load it. ` +
      (isDataset
        ? 'If it is the table of a dataset, name that dataset under inputs.'
        : 'Load it with one of them, or make a dataset of it.'),
  );
}

/** A table as the record of a partition has it. */
export const recordedTable = ({ name, version, isReference }: VersionedTable) => ({
  ...{ dataset: name, partition: 'table', generation: 0, id: '', version: versionText(version), isReference },
  isTable: true as const,
});
