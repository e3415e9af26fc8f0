import pg from 'pg';

/** PostgreSQL's code for a database that does not exist. */
const INVALID_CATALOG_NAME = '3D000';
/** PostgreSQL's code for a database that another session has just created. */
const DUPLICATE_DATABASE = '42P04';

/**
 * Connects to the server's own database, and creates it first if it is absent: in UTF-8, with text in the order of its
 * bytes, as in Redshift.
 */
export async function connectOwner(connection: pg.ClientConfig): Promise<pg.Client> {
  try {
    return await connect(connection);
  } catch (error) {
    if ((error as { code?: unknown }).code !== INVALID_CATALOG_NAME) throw error;
  }
  await createDatabase(connection.connectionString!);
  return connect(connection);
}

async function createDatabase(postgresUrl: string): Promise<void> {
  const name = decodeURIComponent(new URL(postgresUrl).pathname.slice(1));
  const admin = await connect({
    connectionString: Object.assign(new URL(postgresUrl), { pathname: '/postgres' }).href,
  });
  try {
    await admin.query(
      `CREATE DATABASE ${admin.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'`,
    );
  } catch (error) {
    if ((error as { code?: unknown }).code !== DUPLICATE_DATABASE) throw error;
  } finally {
    await admin.end();
  }
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  // A connection that breaks is reported by the query that uses it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return client;
}
