import { z } from 'zod';
import { MAX_VARCHAR_BYTES } from '../item/csv.ts';
import { guard } from '../sql/guard.ts';
import { byteLength, qualified, quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';
import { MARKER_TABLE } from '../sql/system-tables.ts';

/** The record that a schema holds of its origin: the pipeline, the run, and when the data was extracted. */
export const Marker = z.object({
  pipeline: z.string(),
  run: z.string(),
  /** The plan's `plannedAt`: nothing in the schema is older. */
  extractedFrom: z.string(),
  /** Names of the tables that Tributary created, to distinguish them from others. Absent if there were too many to list. */
  tables: z.array(z.string()).optional(),
});
export type Marker = z.infer<typeof Marker>;

export const createMarker = (schema: string) =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, MARKER_TABLE)} ("pipeline" VARCHAR(64) NOT NULL, ` +
  `"run" VARCHAR(256) NOT NULL, "extracted_from" VARCHAR(32) NOT NULL, "tables" VARCHAR(${MAX_VARCHAR_BYTES})) ` +
  'DISTSTYLE ALL';

/**
 * Statements that write the marker, for one transaction. They can be repeated, and two concurrent writers leave one row.
 * A guard fails if the marker belongs to another pipeline.
 */
export function writeMarker(schema: string, marker: Marker): string[] {
  const table = qualified(schema, MARKER_TABLE);
  const tables = tablesSql(marker.tables);
  const values = [marker.pipeline, marker.run, marker.extractedFrom].map(quoteLiteral);
  return [
    `LOCK TABLE ${table}`,
    guard(`count(*) = 0 OR (${same('pipeline', marker.pipeline)})`, table),
    `DELETE FROM ${table}`,
    `INSERT INTO ${table} ("pipeline", "run", "extracted_from", "tables") VALUES (${values.join(', ')}, ${tables})`,
  ];
}

/** Changes the list of tables of a marker that is locked. */
export const writeMarkerTables = (schema: string, tables: readonly string[]): string =>
  `UPDATE ${qualified(schema, MARKER_TABLE)} SET "tables" = ${tablesSql(tables)}`;

function tablesSql(tables: readonly string[] | undefined): string {
  const list = JSON.stringify(tables ?? []);
  return tables === undefined || byteLength(list) > MAX_VARCHAR_BYTES ? 'NULL' : quoteLiteral(list);
}

/** Reads a schema's marker. Fails if the schema has no marker table. */
export const readMarker = (schema: string) =>
  `SELECT "pipeline", "run", "extracted_from", "tables" FROM ${qualified(schema, MARKER_TABLE)}`;

const MarkerRow = z.object({
  pipeline: z.string(),
  run: z.string(),
  extracted_from: z.string(),
  tables: z.string().nullable(),
});

/** The marker that `readMarker` found; undefined if the table is empty, as in a schema that is being prepared. */
export function markerOf(rows: readonly ResultRow[]): Marker | undefined {
  const [row] = rows;
  if (row === undefined) return undefined;
  const { pipeline, run, extracted_from: extractedFrom, tables } = MarkerRow.parse(row);
  return {
    pipeline,
    run,
    extractedFrom,
    ...(tables === null ? {} : { tables: z.array(z.string()).parse(JSON.parse(tables)) }),
  };
}

/** Locks a schema's marker until the end of the transaction, and fails unless it is still this one. */
export const lockedMarker = (schema: string, marker: Marker): string[] => [
  `LOCK TABLE ${qualified(schema, MARKER_TABLE)}`,
  guardMarker(schema, marker),
];

/** Fails unless the marker is still this one. */
export const guardMarker = (schema: string, { pipeline, run }: Marker): string =>
  guard(
    `count(*) > 0 AND ${same('pipeline', pipeline)} AND ${same('run', run)}`,
    qualified(schema, MARKER_TABLE),
  );

/** The condition that every row has this value in the column. */
const same = (column: string, value: string) =>
  `min("${column}") = ${quoteLiteral(value)} AND max("${column}") = ${quoteLiteral(value)}`;
