import type { RedshiftDataWarehouse, ResultTable } from '../../clients/redshift/redshift-data-warehouse.ts';
import type { DocumentedTable } from '../../pipeline/documentation/documented-schema.ts';
import { profileQueries, type TableProfile, tableProfile } from '../../pipeline/documentation/profile.ts';
import { markerOf, readMarker } from '../../pipeline/load/marker.ts';
import { ReadOnlySession } from '../query/read-only.ts';

/** A session runs one statement at a time. */
const SESSIONS = 4;

/** The run whose data a schema holds, as its marker says. Undefined if the schema has none. */
export async function liveRun(
  warehouse: RedshiftDataWarehouse,
  schema: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return ReadOnlySession.use(warehouse, { schemas: [], signal }, async (session) => {
    const { columns, rows } = await session.ask(readMarker(schema), 1);
    const named = rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
    return markerOf(named)?.run;
  });
}

/** Queries the tables of a schema for profiles, by table name. */
export async function profileSchema(
  warehouse: RedshiftDataWarehouse,
  schema: string,
  tables: readonly DocumentedTable[],
  { samples, signal }: { readonly samples: boolean; readonly signal: AbortSignal },
): Promise<Map<string, TableProfile>> {
  const profiles = new Map<string, TableProfile>();
  const waiting = tables.values();
  const work = () =>
    ReadOnlySession.use(warehouse, { schemas: [], signal }, async (session) => {
      for (const table of waiting) {
        const queries = profileQueries(schema, table, { samples });
        const results: ResultTable['rows'][] = [];
        for (const { sql } of queries) results.push((await session.ask(sql, Number.POSITIVE_INFINITY)).rows);
        profiles.set(table.name, tableProfile(queries, results));
      }
    });
  await Promise.all(Array.from({ length: Math.min(SESSIONS, tables.length) }, work));
  return profiles;
}
