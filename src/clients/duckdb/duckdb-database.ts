import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { literal, textList } from '../../pipeline/datasets/parquet/duckdb-sql.ts';
import type { StepLimits } from './step-protocol.ts';

export type Database = Awaited<ReturnType<typeof openDatabase>>;

/**
 * A database in memory that takes no more than its limits. What exceeds its memory goes to
 * `<directory>/duckdb-temporary`. It uses the files that it is given and, if the directory is open to SQL, those in it;
 * nothing else, no network, no extensions.
 */
export async function openDatabase(
  limits: StepLimits,
  directory: string,
  {
    files,
    isDirectoryOpen,
    disabledOptimizers = '',
  }: {
    readonly files: readonly string[];
    readonly isDirectoryOpen: boolean;
    readonly disabledOptimizers?: string;
  },
) {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${limits.memoryBytes}B`,
    threads: String(limits.threads),
    temp_directory: join(directory, 'duckdb-temporary'),
    max_temp_directory_size: `${limits.temporaryBytes}B`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const run = async (sql: string): Promise<void> => {
    await connection.run(sql);
  };
  await run("SET timezone = 'UTC'");
  if (disabledOptimizers !== '') await run(`SET disabled_optimizers = ${literal(disabledOptimizers)}`);
  if (isDirectoryOpen) await run(`SET allowed_directories = ${textList([directory])}`);
  await run(`SET allowed_paths = ${textList(files)}`);
  await run('SET enable_external_access = false');
  await run('SET lock_configuration = true');
  return {
    connection,
    run,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
    /** Rows of a small result. */
    rows: async (sql: string): Promise<readonly (readonly unknown[])[]> =>
      (await connection.runAndReadAll(sql)).getRowsJson(),
  };
}
