import { z } from 'zod';
import { quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import { OUR_COMMENT } from '../staging/comments.ts';
import { type Relation, relationsOf, relationsQuery } from './live-state.ts';

/**
 * What a schema has in addition to its rows: owners, grants, default privileges, comments, views. To users other than
 * superusers, the svv_ views show only some of their rows, without saying so: see docs/warehouse-queries.md.
 */
export interface Catalogue {
  readonly owner: string | undefined;
  readonly relations: readonly Relation[];
  /** By `columnKey`. */
  readonly columns: ReadonlySet<string>;
  readonly schemaGrants: readonly SchemaGrant[];
  readonly relationGrants: readonly RelationGrant[];
  readonly columnGrants: readonly ColumnGrant[];
  readonly defaultGrants: readonly DefaultGrant[];
  readonly comments: readonly Comment[];
  /** By name. The definition is undefined if it is too long to be read. */
  readonly views: readonly ViewDefinition[];
}

interface ViewDefinition {
  readonly name: string;
  readonly definition: string | undefined;
}

export interface Grant {
  /** SELECT, USAGE, …: only letters and blanks. */
  readonly privilege: string;
  /** Empty if the catalogue no longer knows who it is. */
  readonly identity: string;
  readonly identityType: 'user' | 'group' | 'role' | 'public' | 'other';
  readonly grantOption: boolean;
}
export interface SchemaGrant extends Grant {
  /** SCHEMA: on the schema itself. TABLES, FUNCTIONS or PROCEDURES: on all existing and future ones. */
  readonly scope: string;
}
export interface RelationGrant extends Grant {
  readonly relation: string;
}
export interface ColumnGrant extends RelationGrant {
  readonly column: string;
}
export interface DefaultGrant extends Grant {
  /** RELATION, FUNCTION or PROCEDURE. */
  readonly objectType: string;
  /** The user to whose future objects it applies. */
  readonly owner: string;
}
/** A comment on a column; on a relation if `column` is undefined; on the schema if `relation` is undefined too. */
export interface Comment {
  readonly relation?: string;
  readonly kind?: 'table' | 'view';
  readonly column?: string;
  readonly text: string;
}

/** Identifies a column of a relation. */
export const columnKey = (relation: string, column: string) => JSON.stringify([relation, column]);

/**
 * The relations that have columns in the catalogue. A late-binding view has none there: Redshift looks its columns up
 * whenever it is read, which is how AWS's own v_generate_view_ddl recognises it.
 * https://github.com/awslabs/amazon-redshift-utils/blob/master/src/AdminViews/v_generate_view_ddl.sql
 */
export function relationsWithColumns({ columns }: Catalogue): ReadonlySet<string> {
  return new Set([...columns].map((key) => z.tuple([z.string(), z.string()]).parse(JSON.parse(key))[0]));
}

/** The tables of a schema that Tributary created, each with its columns, without Tributary's own. */
export function dataTablesOf({ relations, columns }: Catalogue): Map<string, Set<string>> {
  const tables = new Map<string, Set<string>>();
  for (const { name, kind } of relations) {
    if (kind === 'table' && !isSystemTable(name)) tables.set(name, new Set());
  }
  for (const key of columns) {
    const [relation, column] = z.tuple([z.string(), z.string()]).parse(JSON.parse(key));
    tables.get(relation)?.add(column);
  }
  return tables;
}

/** Object ids of the catalog tables, fixed in PostgreSQL and so in Redshift. They show what a comment is on. */
const PG_CLASS = 1259;
const PG_NAMESPACE = 2615;

/** A row of a result has at most 64 KB. A longer definition is not read, and its view cannot be copied. */
const MAX_VIEW_BYTES = 60_000;

/**
 * Sent before the queries, so that the definitions of views name every relation and function with its schema: Redshift,
 * derived from PostgreSQL, omits the schemas on the search path.
 */
export const NAMES_IN_FULL = 'SET search_path TO pg_catalog';

/** Each run writes its own comments, so only those of users are read and carried over. */
const OF_USERS = `d.description NOT LIKE '%${OUR_COMMENT}'`;

/** One batch of queries. Pass their results, under the same names, to `catalogueOf`. */
export function catalogueQueries(schema: string) {
  const named = quoteLiteral(schema);
  return {
    owner:
      'SELECT u.usename AS "owner_name" FROM pg_namespace n LEFT JOIN pg_user u ON u.usesysid = n.nspowner ' +
      `WHERE n.nspname = ${named}`,
    relations: relationsQuery(schema),
    columns:
      'SELECT c.relname AS "relation_name", a.attname AS "column_name" FROM pg_attribute a ' +
      'JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace ' +
      `WHERE n.nspname = ${named} AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')`,
    schemaComments:
      'SELECT d.description AS "comment" FROM pg_description d ' +
      `JOIN pg_namespace n ON n.oid = d.objoid AND d.classoid = ${PG_NAMESPACE} ` +
      `WHERE n.nspname = ${named} AND ${OF_USERS}`,
    comments:
      `SELECT c.relname AS "relation_name", CASE c.relkind WHEN 'r' THEN 'table' ELSE 'view' END AS "relation_kind", ` +
      'a.attname AS "column_name", d.description AS "comment" FROM pg_description d ' +
      `JOIN pg_class c ON c.oid = d.objoid AND d.classoid = ${PG_CLASS} ` +
      'JOIN pg_namespace n ON n.oid = c.relnamespace ' +
      'LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0 ' +
      `WHERE n.nspname = ${named} AND c.relkind IN ('r', 'v') AND ${OF_USERS}`,
    schemaGrants:
      'SELECT privilege_type AS "privilege_type", identity_name AS "identity_name", ' +
      'identity_type AS "identity_type", admin_option AS "admin_option", privilege_scope AS "privilege_scope" ' +
      `FROM svv_schema_privileges WHERE namespace_name = ${named}`,
    relationGrants:
      'SELECT relation_name AS "relation_name", privilege_type AS "privilege_type", ' +
      'identity_name AS "identity_name", identity_type AS "identity_type", admin_option AS "admin_option" ' +
      `FROM svv_relation_privileges WHERE namespace_name = ${named}`,
    columnGrants:
      'SELECT relation_name AS "relation_name", column_name AS "column_name", privilege_type AS "privilege_type", ' +
      'identity_name AS "identity_name", identity_type AS "identity_type" ' +
      `FROM svv_column_privileges WHERE namespace_name = ${named}`,
    defaultGrants:
      'SELECT object_type AS "object_type", owner_name AS "owner_name", privilege_type AS "privilege_type", ' +
      'grantee_name AS "identity_name", grantee_type AS "identity_type", admin_option AS "admin_option" ' +
      `FROM svv_default_privileges WHERE schema_name = ${named}`,
    views:
      `SELECT viewname AS "view_name", CASE WHEN OCTET_LENGTH(definition) <= ${MAX_VIEW_BYTES} THEN definition END ` +
      `AS "definition" FROM pg_views WHERE schemaname = ${named} ORDER BY viewname`,
  };
}
export type CatalogueRows = Readonly<Record<keyof ReturnType<typeof catalogueQueries>, readonly ResultRow[]>>;

const name = z.string();
const grantRow = {
  privilege_type: z.string().regex(/^[A-Za-z]+( [A-Za-z]+)*$/),
  identity_name: name.nullable().transform((text) => text ?? ''),
  identity_type: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['user', 'group', 'role', 'public']).catch('other' as never))
    .transform((type): Grant['identityType'] => type),
};
const withOption = { ...grantRow, admin_option: z.boolean().nullable() };
const SchemaGrantRow = z.object({ ...withOption, privilege_scope: z.string().nullable() });
const RelationGrantRow = z.object({ ...withOption, relation_name: name });
const ColumnGrantRow = z.object({ ...grantRow, relation_name: name, column_name: name });
const DefaultGrantRow = z.object({
  ...withOption,
  owner_name: name,
  object_type: z.string().toUpperCase(),
});
const CommentRow = z.object({
  relation_name: name,
  relation_kind: z.enum(['table', 'view']),
  column_name: name.nullable(),
  comment: z.string(),
});

