import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';

/**
 * Creates or updates what the server needs in PostgreSQL: the state of statements, Redshift's functions, and its
 * system views (dropped and recreated, so that a newer server has newer ones). Users' views on the system views are
 * dropped with them, as when Redshift is upgraded.
 */
export async function prepareCatalogue(client: Client): Promise<void> {
  await client.query('BEGIN');
  await run(client, 'comparison.sql');
  await run(client, 'state.sql');
  await client.query(`DO $$ DECLARE view text; BEGIN
    FOR view IN SELECT c.relname FROM pg_catalog.pg_class c WHERE c.relnamespace = '"_redshift"'::regnamespace AND c.relkind = 'v'
    LOOP EXECUTE format('DROP VIEW IF EXISTS "_redshift".%I CASCADE', view); END LOOP; END $$;
    DROP VIEW IF EXISTS "_redshift_state".every_load, "_redshift_state".every_load_error CASCADE`);
  for (const file of ['functions.sql', 'text-functions.sql', 'super-functions.sql', 'table-functions.sql'])
    await run(client, file);
  await run(client, 'views.sql');
  await client.query('COMMIT');
}

async function run(client: Client, file: string): Promise<void> {
  await client.query(await readFile(new URL(file, import.meta.url), 'utf8'));
}
