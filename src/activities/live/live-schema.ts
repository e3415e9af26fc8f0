import { Terminal } from '../../clients/errors.ts';
import type { Row, Warehouse } from '../../clients/warehouse.ts';
import type { OnStaging } from '../../contract/refresh-activities.ts';
import type { WarehouseDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { type Marker, markerOf, readMarker } from '../../pipeline/load/marker.ts';
import {
  type Catalogue,
  catalogueOf,
  catalogueQueries,
  NAMES_IN_FULL,
} from '../../pipeline/replace/catalogue.ts';
import {
  familyOf,
  familyQuery,
  hasMarker,
  type LiveState,
  liveStateOf,
  liveStateQueries,
  relationsOf,
} from '../../pipeline/replace/live-state.ts';
import { refuseBeforehand } from '../../pipeline/replace/replace-plan.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { query } from '../sql/transaction.ts';

/** What the warehouse holds now, queried at each call, because others may change it. */

export async function observeLive(
  deps: Dependencies,
  warehouse: WarehouseDefinition,
  signal: AbortSignal,
): Promise<LiveState> {
  const { schema } = warehouse;
  const database = deps.warehouse(warehouse);
  return lookAgain(async () => {
    const rows = await queryNamed(database, `tributary look at ${schema}`, liveStateQueries(schema), signal);
    const marker = hasMarker(relationsOf(rows.relations))
      ? await markerIn(database, schema, signal)
      : undefined;
    return liveStateOf(rows, marker);
  });
}

/** The existing schemas of the live schema's family: itself, its staging schemas, its backups. */
export async function familyOfLive(
  database: Warehouse,
  schema: string,
  signal: AbortSignal,
): Promise<string[]> {
  const name = `tributary look for the family of ${schema}`;
  const [rows = []] = await query(database, name, [familyQuery(schema)], signal);
  return familyOf(rows).map((found) => found.name);
}

/** How often something may disappear between two queries before this is reported as a failure. */
const MAX_LOOKS = 3;

/**
 * The contents of a schema are queried first, its marker afterwards, in a transaction of its own. Another run may drop
 * or rename the schema in between; then both queries are repeated.
 */
export async function lookAgain<T>(look: () => Promise<T>): Promise<T> {
  for (let looks = 1; ; looks++) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof Terminal) || looks === MAX_LOOKS) throw error;
    }
  }
}

export async function markerIn(
  database: Warehouse,
  schema: string,
  signal: AbortSignal,
): Promise<Marker | undefined> {
  const [rows = []] = await query(database, `tributary marker of ${schema}`, [readMarker(schema)], signal);
  return markerOf(rows);
}

export async function catalogueIn(
  database: Warehouse,
  schema: string,
  signal: AbortSignal,
): Promise<Catalogue> {
  return catalogueOf(
    await queryNamed(database, `tributary catalogue of ${schema}`, catalogueQueries(schema), signal, [
      NAMES_IN_FULL,
    ]),
  );
}

/** @throws Terminal if the live schema belongs to another pipeline, or holds anything that Tributary did not create. */
export function refuseForeign(schema: string, pipeline: string, live: LiveState): void {
  const refusal = refuseBeforehand(schema, pipeline, live);
  if (refusal !== undefined) throw new Terminal(refusal.code, `${refusal.reason} ${refusal.whatToDo}`);
}

/**
 * Runs several queries in one transaction.
 * @param settings statements without a result, sent first
 * @returns the queries' rows, by query name.
 */
export async function queryNamed<Name extends string>(
  database: Warehouse,
  what: string,
  queries: Readonly<Record<Name, string>>,
  signal: AbortSignal,
  settings: readonly string[] = [],
): Promise<Record<Name, readonly Row[]>> {
  const names = Object.keys(queries) as Name[];
  const results = await query(
    database,
    what,
    { settings, queries: names.map((name) => queries[name]) },
    signal,
  );
  return Object.fromEntries(names.map((name, i) => [name, results[i] ?? []])) as Record<Name, readonly Row[]>;
}

/**
 * Works on a staging schema. If that fails because the schema is live by now, nothing is left to do: this happens when
 * a run that has replaced live is reset to an earlier phase.
 * @param done what the work would have returned
 */
export async function unlessLive<T>(
  deps: Dependencies,
  { ref, warehouse, stagingSchema }: OnStaging,
  signal: AbortSignal,
  work: () => Promise<T>,
  done: () => T,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Terminal)) throw error;
    const { schemas, marker } = await observeLive(deps, warehouse, signal);
    if (schemas.includes(stagingSchema) || marker?.run !== ref.run || marker.pipeline !== ref.pipeline)
      throw error;
    return done();
  }
}