export function catalogueOf(rows: CatalogueRows): Catalogue {
  const many = <S extends z.ZodType>(schema: S, of: keyof CatalogueRows) => z.array(schema).parse(rows[of]);
  return {
    owner: many(z.object({ owner_name: name.nullable() }), 'owner')[0]?.owner_name ?? undefined,
    relations: relationsOf(rows.relations),
    columns: new Set(
      many(z.object({ relation_name: name, column_name: name }), 'columns').map((row) =>
        columnKey(row.relation_name, row.column_name),
      ),
    ),
    schemaGrants: many(SchemaGrantRow, 'schemaGrants').map((row) => ({
      ...grantOf(row),
      scope: (row.privilege_scope ?? 'SCHEMA').toUpperCase(),
    })),
    relationGrants: many(RelationGrantRow, 'relationGrants').map((row) => ({
      ...grantOf(row),
      relation: row.relation_name,
    })),
    columnGrants: many(ColumnGrantRow, 'columnGrants').map((row) => ({
      ...grantOf({ ...row, admin_option: false }),
      relation: row.relation_name,
      column: row.column_name,
    })),
    defaultGrants: defaultGrantsOf(rows.defaultGrants),
    comments: [
      ...many(z.object({ comment: z.string() }), 'schemaComments').map(({ comment }) => ({ text: comment })),
      ...many(CommentRow, 'comments').map((row) => ({
        relation: row.relation_name,
        kind: row.relation_kind,
        ...(row.column_name === null ? {} : { column: row.column_name }),
        text: row.comment,
      })),
    ],
    views: many(z.object({ view_name: name, definition: z.string().nullable() }), 'views').map((row) => ({
      name: row.view_name,
      definition: row.definition ?? undefined,
    })),
  };
}

export function defaultGrantsOf(rows: readonly ResultRow[]): DefaultGrant[] {
  return z
    .array(DefaultGrantRow)
    .parse(rows)
    .map((row) => ({ ...grantOf(row), owner: row.owner_name, objectType: row.object_type }));
}

function grantOf(row: {
  privilege_type: string;
  identity_name: string;
  identity_type: Grant['identityType'];
  admin_option: boolean | null;
}): Grant {
  return {
    privilege: row.privilege_type.toUpperCase(),
    identity: row.identity_name,
    identityType: row.identity_type,
    grantOption: row.admin_option ?? false,
  };
}
