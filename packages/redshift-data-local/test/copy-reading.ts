import { CsvScanner } from '../src/copy/csv-scanner.ts';
import { PlainRows } from '../src/copy/plain-rows.ts';
import { type CopyOutcome, recordReader } from '../src/copy/record-reader.ts';
import { RowLoader } from '../src/copy/row-loader.ts';
import type { TargetColumn } from '../src/copy/target-column.ts';
import { type CopyStatement, parseCopy } from '../src/sql/copy-statement.ts';
import { query } from '../src/sql/query.ts';
import { Translation } from '../src/sql/translation.ts';

/** A COPY of CSV files with these options. */
export function copyStatement(options: string[]): CopyStatement {
  const text = `t FROM 's3://b/k' IAM_ROLE default CSV ${options.join(' ')}`;
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
  { chunkBytes, way }: { chunkBytes: number; way: 'server' | 'slow' },
): Reading {
  const copy = { ...statement, ignoreAllErrors: true };
  const scanner = new CsvScanner(copy);
  const rows = new RowLoader(columns, copy);
  const outcome: CopyOutcome = {
    loadedRows: 0,
    loadedBytes: 0,
    sourceFiles: 0,
    sourceFileBytes: 0,
    errorCount: 0,
    errors: [],
  };
  const take = recordReader({
    ...{ scanner, rows, copy, outcome, fileName: 'f' },
    ...(way === 'server' && { plainRows: new PlainRows(columns, copy, rows.out) }),
  });
  const parts: string[] = [];
  const pass = () => {
    const taken = rows.out.take();
    parts.push(taken.toString('latin1'));
    rows.out.giveBack(taken);
  };
  for (let at = 0; at < file.length; at += chunkBytes) {
    scanner.feed(file.subarray(at, at + chunkBytes));
    take();
    pass();
  }
  scanner.end();
  take();
  pass();
  return { copyText: parts.join(''), outcome };
}
