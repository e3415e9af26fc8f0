import type { ClientBase } from 'pg';
import { query } from '../sql/query.ts';
import type { CreatedView } from '../sql/translated-statement.ts';
import { Translation, type Warehouse } from '../sql/translation.ts';
import { viewText } from '../sql/view-text.ts';

type LongName = (physical: string) => string;

/**
 * Checks that the text which the catalogue shows for a new bound view creates the same view again. If not, the query as it
 * was sent is kept, and shown from then on: it creates the view again, but does not follow renames.
 */
export async function recordBoundView(
  client: ClientBase,
  { view, query: sent }: CreatedView,
  warehouse: Warehouse,
  longName: LongName,
): Promise<void> {
  const deparsed = await textOf(client, view);
  await client.query('SAVEPOINT view_text');
  const again = await createdAgain(client, deparsed, warehouse, longName).catch(() => undefined);
  await client.query('ROLLBACK TO SAVEPOINT view_text');
  const isRepeatable = again !== undefined && comparable(again.deparsed) === comparable(deparsed);
  // Its text then stays the same however often it is created again.
  if (isRepeatable && again.deparsed !== deparsed)
    await client.query(`CREATE OR REPLACE VIEW ${view} AS ${again.query}`);
  await client.query({
    text: `SELECT "_redshift_state"."record_bound_view"($1::regclass, $2)`,
    values: [view, isRepeatable ? null : sent],
  });
}

/** Creates the view again from its text, as a temporary view. @returns that one's text, and its query for PostgreSQL. */
async function createdAgain(
  client: ClientBase,
  deparsed: string,
  warehouse: Warehouse,
  longName: LongName,
): Promise<{ deparsed: string; query: string }> {
  const again = new Translation(viewText(deparsed, longName), warehouse, new Map(), query);
  const text = query(again);
  again.reader.expectEnd();
  await client.query(`CREATE TEMPORARY VIEW "view~again" AS ${text}`);
  return { deparsed: await textOf(client, '"view~again"'), query: text };
}

/** PostgreSQL drops the parentheses of its own parser, as in `(a AND b) AND c`. All others come from the text. */
function comparable(text: string): string {
  return text.replace(/[()\s]+/g, ' ');
}

async function textOf(client: ClientBase, view: string): Promise<string> {
  const { rows } = await client.query<{ text: string }>({
    text: 'SELECT pg_catalog.pg_get_viewdef($1::regclass) AS text',
    values: [view],
  });
  return rows[0]!.text;
}

/**
 * Leaves the current texts of all bound views where `pg_views` and `pg_get_viewdef()` read them for the rest of the
 * transaction.
 */
export async function resolveViewTexts(client: ClientBase, longName: LongName): Promise<void> {
  const { rows } = await client.query<{ oid: string; text: string }>(
    `SELECT c.oid, pg_catalog.pg_get_viewdef(c.oid) AS text FROM pg_catalog.pg_class c
     JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'v' AND c.relnatts > 0 AND c.oid NOT IN (SELECT relid FROM "_redshift_state".bound_view)
     AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts = rows.map(({ oid, text }) => [oid, viewText(text, longName)]);
  await client.query({
    text: `SELECT set_config('redshift.view_texts', $1, true)`,
    values: [JSON.stringify(Object.fromEntries(texts))],
  });
}
