import type { z } from 'zod';
import { SYSTEM_RELATIONS } from '../sql/system-relations.ts';
import { checkDatabase, checkTarget } from './call-target.ts';
import { pageOf } from './page-token.ts';
import type * as requests from './requests.ts';
import type { ServiceContext } from './service-context.ts';
import { ServiceError } from './service-error.ts';
import { tableColumn } from './table-column.ts';

type Row = Record<string, string | null>;

/** The longest time that a query of the catalogue may take. */
const TIMEOUT_MILLISECONDS = 30_000;

/** ListDatabases: the served database. */
export function listDatabases(
  context: ServiceContext,
  request: z.output<typeof requests.ListDatabases>,
): object {
  checkTarget(request, context.served);
  const { page, ...next } = pageOf(
    [context.served.database],
    'databases',
    pageSize(request),
    request.NextToken,
  );
  return { Databases: page, ...next };
}

/** ListSchemas, sorted by name; `%` and `_` in the pattern stand for any text and any character. */
export async function listSchemas(
  context: ServiceContext,
  request: z.output<typeof requests.ListSchemas>,
): Promise<object> {
  checkCatalogueTarget(context, request);
  const rows = await catalogueRows(
    context,
    `SELECT nspname AS name FROM "_redshift".pg_namespace WHERE nspname LIKE $1 ORDER BY nspname COLLATE "C"`,
    [request.SchemaPattern ?? '%'],
  );
  const names = rows.map(({ name }) => name!);
  const { page, ...next } = pageOf(names, 'schemas', pageSize(request), request.NextToken);
  return { Schemas: page, ...next };
}

/** ListTables: tables and views of users and of the system, sorted by schema and name. */
export async function listTables(
  context: ServiceContext,
  request: z.output<typeof requests.ListTables>,
): Promise<object> {
  checkCatalogueTarget(context, request);
  const rows = await catalogueRows(
    context,
    `SELECT * FROM (
       SELECT n.nspname AS schema, c.relname AS name, CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS type
       FROM "_redshift".pg_class c JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v')
       UNION ALL SELECT 'pg_catalog', s.name, CASE WHEN s.name LIKE 'pg\\_%' THEN 'SYSTEM TABLE' ELSE 'SYSTEM VIEW' END
       FROM unnest($3::text[]) s(name)) t
     WHERE schema LIKE $1 AND name LIKE $2 ORDER BY schema COLLATE "C", name COLLATE "C"`,
    [request.SchemaPattern ?? '%', request.TablePattern ?? '%', [...SYSTEM_RELATIONS]],
  );
  const { page, ...next } = pageOf(rows, 'tables', pageSize(request), request.NextToken);
  return { Tables: page.map(({ schema, name, type }) => ({ name, type, schema })), ...next };
}

/** DescribeTable: the columns of a table, or of all matching tables, in pages of columns. */
export async function describeTable(
  context: ServiceContext,
  request: z.output<typeof requests.DescribeTable>,
): Promise<object> {
  checkCatalogueTarget(context, request);
  const rows = await catalogueRows(
    context,
    `SELECT n.nspname AS schema, c.relname AS "table", a.attname AS name, a.attnotnull AS not_null,
       "_redshift".column_type(c.oid, a.attnum, a.atttypid, a.atttypmod) AS type, pg_get_expr(d.adbin, d.adrelid) AS default_value
     FROM "_redshift".pg_attribute a JOIN "_redshift".pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'v')
     JOIN "_redshift".pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attnum > 0 AND NOT a.attisdropped AND ($1::text IS NULL OR n.nspname = $1) AND ($2::text IS NULL OR c.relname = $2)
     ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum`,
    [request.Schema ?? null, request.Table ?? null],
  );
  const { page, ...next } = pageOf(rows, 'columns', pageSize(request), request.NextToken);
  return {
    ...(request.Table === undefined ? {} : { TableName: request.Table }),
    ColumnList: page.map((row) =>
      tableColumn({
        schema: row.schema!,
        table: row.table!,
        name: row.name!,
        displayType: row.type!,
        isNullable: row.not_null !== 't',
        defaultValue: row.default_value ?? null,
      }),
    ),
    ...next,
  };
}

function pageSize(request: { MaxResults: number }): number {
  return request.MaxResults === 0 ? 1000 : request.MaxResults;
}

/** `ConnectedDatabase` is the database to connect to, `Database` the one to describe. Both must be the served one. */
function checkCatalogueTarget(
  context: ServiceContext,
  request: z.output<typeof requests.ListSchemas> | z.output<typeof requests.DescribeTable>,
): void {
  checkTarget({ ...request, Database: request.ConnectedDatabase ?? request.Database }, context.served);
  checkDatabase(request.Database, context.served);
}

/** Throws QueryTimeoutException, or DatabaseConnectionException when PostgreSQL does not answer. */
async function catalogueRows(context: ServiceContext, text: string, values: unknown[]): Promise<Row[]> {
  const client = await context.bookkeeping.connect().catch((error: Error) => {
    throw new ServiceError('DatabaseConnectionException', `The database does not answer: ${error.message}`);
  });
  let broken = false;
  try {
    await client.query(`SET statement_timeout = ${TIMEOUT_MILLISECONDS}`);
    return (await client.query<Row>(text, values)).rows;
  } catch (error) {
    broken = true;
    const { code, message } = error as Error & { code?: string };
    if (code === '57014') throw new ServiceError('QueryTimeoutException', 'The query timed out');
    throw new ServiceError('DatabaseConnectionException', message);
  } finally {
    if (!broken) broken = await client.query('RESET statement_timeout').then(no, yes);
    client.release(broken);
  }
}

const yes = () => true;
const no = () => false;
