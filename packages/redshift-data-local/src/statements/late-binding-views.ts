import type { ClientBase, Pool } from 'pg';
import { query } from '../sql/query.ts';
import { Translation, type Warehouse } from '../sql/translation.ts';

/** Definitions by `schema.name`, as this connection sees them now. */
export async function lateBindingViews(connection: Pool | ClientBase): Promise<Map<string, string>> {
  const { rows } = await connection.query<{ name: string; definition: string }>(
    `SELECT "_redshift".long_name(n.nspname) || '.' || "_redshift".long_name(c.relname) AS name, l.definition
     FROM "_redshift_state".late_binding_view l JOIN pg_catalog.pg_class c ON c.oid = l.relid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
  );
  return new Map(rows.map(({ name, definition }) => [name, definition]));
}

/**
 * Resolves every late-binding view against the current relations, and leaves the columns where
 * `pg_get_late_binding_view_cols()` reads them. A view that does not resolve has none.
 */
export async function resolveLateBindingColumns(
  client: ClientBase,
  warehouse: Warehouse,
  longName: (name: string) => string,
): Promise<void> {
  const columns: unknown[] = [];
  for (const [name, definition] of warehouse.lateBindingViews) {
    const [schema, ...view] = name.split('.');
    await client.query('SAVEPOINT late_binding');
    try {
      const text = query(new Translation(definition, warehouse, new Map(), query));
      const { fields } = await client.query(`SELECT * FROM (${text}) AS q LIMIT 0`);
      const types = await client.query<{ type: string }>({
        text: `SELECT "_redshift".format_type(t.oid, t.modifier) AS type FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY t(oid, modifier, n) ORDER BY n`,
        values: [fields.map((field) => field.dataTypeID), fields.map((field) => field.dataTypeModifier)],
      });
      for (const [index, field] of fields.entries()) {
        columns.push({
          schema,
          view: view.join('.'),
          column: longName(field.name),
          type: types.rows[index]!.type,
          number: index + 1,
        });
      }
      await client.query('RELEASE SAVEPOINT late_binding');
    } catch {
      await client.query('ROLLBACK TO SAVEPOINT late_binding');
    }
  }
  await client.query({
    text: `SELECT set_config('redshift.late_binding_columns', $1, true)`,
    values: [JSON.stringify(columns)],
  });
}
