import { type CopyOutcome, nothingRead } from '../src/copy/copy-outcome.ts';
import { RecordReader } from '../src/copy/record-reader.ts';
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
  { chunkBytes, way }: { chunkBytes: number; way: 'fast' | 'slow' },
): Reading {
  const copy = { ...statement, ignoreAllErrors: true };
  const outcome = nothingRead();
  const reader = new RecordReader({ columns, copy, outcome, way });
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
  return { copyText: parts.join(''), outcome };
}
