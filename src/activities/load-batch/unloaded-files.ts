import type { FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import { fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { type BatchRow, batchQuery, batchRow } from '../../pipeline/merge/batches-table.ts';
import { type LedgerFile, ledgerFiles, ledgerQueries } from '../../pipeline/merge/ledger-queries.ts';
import type { FoundTarget } from '../../pipeline/merge/target-query.ts';
import { query } from '../sql/transaction.ts';
import type { OpenBatch, OpenLoader } from './open-batch.ts';
import { nameOf } from './prepare-target.ts';

const DAY_MS = 24 * 3600 * 1000;

/** What the ledger says of a batch. */
export interface LedgerAnswer {
  /** Present if the batch is committed. */
  readonly committed: BatchRow | undefined;
  /** Its files that no batch has loaded yet. */
  readonly files: readonly SourceFile[];
  readonly others: readonly FileOutcome[];
  /** An operator has skipped it: its files are in the ledger as such. */
  readonly isSkipped: boolean;
}

/** Asks the ledger which of a batch's files are still to be loaded. */
export async function unloadedFiles(open: OpenBatch, target: FoundTarget): Promise<LedgerAnswer> {
  const { batch, definition, deps } = open;
  const before = await committedBatch(open, target, batch.batch);
  const known = await knownFiles(open, target, batch.files);
  const own = [...known.values()].filter((file) => file.batch === batch.batch);
  // Another attempt may have committed it between the two queries.
  const isNew = before === undefined && own.some(({ state }) => state === 'loaded');
  const committed = isNew ? await committedBatch(open, target, batch.batch) : before;
  const isAsked = ['bulk', 'replace'].includes(batch.reason) || batch.load !== undefined;
  const horizon = new Date(deps.nowMs() - definition.ledgerDays * DAY_MS).toISOString();
  const files: SourceFile[] = [];
  const others: FileOutcome[] = [];
  const seen = new Set<string>();
  for (const file of batch.files) {
    const id = fileId(file);
    if (seen.has(id)) continue;
    seen.add(id);
    const state = known.get(id);
    // A replacement loads files again: their rows are among those that it deletes.
    if (state !== undefined && (batch.replace === undefined || state.batch === batch.batch)) {
      if (state.batch !== batch.batch) others.push(outcomeOf(file, 'already loaded'));
    } else if (!isAsked && new Date(file.at).toISOString() < horizon) others.push(outcomeOf(file, 'too old'));
    else files.push(file);
  }
  return { committed, files, others, isSkipped: own.some(({ state }) => state === 'skipped') };
}

/** @returns undefined if the batch is not committed */
export async function committedBatch(
  open: OpenLoader,
  target: Pick<FoundTarget, 'schema' | 'table'>,
  batch: number,
): Promise<BatchRow | undefined> {
  const name = `tributary batch ${batch} of ${nameOf(open)}`;
  const [rows = []] = await query(open.database, name, [batchQuery(target, batch)], open.signal, open.watch);
  return batchRow(rows);
}

/** What the ledger has of these files, by their identity. */
export async function knownFiles(
  open: OpenLoader,
  target: FoundTarget,
  files: readonly SourceFile[],
): Promise<ReadonlyMap<string, LedgerFile>> {
  const known = new Map<string, LedgerFile>();
  for (const sql of ledgerQueries(target, files)) {
    const name = `tributary ledger of ${nameOf(open)}`;
    const [rows = []] = await query(open.database, name, [sql], open.signal, open.watch);
    for (const file of ledgerFiles(rows)) known.set(fileId(file), file);
  }
  return known;
}

export const outcomeOf = (
  { bucket, key, etag }: SourceFile,
  outcome: FileOutcome['outcome'],
): FileOutcome => ({ bucket, key, etag, outcome });
