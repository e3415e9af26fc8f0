import { z } from 'zod';
import { qualified, quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';

/** A relation of any schema. */
export interface RelationName {
  readonly schema: string;
  readonly name: string;
}

/** That a bound view reads a relation. */
export interface ViewEdge {
  readonly view: RelationName;
  readonly reads: RelationName;
}

/** What pg_depend knows of bound views; late-binding views are not in it. `t` is read by view `v`. */
export const VIEW_EDGES =
  'pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class ' +
  'JOIN pg_namespace vn ON vn.oid = v.relnamespace JOIN pg_class t ON t.oid = d.refobjid AND t.oid <> v.oid ' +
  'JOIN pg_namespace tn ON tn.oid = t.relnamespace';

/** Which relation each bound view of the database reads. */
export const viewEdgesQuery =
  'SELECT DISTINCT vn.nspname AS "view_schema", v.relname AS "view_name", tn.nspname AS "relation_schema", ' +
  `t.relname AS "relation_name" FROM ${VIEW_EDGES} ` +
  `WHERE vn.nspname NOT IN ('pg_catalog', 'information_schema') AND tn.nspname NOT IN ('pg_catalog', 'information_schema')`;

const EdgeRow = z.object({
  view_schema: z.string(),
  view_name: z.string(),
  relation_schema: z.string(),
  relation_name: z.string(),
});

export function viewEdgesOf(rows: readonly ResultRow[]): ViewEdge[] {
  return z
    .array(EdgeRow)
    .parse(rows)
    .map((row) => ({
      view: { schema: row.view_schema, name: row.view_name },
      reads: { schema: row.relation_schema, name: row.relation_name },
    }));
}

/** That a bound view reads a column of a relation of the live schema. */
export interface ViewColumn extends ViewEdge {
  readonly column: string;
}

/** Which columns of the schema's relations the bound views of the database read. */
export const viewColumnsQuery = (schema: string) =>
  'SELECT DISTINCT vn.nspname AS "view_schema", v.relname AS "view_name", tn.nspname AS "relation_schema", ' +
  `t.relname AS "relation_name", a.attname AS "column_name" FROM ${VIEW_EDGES} ` +
  'JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid ' +
  `WHERE tn.nspname = ${quoteLiteral(schema)} AND d.refobjsubid > 0`;

const ColumnRow = EdgeRow.extend({ column_name: z.string() });

export function viewColumnsOf(rows: readonly ResultRow[]): ViewColumn[] {
  const edges = viewEdgesOf(rows);
  return z
    .array(ColumnRow)
    .parse(rows)
    .map((row, index) => ({ ...(edges[index] as ViewEdge), column: row.column_name }));
}

/**
 * The bound views that a swap of the schema must recreate: those in it, and those that read one of its relations,
 * directly or through other views. A view comes after every view that it reads.
 * @param within the bound views of the schema, which need not read anything
 */
export function viewsToRecreate(
  schema: string,
  within: readonly string[],
  edges: readonly ViewEdge[],
): RelationName[] {
  const readers = new Map<string, RelationName[]>();
  const read = new Map<string, RelationName[]>();
  for (const { view, reads } of edges) {
    add(readers, reads.schema === schema ? schema : qualifiedName(reads), view);
    add(read, qualifiedName(view), reads);
  }
  const affected = new Map(within.map((name) => [qualifiedName({ schema, name }), { schema, name }]));
  const open = [...affected.values(), ...(readers.get(schema) ?? [])];
  for (const view of open) affected.set(qualifiedName(view), view);
  for (let view = open.pop(); view !== undefined; view = open.pop()) {
    for (const reader of readers.get(qualifiedName(view)) ?? []) {
      if (affected.has(qualifiedName(reader))) continue;
      affected.set(qualifiedName(reader), reader);
      open.push(reader);
    }
  }
  return inOrder([...affected.values()].sort(byName), read, affected);
}

/** Depth first, without recursion: a chain of views may be long. */
function inOrder(
  views: readonly RelationName[],
  read: ReadonlyMap<string, readonly RelationName[]>,
  affected: ReadonlyMap<string, RelationName>,
): RelationName[] {
  const seen = new Set<string>();
  const ordered: RelationName[] = [];
  const stack = views.map((view) => ({ view, isDone: false })).reverse();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { view, isDone } = top;
    if (isDone) {
      ordered.push(view);
      continue;
    }
    if (seen.has(qualifiedName(view))) continue;
    seen.add(qualifiedName(view));
    stack.push({ view, isDone: true });
    for (const below of read.get(qualifiedName(view)) ?? []) {
      if (affected.has(qualifiedName(below))) stack.push({ view: below, isDone: false });
    }
  }
  return ordered;
}

export const qualifiedName = ({ schema, name }: RelationName) => qualified(schema, name);

/** As people write it, in messages. */
export const shownName = ({ schema, name }: RelationName) => `${schema}.${name}`;

function add<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function byName(a: RelationName, b: RelationName): number {
  const [one, other] = [qualifiedName(a), qualifiedName(b)];
  return one < other ? -1 : Number(one > other);
}
