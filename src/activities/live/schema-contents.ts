import type { Warehouse } from '../../clients/warehouse.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { hasMarker, relationsOf, relationsQuery } from '../../pipeline/replace/live-state.ts';
import { isBackupName } from '../../pipeline/staging/staging.ts';
import { query } from '../sql/transaction.ts';
import { lookAgain, markerIn } from './live-schema.ts';

/**
 * The schemas beside live that are called like backups of it, with what is in them and their markers. One dropped
 * meanwhile is empty.
 */
export async function backupCandidates(
  database: Warehouse,
  { schema }: WarehouseDefinition,
  schemas: readonly string[],
  signal: AbortSignal,
) {
  const backups = schemas.filter((name) => isBackupName(schema, name));
  return Promise.all(backups.map((name) => withMarker(database, name, signal)));
}

/** A schema's tables and views, and its marker where it has one; of a schema that is not there, nothing. */
export function withMarker(database: Warehouse, name: string, signal: AbortSignal) {
  return lookAgain(async () => {
    const { relations } = await contentsOf(database, name, signal);
    const marker = hasMarker(relations) ? await markerIn(database, name, signal) : undefined;
    return { name, relations, marker };
  });
}

export async function contentsOf(database: Warehouse, name: string, signal: AbortSignal) {
  const [rows = []] = await query(database, `tributary look at ${name}`, [relationsQuery(name)], signal);
  return { name, relations: relationsOf(rows) };
}
