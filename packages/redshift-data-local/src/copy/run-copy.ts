import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { CopyStatement } from '../sql/copy/copy-statement.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import { CopyFailure } from './copy-failure.ts';
import type { CopyOutcome } from './copy-outcome.ts';
import { openLoader } from './open-loader.ts';
import { openFile, sourceFiles } from './source/source-files.ts';
import type { TargetColumn } from './target-column.ts';

const FLUSH_BYTES = 256 * 1024;

/**
 * Reads the files of a COPY from S3 and streams their rows into PostgreSQL on `client`, inside its transaction.
 * Memory is bounded by one row, a few stream buffers and the reported errors. `outcome` is updated during the load, so
 * it is also useful after a failure. With NOLOAD everything is read and nothing is sent. @throws CopyFailure.
 */
export async function runCopy(options: {
  client: PoolClient;
  s3: S3Client;
  copy: CopyStatement;
  /** The quoted physical name. */
  target: string;
  columns: TargetColumn[];
  signal: AbortSignal;
  outcome: CopyOutcome;
}): Promise<void> {
  const { client, s3, copy, columns, signal, outcome } = options;
  const files = await sourceFiles(s3, copy);
  const list = columns.map((column) => quoteIdentifier(column.physicalName)).join(', ');
  const sink = copy.noLoad
    ? new Writable({ write: (_chunk, _encoding, done) => done() })
    : client.query(copyFrom(`COPY ${options.target} (${list}) FROM STDIN`));
  const failed = once(sink, 'error').then(([error]) => error as Error);
  sink.on('error', () => {});
  const abort = () => sink.destroy(new CopyFailure("Query cancelled on user's request", { code: 1020 }));
  signal.addEventListener('abort', abort);
  try {
    const loader = await openLoader({ s3, columns, copy, outcome, signal });
    const { out } = loader;
    const flush = async () => {
      const bytes = out.take();
      outcome.loadedBytes += bytes.length;
      if (!sink.write(bytes)) await Promise.race([once(sink, 'drain'), failed]);
      if (sink.destroyed) throw await failed;
      // The system has a copy.
      if (sink.writableLength + client.connection.stream.writableLength === 0) out.giveBack(bytes);
    };
    for (const file of files) {
      signal.throwIfAborted();
      const opened = await openFile(s3, file);
      if (opened === undefined) continue;
      outcome.sourceFiles++;
      outcome.sourceFileBytes += opened.bytes;
      await loader.load(file, opened, async () => {
        if (out.length >= FLUSH_BYTES) await flush();
      });
    }
    // AWS, "Using a manifest": without any file COPY fails, even if none is mandatory.
    if (outcome.sourceFiles === 0)
      throw new CopyFailure(`No files of the manifest ${copy.from} were found`, { code: 8001 });
    if (out.length > 0) await flush();
    sink.end();
    const error = await Promise.race([once(sink, 'finish').then(() => undefined), failed]);
    if (error) throw error;
    if (copy.noLoad) outcome.loadedRows = 0;
  } catch (error) {
    if (!sink.destroyed) sink.destroy(error as Error);
    await failed;
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
