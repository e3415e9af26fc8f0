import { type CopyOutcome, nothingRead } from '../src/copy/copy-outcome.ts';
import { RecordReader } from '../src/copy/record-reader.ts';
import type { RowReader } from '../src/copy/row-reader.ts';
import type { TargetColumn } from '../src/copy/target-column.ts';
import { type CopyStatement, parseCopy } from '../src/sql/copy/copy-statement.ts';
import { query } from '../src/sql/query.ts';
import { Translation } from '../src/sql/translation.ts';

/** A COPY of files of one format with these options. */
export function copyStatement(options: string[], format: '' | 'CSV' | 'JSON' = 'CSV'): CopyStatement {
  const text = `t FROM 's3://b/k' IAM_ROLE default ${format} ${options.join(' ')}`;
  const warehouse = {
    database: 'dev',
    lateBindingViews: new Map(),
    roleOf: (_: string, name: string) => name,
  };
  return parseCopy(new Translation(text, warehouse, new Map(), query));
}

/** What a load sends to PostgreSQL, and what it counts and refuses. */
export interface Reading {
  copyText: string;
  outcome: CopyOutcome;
}

/**
 * What the server makes of a file that comes in pieces of `chunkBytes`. All refused rows are listed.
 * @param way `slow`: every record by the rules alone
 */
export function readByServer(
  file: Buffer,
  columns: TargetColumn[],
  statement: CopyStatement,
  { chunkBytes, way }: { chunkBytes: number; way: 'fast' | 'slow' },
): Reading {
  const copy = { ...statement, ignoreAllErrors: true };
  const outcome = nothingRead();
  const copyText = readPieces(new RecordReader({ columns, copy, outcome, way }), file, chunkBytes);
  return { copyText, outcome };
}

/** The rows that a reader makes of a file that comes in pieces of `chunkBytes`. */
export function readPieces(reader: RowReader, file: Buffer, chunkBytes: number): string {
  reader.begin('f');
  const parts: string[] = [];
  const pass = () => {
    const taken = reader.out.take();
    parts.push(taken.toString('latin1'));
    reader.out.giveBack(taken);
  };
  for (let at = 0; at < file.length; at += chunkBytes) {
    reader.feed(file.subarray(at, at + chunkBytes));
    pass();
  }
  reader.end();
  pass();
  return parts.join('');
}

/** The rows of PostgreSQL's COPY text, decoded. */
export function copyTextRows(copyText: string): (string | null)[][] {
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
  const field = (text: string) =>
    text === '\\N' ? null : text.replace(/\\(.)/gs, (_, letter: string) => escapes[letter]!);
  return copyText
    .split('\n')
    .slice(0, -1)
    .map((row) => row.split('\t').map(field));
}
