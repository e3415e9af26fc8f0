import { once } from 'node:events';
import { addAbortSignal, Writable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { CopyStatement } from '../sql/copy-statement.ts';
import { quoteIdentifier } from '../sql/identifier.ts';
import { CopyFailure } from './copy-failure.ts';
import { CsvReader, type CsvRecord } from './csv-reader.ts';
import { FieldError, loadField, type TargetColumn } from './field-rules.ts';
import { decompressed } from './single-frame.ts';
import { openFile, sourceFiles } from './source-files.ts';

/** One refused row, as stl_load_errors shows it. */
export type RowError = {
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
};

export type CopyOutcome = {
  loadedRows: number;
  loadedBytes: number;
  sourceFiles: number;
  sourceFileBytes: number;
  errors: RowError[];
};

/** AWS: "The maximum size of a single input row from any source is 4 MB". */
const maxRowBytes = 4 * 1024 * 1024;
const flushBytes = 256 * 1024;

/**
 * Reads the files of a COPY from S3 and streams their rows into PostgreSQL on `client`, inside its transaction.
 * Memory is bounded by one row and a few stream buffers. `outcome` is filled as it goes, so that a load that
 * fails leaves what it knew; it fails with `CopyFailure`.
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
    let pending = '';
    const flush = async () => {
      const bytes = Buffer.from(pending, 'latin1');
      pending = '';
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
      const reader = new CsvReader(copy);
      let recordNumber = 0;
      const take = (record: CsvRecord) => {
        if (++recordNumber <= copy.ignoreHeaderLines) return;
        try {
          pending += loadRecord(record, columns, copy);
          outcome.loadedRows++;
        } catch (error) {
          if (!(error instanceof RowRefused)) throw error;
          outcome.errors.push(rowError(error, record, file.url));
          if (outcome.errors.length >= Math.max(1, copy.maxErrors)) {
            throw new CopyFailure(
              `Load into table '${copy.target.name}' failed.  Check 'sys_load_error_detail' system table for details.`,
              { code: 8001 },
            );
          }
        }
      };
      for await (const chunk of addAbortSignal(
        signal,
        decompressed(opened.body, copy.compression, file.url),
      )) {
        for (const record of reader.feed((chunk as Buffer).toString('latin1'))) take(record);
        if (reader.heldBytes > maxRowBytes) {
          throw new CopyFailure(`A row of ${file.url} is larger than the maximum of 4 MB`, { code: 8001 });
        }
        if (pending.length >= flushBytes) await flush();
      }
      for (const record of reader.end()) take(record);
    }
    if (pending !== '') await flush();
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

class RowRefused extends Error {
  readonly column: TargetColumn | undefined;
  readonly field: string;
  readonly position: number;
  readonly code: number;
  constructor(code: number, message: string, column?: TargetColumn, field = '', position = 0) {
    super(message);
    this.code = code;
    this.column = column;
    this.field = field;
    this.position = position;
  }
}

/** The row in PostgreSQL's COPY text format, still one character a byte. */
function loadRecord(record: CsvRecord, columns: TargetColumn[], copy: CopyStatement): string {
  if (record.malformed) throw new RowRefused(1216, 'Invalid quote formatting for CSV');
  if (record.fields.length > columns.length) throw new RowRefused(1202, 'Extra column(s) found');
  if (record.fields.length < columns.length)
    throw new RowRefused(
      1203,
      'Delimiter not found: the line has fewer columns than the table',
      columns[record.fields.length],
    );
  let line = '';
  let position = 0;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const field = record.fields[i]!;
    let value: string | null;
    try {
      // The NULL string is NULL even in quotes: nothing says that quotes spare it.
      value = field === copy.nullAs ? null : loadField(field, column, copy);
      if (value === null && column.notNull) throw new FieldError(1213, 'Missing data for not-null field');
    } catch (error) {
      if (error instanceof FieldError)
        throw new RowRefused(error.code, error.message, column, field, position);
      throw error;
    }
    line += (i === 0 ? '' : '\t') + (value === null ? '\\N' : escapeCopyText(value));
    position += field.length + (record.quoted[i] ? 2 : 0) + 1;
  }
  return `${line}\n`;
}

const copyEscapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
function escapeCopyText(value: string): string {
  return /[\\\n\r\t]/.test(value)
    ? value.replace(/[\\\n\r\t]/g, (character) => copyEscapes[character]!)
    : value;
}

/** AWS: raw_line and raw_field_value hold 1,024 bytes. */
const maxRawBytes = 1_024;

function rowError(refused: RowRefused, record: CsvRecord, fileName: string): RowError {
  const shown = (bytes: string) =>
    Buffer.from(bytes.slice(0, maxRawBytes), 'latin1').toString('utf8').replaceAll('\0', '\ufffd');
  const display = refused.column?.display ?? '';
  return {
    fileName,
    lineNumber: record.lineNumber,
    columnName: refused.column?.name ?? '',
    columnType: display.replace(/\(.*\)/, ''),
    columnLength: /\((.*)\)/.exec(display)?.[1] ?? '',
    position: refused.position,
    rawLine: shown(record.raw),
    rawFieldValue: shown(refused.field),
    code: refused.code,
    message: refused.message,
  };
}
