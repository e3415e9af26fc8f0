import type { Warehouse } from '../../clients/warehouse.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { type SchemaState, stateOf, stateQuery } from '../../pipeline/load/schema-state.ts';
import { hasMarker, relationsOf, relationsQuery } from '../../pipeline/replace/live-state.ts';
import { isBackupName } from '../../pipeline/staging/staging.ts';
import { query } from '../sql/transaction.ts';
import { lookAgain, markerIn } from './live-schema.ts';

/**
 * The schemas with names of live's backups, with their contents and markers. One that was dropped in the meantime is
 * empty.
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

/** A schema's tables and views, and its marker if it has one. An absent schema has none of them. */
export function withMarker(database: Warehouse, name: string, signal: AbortSignal) {
  return lookAgain(async () => {
    const { relations } = await contentsOf(database, name, signal);
    const marker = hasMarker(relations) ? await markerIn(database, name, signal) : undefined;
    return { name, relations, marker };
  });
}

/** How far a schema that follows changes has come. Fails if it has no table for that. */
export async function stateIn(
  database: Warehouse,
  schema: string,
  signal: AbortSignal,
): Promise<SchemaState | undefined> {
  const [rows = []] = await query(database, `tributary state of ${schema}`, [stateQuery(schema)], signal);
  return stateOf(rows);
}

export async function contentsOf(database: Warehouse, name: string, signal: AbortSignal) {
  const [rows = []] = await query(database, `tributary look at ${name}`, [relationsQuery(name)], signal);
  return { name, relations: relationsOf(rows) };
}
