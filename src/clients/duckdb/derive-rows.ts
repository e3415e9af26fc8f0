import { join } from 'node:path';
import { EXACT_MACROS } from '../../pipeline/datasets/derived/exact-macros.ts';
import { RESULT, resultProblems, resultQuery } from '../../pipeline/datasets/derived/result-columns.ts';
import { CHECKED, exampleText, type FailedCheck } from '../../pipeline/datasets/derived/step-checks.ts';
import { literal } from '../../pipeline/datasets/parquet/duckdb-sql.ts';
import { tableView } from '../../pipeline/datasets/parquet/query-sql.ts';
import { Terminal } from '../errors.ts';
import type { CheckRequest, DerivedFile, DeriveRequest, ParseRequest } from '../table-engine.ts';
import { contentOf } from './content-of.ts';
import type { Database } from './duckdb-database.ts';

export async function parseTree(database: Database, { sql }: ParseRequest): Promise<string> {
  const [tree] = await database.rows(`SELECT json_serialize_sql(${literal(sql)})`);
  return String(tree?.[0]);
}

export const derivedPath = ({ directory }: DeriveRequest): string => join(directory, 'result.parquet');

/** Runs a step over views of its tables. */
export async function deriveRows(database: Database, request: DeriveRequest): Promise<DerivedFile> {
  const { sql, tables, columns } = request;
  for (const macro of EXACT_MACROS) await database.run(macro);
  for (const [name, table] of Object.entries(tables)) await database.run(tableView(name, table));
  await database.run(`CREATE TEMP VIEW ${RESULT} AS ${sql}`);
  const result = (await database.rows(`DESCRIBE ${RESULT}`)).map(([name, type]) => ({
    ...{ name: String(name), type: String(type) },
  }));
  const problems = resultProblems(columns, result);
  if (problems.length > 0) throw new Terminal('StepInvalid', problems.join('; '));
  const path = derivedPath(request);
  const copied = await database.rows(
    `COPY (${resultQuery(columns)}) TO ${literal(path)} (FORMAT parquet, CODEC zstd)`,
  );
  const isEmpty = Number(copied[0]?.[0]) === 0;
  const content = await contentOf(database, { columns, files: isEmpty ? [] : [path] });
  const { checks = [] } = request;
  const failedChecks = await runChecks(database, { columns, checks, files: isEmpty ? [] : [path] });
  return { ...(isEmpty ? {} : { path }), content, failedChecks };
}

/** Over the rows as they are in the file. */
export async function runChecks(
  database: Database,
  { checks, columns, files }: Omit<CheckRequest, 'directory'>,
): Promise<FailedCheck[]> {
  const failed: FailedCheck[] = [];
  if (checks.length > 0)
    await database.run(
      tableView(CHECKED, { columns, partitionColumns: [], partitions: [{ values: [], files }] }),
    );
  for (const { name, sql } of checks) {
    const view = `CREATE OR REPLACE TEMP VIEW _tributary_check AS ${sql}`;
    if ((await database.connection.extractStatements(view)).count !== 1)
      throw new Terminal('StepInvalid', `The check ${name} must be one query.`);
    await database.run(view);
    const [counted] = await database.rows('SELECT count(*)::INTEGER FROM _tributary_check');
    const rows = Number(counted?.[0]);
    if (rows === 0) continue;
    const [first] = await database.rows(
      'SELECT to_json(c)::VARCHAR FROM _tributary_check c ORDER BY 1 LIMIT 1',
    );
    failed.push({ name, rows, example: exampleText(String(first?.[0])) });
  }
  return failed;
}
