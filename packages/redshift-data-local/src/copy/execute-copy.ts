import type { S3Client } from '@aws-sdk/client-s3';
import type { PoolClient } from 'pg';
import type { CopyStatement } from '../sql/copy/copy-statement.ts';
import { authorize } from './authorize.ts';
import { nothingRead } from './copy-outcome.ts';
import type { LoadRecords } from './load-records.ts';
import { runCopy } from './run-copy.ts';
import { targetColumns } from './target-columns.ts';

/**
 * One COPY from its authorization to its record in sys_load_history, on `client` and inside its transaction.
 * Sets what `pg_last_copy_count()` and `pg_last_copy_id()` return in the session. @throws CopyFailure.
 */
export async function executeCopy(options: {
  client: PoolClient;
  s3: S3Client;
  loads: LoadRecords;
  copy: CopyStatement;
  queryId: number;
  pid: number;
  signal: AbortSignal;
  isRoleAssociated: (arn: string) => boolean;
}): Promise<void> {
  const { client, s3, loads, copy, queryId, pid, signal } = options;
  const target = copy.physicalTarget;
  authorize(copy.iamRole, options.isRoleAssociated);
  const columns = await targetColumns(client, target, copy.columns, copy.explicitIds);
  const { rows } = await client.query<{ oid: string }>('SELECT $1::regclass::oid AS oid', [target]);
  const tableId = Number(rows[0]!.oid);
  const outcome = nothingRead();
  const analyze = copy.noLoad ? false : (copy.updateStatistics ?? (await isEmpty(client, target)));
  const startTime = new Date().toISOString().replace('T', ' ').replace('Z', '');
  const load = { queryId, pid, tableName: copy.target.name, tableId, source: copy.from, startTime };
  await loads.begin(load);
  try {
    await runCopy({ client, s3, copy, target, columns, signal, outcome });
  } catch (error) {
    await loads.end(load, signal.aborted ? 'aborted' : 'failed', outcome);
    throw error;
  }
  await loads.end(load, 'completed', outcome, client);
  if (analyze) await client.query(`ANALYZE ${target}`);
  await client.query(
    `SELECT set_config('redshift.last_copy_count', $1, false), set_config('redshift.last_copy_id', $2, false)`,
    [String(outcome.loadedRows), String(queryId)],
  );
}

/** Without STATUPDATE, statistics are updated if the table was empty. */
async function isEmpty(client: PoolClient, target: string): Promise<boolean> {
  return (await client.query(`SELECT 1 FROM ${target} LIMIT 1`)).rowCount === 0;
}
