import { z } from 'zod';
import { quoteLiteral } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import type { DefaultGrant } from './catalogue.ts';
import {
  type RelationName,
  VIEW_EDGES,
  type ViewColumn,
  type ViewEdge,
  viewColumnsOf,
  viewColumnsQuery,
  viewEdgesOf,
  viewEdgesQuery,
} from './view-graph.ts';

/** The user whom Tributary's statements run as. */
interface Loader {
  readonly name: string;
  /** Only superusers may give relations to other users, and change what other users own. */
  readonly isSuperuser: boolean;
}

/** What the catalogue knows beyond the live schema's own relations and grants. */
export interface Surroundings {
  readonly loader: Loader;
  /** `local`; `external` or `shared` for a schema whose tables are elsewhere. Undefined if it is not listed. */
  readonly schemaType: string | undefined;
  readonly viewEdges: readonly ViewEdge[];
  /** Columns of the live schema's relations that bound views read. */
  readonly viewColumns: readonly ViewColumn[];
  /** Materialized views of every schema. */
  readonly materializedViews: readonly { readonly schema: string; readonly name: string }[];
  readonly policies: readonly Policy[];
  /** Relations that row-level security is switched on for, with or without a policy. */
  readonly protectedRelations: readonly RelationName[];
  /** Foreign keys that the live schema's tables have, or that reference them. */
  readonly foreignKeys: readonly ForeignKey[];
  /** Of the live schema, in MB. */
  readonly quotaMegabytes: number | undefined;
  /** Objects of outbound datashares: a schema's name, or a relation's with its schema. */
  readonly shared: readonly { readonly share: string; readonly object: string }[];
  /** Default privileges of the loading user for all schemas. */
  readonly defaultGrantsEverywhere: readonly DefaultGrant[];
  /** Of the live schema: it holds as long as nothing is created or dropped there, and no view begins to read it. */
  readonly fingerprint: Fingerprint;
}

interface Policy {
  readonly kind: 'row-level security' | 'masking';
  readonly policy: string;
  readonly schema: string;
  readonly relation: string;
}

interface ForeignKey {
  readonly name: string;
  readonly on: RelationName;
  readonly references: RelationName;
}

export interface Fingerprint {
  readonly relations: number;
  readonly relationIds: number;
  readonly routines: number;
  readonly views: number;
}

const relationsOf = (schema: string) =>
  `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ${quoteLiteral(schema)} ` +
  `AND c.relkind NOT IN ('i', 't', 'c')`;
const routinesOf = (schema: string) =>
  `pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ${quoteLiteral(schema)}`;
const viewsOn = (schema: string) =>
  `(SELECT DISTINCT v.oid AS "view_id", t.oid AS "relation_id" FROM ${VIEW_EDGES} ` +
  `WHERE tn.nspname = ${quoteLiteral(schema)}) AS e`;
const RELATION_IDS = 'COALESCE(sum(c.oid::BIGINT), 0)';

/** SQL conditions that hold while the schema is as its fingerprint says, each with the text after FROM. */
export function unchangedConditions(
  schema: string,
  { relations, relationIds, routines, views }: Fingerprint,
): { readonly condition: string; readonly from: string }[] {
  return [
    { condition: `count(*) = ${relations} AND ${RELATION_IDS} = ${relationIds}`, from: relationsOf(schema) },
    { condition: `count(*) = ${routines}`, from: routinesOf(schema) },
    { condition: `count(*) = ${views}`, from: viewsOn(schema) },
  ];
}

/**
 * One batch of queries. Pass their results, under the same names, to `surroundingsOf`. svv_redshift_schema_quota exists
 * on clusters and in workgroups, unlike svv_schema_quota_state:
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_SCHEMA_QUOTA.html
 * Only superusers and sys:secadmin see policies; only superusers and owners see materialized views and datashares. For other users, these queries return
 * less, or nothing.
 */
