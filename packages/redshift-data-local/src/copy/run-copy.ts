import { once } from 'node:events';
import { addAbortSignal, Writable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { CopyStatement } from '../sql/copy-statement.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import { CopyFailure } from './copy-failure.ts';
import { CsvScanner, MAX_ROW_BYTES } from './csv-scanner.ts';
import { type RefusedRow, RowLoader } from './row-loader.ts';
import { decompressed } from './single-frame.ts';
import { openFile, type SourceFile, sourceFiles } from './source-files.ts';
import type { TargetColumn } from './target-column.ts';

/** One refused row, as stl_load_errors shows it. */
interface RowError {
  fileName: string;
  lineNumber: number;
  columnName: string;
  columnType: string;
  columnLength: string;
  position: number;
  rawLine: string;
  rawFieldValue: string;
  code: number;
  message: string;
}

export interface CopyOutcome {
  loadedRows: number;
  loadedBytes: number;
  sourceFiles: number;
  sourceFileBytes: number;
  errorCount: number;
  /** The first refused row. */
  errors: RowError[];
}

/** IGNOREALLERRORS may refuse any number of rows; this many are reported one by one. */
const MAX_TOLD_ERRORS = 10_000;
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
    const rows = new RowLoader(columns, copy);
    const flush = async () => {
      const bytes = rows.out.take();
      outcome.loadedBytes += bytes.length;
      if (!sink.write(bytes)) await Promise.race([once(sink, 'drain'), failed]);
      if (sink.destroyed) throw await failed;
    };
    for (const file of files) {
      signal.throwIfAborted();
      const opened = await openFile(s3, file);
      if (opened === undefined) continue;
      outcome.sourceFiles++;
      outcome.sourceFileBytes += opened.bytes;
      const scanner = new CsvScanner(copy);
      const take = fileReader({ scanner, rows, copy, file, outcome });
      for await (const chunk of addAbortSignal(
        signal,
        decompressed(opened.body, copy.compression, file.url),
      )) {
        scanner.feed(chunk as Buffer);
        take();
        if (scanner.heldBytes > MAX_ROW_BYTES) throw rowTooLarge(file);
        if (rows.out.length >= FLUSH_BYTES) await flush();
      }
      scanner.end();
      take();
    }
    // AWS, "Using a manifest": without any file COPY fails, even if none is mandatory.
    if (outcome.sourceFiles === 0)
      throw new CopyFailure(`No files of the manifest ${copy.from} were found`, { code: 8001 });
    if (rows.out.length > 0) await flush();
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

function rowTooLarge(file: SourceFile): CopyFailure {
  return new CopyFailure(`A row of ${file.url} is larger than the maximum of 4 MB`, { code: 8001 });
}

/** Receives the complete records of one file: skips header lines and blank lines, and counts refused rows. */
function fileReader(of: {
  scanner: CsvScanner;
  rows: RowLoader;
  copy: CopyStatement;
  file: SourceFile;
  outcome: CopyOutcome;
}): () => void {
  const { scanner, rows, copy, file, outcome } = of;
  let recordNumber = 0;
  return () => {
    while (scanner.next()) {
      if (++recordNumber <= copy.ignoreHeaderLines) continue;
      if (copy.ignoreBlankLines && scanner.recordEnd === scanner.recordStart) continue;
      if (scanner.recordEnd - scanner.recordStart > MAX_ROW_BYTES) throw rowTooLarge(file);
      const refused = rows.add(scanner);
      if (refused === undefined) {
        outcome.loadedRows++;
        continue;
      }
      outcome.errorCount++;
      if (outcome.errors.length < MAX_TOLD_ERRORS) outcome.errors.push(rowError(refused, scanner, file.url));
      if (!copy.ignoreAllErrors && outcome.errorCount >= Math.max(1, copy.maxErrors)) {
        throw new CopyFailure(
          `Load into table '${copy.target.name}' failed.  Check 'sys_load_error_detail' system table for details.`,
          { code: 8001 },
        );
      }
    }
  };
}

/** AWS, "STL_LOAD_ERRORS": raw_line and raw_field_value hold 1,024 bytes. */
const MAX_RAW_BYTES = 1_024;

function rowError(refused: RefusedRow, scanner: CsvScanner, fileName: string): RowError {
  const shown = (bytes: string) =>
    Buffer.from(bytes.slice(0, MAX_RAW_BYTES), 'latin1').toString('utf8').replaceAll('\0', '\ufffd');
  const display = refused.column?.display ?? '';
  return {
    fileName,
    lineNumber: scanner.lineNumber,
    columnName: refused.column?.name ?? '',
    columnType: display.replace(/\(.*\)/, ''),
    columnLength: /\((.*)\)/.exec(display)?.[1] ?? '',
    position: refused.position,
    rawLine: shown(scanner.raw()),
    rawFieldValue: shown(refused.field),
    code: refused.code,
    message: refused.message,
  };
}
