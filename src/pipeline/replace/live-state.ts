import { z } from 'zod';
import type { Marker } from '../load/marker.ts';
import { quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';
import { MARKER_TABLE } from '../sql/system-tables.ts';

/** A table or view of a schema, or something of a kind that is none of Redshift's documented ones. */
export interface Relation {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'other';
  /** Undefined if the owner is not a named user. */
  readonly owner: string | undefined;
}

/** The state of the live schema before a replacement. */
export interface LiveState {
  /** The existing schemas of the live schema's family: itself, its staging schemas, its backups. */
  readonly schemas: readonly string[];
  readonly relations: readonly Relation[];
  /** Functions and procedures. */
  readonly routines: readonly string[];
  /** Undefined if there is no marker table, or an empty one. */
  readonly marker: Marker | undefined;
}

/** Finds the live schema, and every schema whose name starts with its name and `__`. */
export const familyQuery = (schema: string) =>
  'SELECT n.nspname AS "schema_name", u.usename AS "owner_name" FROM pg_namespace n ' +
  'LEFT JOIN pg_user u ON u.usesysid = n.nspowner ' +
  `WHERE n.nspname = ${quoteLiteral(schema)} OR STRPOS(n.nspname, ${quoteLiteral(`${schema}__`)}) = 1 ` +
  'ORDER BY n.nspname';

/** Finds the tables and views of a schema, without indexes and the like. */
export const relationsQuery = (schema: string) =>
  `SELECT c.relname AS "relation_name", CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ` +
  `ELSE 'other' END AS "relation_kind", u.usename AS "owner_name" ` +
  'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_user u ON u.usesysid = c.relowner ' +
  `WHERE n.nspname = ${quoteLiteral(schema)} AND c.relkind NOT IN ('i', 't', 'c') ORDER BY c.relname`;

const routinesQuery = (schema: string) =>
  'SELECT p.proname AS "routine_name" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace ' +
  `WHERE n.nspname = ${quoteLiteral(schema)} ORDER BY p.proname`;

/** One batch of queries. If `hasMarker`, read the marker afterwards with `readMarker`. */
export const liveStateQueries = (schema: string) => ({
  family: familyQuery(schema),
  relations: relationsQuery(schema),
  routines: routinesQuery(schema),
});
export type LiveStateRows = Readonly<Record<keyof ReturnType<typeof liveStateQueries>, readonly ResultRow[]>>;

const name = z.string();
const FamilyRows = z.array(z.object({ schema_name: name, owner_name: name.nullable() }));
const RelationRows = z.array(
  z.object({
    relation_name: name,
    relation_kind: z.enum(['table', 'view', 'other']),
    owner_name: name.nullable(),
  }),
);
const RoutineRows = z.array(z.object({ routine_name: name }));

export function familyOf(
  rows: readonly ResultRow[],
): { readonly name: string; readonly owner: string | undefined }[] {
  return FamilyRows.parse(rows).map((row) => ({ name: row.schema_name, owner: row.owner_name ?? undefined }));
}

export function relationsOf(rows: readonly ResultRow[]): Relation[] {
  return RelationRows.parse(rows).map((row) => ({
    name: row.relation_name,
    kind: row.relation_kind,
    owner: row.owner_name ?? undefined,
  }));
}

/** Whether a schema has the table that `readMarker` reads. */
export function hasMarker(relations: readonly Relation[]): boolean {
  return relations.some((relation) => relation.name === MARKER_TABLE);
}

export function liveStateOf(rows: LiveStateRows, marker: Marker | undefined): LiveState {
  return {
    schemas: familyOf(rows.family).map((schema) => schema.name),
    relations: relationsOf(rows.relations),
    routines: RoutineRows.parse(rows.routines).map((row) => row.routine_name),
    marker,
  };
}
