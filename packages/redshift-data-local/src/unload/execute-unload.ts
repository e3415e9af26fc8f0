import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { PoolClient } from 'pg';
import { authorize } from '../copy/authorize.ts';
import { CopyFailure } from '../copy/copy-failure.ts';
import { s3Failure } from '../copy/source/source-files.ts';
import type { UnloadStatement } from '../sql/unload/unload-statement.ts';
import { UnloadFiles, type WrittenFile } from './unload-files.ts';
import { refuseForParquet, type UnloadedColumn, unloadedColumns } from './unloaded-column.ts';

const FETCH_ROWS = 5_000;

/** One UNLOAD, inside the transaction of `client`. What it has written stays if the transaction is rolled back. @throws CopyFailure */
export async function executeUnload(options: {
  client: PoolClient;
  s3: S3Client;
  unload: UnloadStatement;
  queryId: number;
  signal: AbortSignal;
  isRoleAssociated: (arn: string) => boolean;
  longName: (name: string) => string;
}): Promise<void> {
  const { client, s3, unload, queryId, signal, longName } = options;
  authorize(unload.iamRole, options.isRoleAssociated);
  const cursor = `"unload ${queryId}"`;
  await client.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${unload.query}`);
  const fetch = async () => {
    signal.throwIfAborted();
    return client.query<(string | null)[]>({ text: `FETCH ${FETCH_ROWS} FROM ${cursor}`, rowMode: 'array' });
  };
  let fetched = await fetch();
  const columns = unloadedColumns(fetched.fields, longName);
  if (unload.format === 'parquet') refuseForParquet(columns);
  const files = new UnloadFiles(s3, unload, columns);
  try {
    await prepareDestination(s3, unload);
    while (fetched.rows.length > 0) {
      await files.add(fetched.rows);
      fetched = await fetch();
    }
    const written = await files.end();
    if (unload.manifest !== 'none') await putManifest(s3, unload, written, columns);
  } catch (error) {
    throw hasHttpStatus(error) ? s3Failure(error, unload.to) : error;
  } finally {
    await files.discard();
  }
  await client.query(`CLOSE ${cursor}`);
}

const hasHttpStatus = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && '$metadata' in error;

/** By default, nothing may be there that UNLOAD might overwrite: our reading is every key that begins with the prefix. */
async function prepareDestination(s3: S3Client, unload: UnloadStatement): Promise<void> {
  if (unload.allowOverwrite) return;
  const [, Bucket = '', Prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(unload.to) ?? [];
  for (;;) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    if (Contents.length === 0) return;
    if (!unload.cleanPath)
      throw new CopyFailure(
        'Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually ' +
          'removing the target files in S3, or using the ALLOWOVERWRITE option.',
        { code: 8001, context: `S3 path: ${unload.to}` },
      );
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  }
}

async function putManifest(
  s3: S3Client,
  { to, manifest }: UnloadStatement,
  files: readonly WrittenFile[],
  columns: readonly UnloadedColumn[],
): Promise<void> {
  const [, Bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(to) ?? [];
  const entry = ({ url, bytes, rows }: WrittenFile) =>
    manifest === 'plain' ? { url } : { url, meta: { content_length: bytes, record_count: rows } };
  const total = (of: (file: WrittenFile) => number) => files.reduce((sum, file) => sum + of(file), 0);
  const verbose = {
    schema: { elements: columns.map((column) => ({ name: column.name, type: typeOf(column) })) },
    meta: { content_length: total(({ bytes }) => bytes), record_count: total(({ rows }) => rows) },
    author: { name: 'Amazon Redshift', version: '1.0.0' },
  };
  const body = { entries: files.map(entry), ...(manifest === 'verbose' ? verbose : {}) };
  await s3.send(
    new PutObjectCommand({ Bucket, Key: `${prefix}manifest`, Body: JSON.stringify(body, undefined, 2) }),
  );
}

const typeOf = ({ kind, length, precision, scale }: UnloadedColumn) => ({
  base: kind,
  ...(length === undefined ? {} : { max_length: length }),
  ...(precision === undefined ? {} : { precision, scale }),
});