export function surroundingsQueries(schema: string) {
  const named = quoteLiteral(schema);
  return {
    loader:
      'SELECT u.usename AS "user_name", u.usesuper AS "is_superuser" FROM pg_user u WHERE u.usename = current_user',
    schemaType:
      'SELECT schema_type AS "schema_type" FROM svv_all_schemas ' +
      `WHERE database_name = current_database() AND schema_name = ${named}`,
    viewEdges: viewEdgesQuery,
    viewColumns: viewColumnsQuery(schema),
    materializedViews: 'SELECT schema_name AS "view_schema", name AS "view_name" FROM svv_mv_info',
    rowPolicies:
      'SELECT relschema AS "relation_schema", relname AS "relation_name", polname AS "policy_name" ' +
      'FROM svv_rls_attached_policy',
    maskingPolicies:
      'SELECT schema_name AS "relation_schema", table_name AS "relation_name", policy_name AS "policy_name" ' +
      'FROM svv_attached_masking_policy',
    protectedRelations:
      'SELECT relschema AS "relation_schema", relname AS "relation_name" FROM svv_rls_relation ' +
      'WHERE datname = current_database() AND is_rls_on',
    foreignKeys:
      'SELECT k.conname AS "key_name", n.nspname AS "table_schema", c.relname AS "table_name", ' +
      'rn.nspname AS "referenced_schema", r.relname AS "referenced_name" FROM pg_constraint k ' +
      'JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace ' +
      'JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace ' +
      `WHERE k.contype = 'f' AND (n.nspname = ${named} OR rn.nspname = ${named})`,
    quota:
      'SELECT quota AS "quota" FROM svv_redshift_schema_quota ' +
      `WHERE TRIM(database_name) = current_database() AND TRIM(schema_name) = ${named}`,
    datashares:
      'SELECT share_name AS "share_name", object_name AS "object_name" FROM svv_datashare_objects ' +
      `WHERE share_type = 'OUTBOUND'`,
    defaultGrantsEverywhere:
      'SELECT object_type AS "object_type", owner_name AS "owner_name", privilege_type AS "privilege_type", ' +
      'grantee_name AS "identity_name", grantee_type AS "identity_type", admin_option AS "admin_option" ' +
      `FROM svv_default_privileges WHERE schema_name IS NULL OR schema_name = ''`,
    fingerprint:
      'SELECT r."relations", r."relation_ids", p."routines", v."views" FROM ' +
      `(SELECT count(*) AS "relations", ${RELATION_IDS} AS "relation_ids" FROM ${relationsOf(schema)}) AS r, ` +
      `(SELECT count(*) AS "routines" FROM ${routinesOf(schema)}) AS p, ` +
      `(SELECT count(*) AS "views" FROM ${viewsOn(schema)}) AS v`,
  };
}
export type SurroundingsRows = Readonly<
  Record<keyof ReturnType<typeof surroundingsQueries>, readonly ResultRow[]>
>;

/** Some of these views pad their names with blanks. */
const name = z.string().transform((text) => text.trimEnd());
const LoaderRow = z.object({ user_name: z.string(), is_superuser: z.boolean() });
const ViewRow = z.object({ view_schema: name, view_name: name });
const PolicyRow = z.object({ relation_schema: name, relation_name: name, policy_name: name });
const ProtectedRow = z.object({ relation_schema: name, relation_name: name });
const KeyRow = z.object({
  ...{ key_name: z.string(), table_schema: z.string(), table_name: z.string() },
  ...{ referenced_schema: z.string(), referenced_name: z.string() },
});
const ShareRow = z.object({ share_name: name, object_name: name });
const FingerprintRow = z.object({ relations: Count, relation_ids: Count, routines: Count, views: Count });

export function surroundingsOf(
  rows: SurroundingsRows,
  defaultGrants: (rows: readonly ResultRow[]) => readonly DefaultGrant[],
): Surroundings {
  const policiesOf = (kind: Policy['kind'], of: readonly ResultRow[]): Policy[] =>
    z
      .array(PolicyRow)
      .parse(of)
      .map((row) => ({
        kind,
        policy: row.policy_name,
        schema: row.relation_schema,
        relation: row.relation_name,
      }));
  const loader = z.tuple([LoaderRow]).parse(rows.loader)[0];
  return {
    loader: { name: loader.user_name, isSuperuser: loader.is_superuser },
    schemaType: z.array(z.object({ schema_type: name })).parse(rows.schemaType)[0]?.schema_type,
    viewEdges: viewEdgesOf(rows.viewEdges),
    viewColumns: viewColumnsOf(rows.viewColumns),
    materializedViews: z
      .array(ViewRow)
      .parse(rows.materializedViews)
      .map((row) => ({ schema: row.view_schema, name: row.view_name })),
    policies: [
      ...policiesOf('row-level security', rows.rowPolicies),
      ...policiesOf('masking', rows.maskingPolicies),
    ],
    protectedRelations: z
      .array(ProtectedRow)
      .parse(rows.protectedRelations)
      .map((row) => ({ schema: row.relation_schema, name: row.relation_name })),
    foreignKeys: z
      .array(KeyRow)
      .parse(rows.foreignKeys)
      .map((row) => ({
        name: row.key_name,
        on: { schema: row.table_schema, name: row.table_name },
        references: { schema: row.referenced_schema, name: row.referenced_name },
      })),
    quotaMegabytes: z.array(z.object({ quota: Count.nullable() })).parse(rows.quota)[0]?.quota || undefined,
    shared: z
      .array(ShareRow)
      .parse(rows.datashares)
      .map((row) => ({ share: row.share_name, object: row.object_name })),
    defaultGrantsEverywhere: defaultGrants(rows.defaultGrantsEverywhere),
    fingerprint: z
      .tuple([FingerprintRow])
      .transform(([{ relation_ids: relationIds, ...counts }]) => ({ ...counts, relationIds }))
      .parse(rows.fingerprint),
  };
}
