import { z } from 'zod';
import { byteLength } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { textSql } from '../sql/text-sql.ts';
import type { BatchFile } from './batch-load.ts';
import { beside } from './beside-tables.ts';
import type { FileState } from './file-list.ts';
import type { Target } from './target.ts';

/** A file that the ledger has. */
export interface LedgerFile {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly state: FileState;
  readonly batch: number;
}

const MAX_QUERY_BYTES = 80_000;

/** Queries for what the ledger has of these files, each within the Data API's limit. They read outside of batches. */
export function ledgerQueries(
  target: Pick<Target, 'schema' | 'table'>,
  files: readonly Pick<BatchFile, 'key'>[],
): string[] {
  const lists: string[] = [];
  for (const text of new Set(files.map(({ key }) => textSql(key)))) {
    const longer = `${lists.at(-1)}, ${text}`;
    if (lists.length > 0 && byteLength(longer) <= MAX_QUERY_BYTES) lists[lists.length - 1] = longer;
    else lists.push(text);
  }
  return lists.map(
    (list) =>
      `SELECT "bucket", "file_key", "etag", "state", "batch" FROM ${beside('files', target)} ` +
      `WHERE "file_key" IN (${list})`,
  );
}

const Row = z.object({
  bucket: z.string(),
  file_key: z.string(),
  etag: z.string(),
  state: z.enum(['loaded', 'superseded', 'skipped']),
  batch: Count,
});

/** Parses the answers to `ledgerQueries`. They may name other versions of the files: compare bucket, key and ETag. */
export function ledgerFiles(rows: readonly ResultRow[]): LedgerFile[] {
  return z
    .array(Row)
    .parse(rows)
    .map(({ file_key: key, ...row }) => ({ ...row, key }));
}
