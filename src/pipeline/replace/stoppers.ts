import { z } from 'zod';
import { quoteLiteral } from '../sql/identifier.ts';
import type { ResultRow } from '../sql/rows.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import { copyView, isLateBinding } from './late-binding-view.ts';
import type { LiveState } from './live-state.ts';

/** Something that depends on the live tables themselves, and that the swap would lose or leave on old data. */
export interface Stopper {
  readonly what: string;
  readonly whatToDo: string;
}

/**
 * One batch of queries. Pass their results, under the same names, to `stoppersOf`. Only superusers and sys:secadmin see
 * policies; only superusers and owners see materialized views and datashares. For other users, these queries return
 * less, or nothing.
 */
export function stopperQueries(schema: string) {
  const named = quoteLiteral(schema);
  return {
    boundViews:
      'SELECT DISTINCT vn.nspname AS "view_schema", v.relname AS "view_name", t.relname AS "relation_name" ' +
      'FROM pg_class t JOIN pg_namespace tn ON tn.oid = t.relnamespace JOIN pg_depend d ON d.refobjid = t.oid ' +
      'JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class ' +
      `JOIN pg_namespace vn ON vn.oid = v.relnamespace WHERE tn.nspname = ${named} AND v.oid <> t.oid`,
    materializedViews:
      'SELECT schema_name AS "view_schema", name AS "view_name" FROM svv_mv_info ' +
      `WHERE TRIM(schema_name) = ${named}`,
    rowPolicies:
      'SELECT relname AS "relation_name", polname AS "policy_name" FROM svv_rls_attached_policy ' +
      `WHERE relschema = ${named}`,
    maskingPolicies:
      'SELECT table_name AS "relation_name", policy_name AS "policy_name" FROM svv_attached_masking_policy ' +
      `WHERE schema_name = ${named}`,
    datashares:
      'SELECT share_name AS "share_name", object_name AS "object_name" FROM svv_datashare_objects ' +
      `WHERE share_type = 'OUTBOUND' AND (object_name = ${named} OR STRPOS(object_name, ${quoteLiteral(`${schema}.`)}) = 1)`,
    views:
      'SELECT viewname AS "view_name", definition AS "definition" FROM pg_views ' +
      `WHERE schemaname = ${named} ORDER BY viewname`,
  };
}
export type StopperRows = Readonly<Record<keyof ReturnType<typeof stopperQueries>, readonly ResultRow[]>>;

const name = z.string().transform((text) => text.trimEnd());
const View = z.object({ view_schema: name, view_name: name });
const BoundView = View.extend({ relation_name: name });
const Policy = z.object({ relation_name: name, policy_name: name });
const Share = z.object({ share_name: name, object_name: name });
const Definition = z.object({ view_name: name, definition: z.string() });

/**
 * Everything that stops the replacement of a live schema that Tributary created, each with what to do about it. A
 * procedure in another schema that uses live tables is not a stopper: it finds them by name whenever it is called.
 * @param newTables names of the tables that will replace live's
 */
export function stoppersOf(
  schema: string,
  live: LiveState,
  newTables: readonly string[],
  rows: StopperRows,
): Stopper[] {
  const ours = new Set([...(live.marker?.tables ?? []), ...newTables]);
  const materialized = z.array(View).parse(rows.materializedViews);
  const isMaterialized = (view: string) => materialized.some(({ view_name }) => view_name === view);
  const bound = z.array(BoundView).parse(rows.boundViews);
  return [
    ...live.relations
      .filter(
        ({ name: table, kind }) =>
          kind === 'table' && !isSystemTable(table) && !ours.has(table) && !isHidden(table),
      )
      .map(({ name: table }) => ({
        what: `table ${schema}.${table}, which Tributary did not create`,
        whatToDo: 'move it to another schema, because it would be lost with the replaced tables',
      })),
    ...live.routines.map((routine) => ({
      what: `function or procedure ${schema}.${routine}`,
      whatToDo: 'create it in another schema, because it would be lost with the replaced tables',
    })),
    ...materialized.map((view) => ({
      what: `materialized view ${view.view_schema}.${view.view_name}`,
      whatToDo: 'create it in another schema, over a late-binding view, and drop this one',
    })),
    ...bound
      .filter((view) => !(view.view_schema === schema && isMaterialized(view.view_name)))
      .map((view) => ({
        what: `view ${view.view_schema}.${view.view_name}, bound to ${schema}.${view.relation_name}`,
        whatToDo:
          'recreate it WITH NO SCHEMA BINDING, because as it is, it would continue to read the replaced table',
      })),
    ...z
      .array(Definition)
      .parse(rows.views)
      .filter(
        ({ definition, view_name }) =>
          isLateBinding(definition) && copyView(definition, schema, view_name) === undefined,
      )
      .map((view) => ({
        what: `view ${schema}.${view.view_name}, whose definition cannot be copied`,
        whatToDo: 'recreate it with a definition that starts with CREATE VIEW, or in another schema',
      })),
    ...z
      .array(Policy)
      .parse(rows.rowPolicies)
      .map((policy) => ({
        what: `row-level security policy ${policy.policy_name} on ${schema}.${policy.relation_name}`,
        whatToDo:
          'detach it, and protect a view in another schema instead, because it would stay with the replaced table',
      })),
    ...z
      .array(Policy)
      .parse(rows.maskingPolicies)
      .map((policy) => ({
        what: `masking policy ${policy.policy_name} on ${schema}.${policy.relation_name}`,
        whatToDo:
          'detach it, and mask a view in another schema instead, because it would stay with the replaced table',
      })),
    ...z
      .array(Share)
      .parse(rows.datashares)
      .map((share) => ({
        what: `datashare ${share.share_name}, which shares ${share.object_name}`,
        whatToDo:
          'share a late-binding view in another schema instead, because the share would follow the replaced table',
      })),
  ];
}

/** Redshift keeps the rows of a materialized view in a table with this prefix. */
const isHidden = (table: string) => table.startsWith('mv_tbl__');
