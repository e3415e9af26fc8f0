import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { textsDirectory } from '../../src/pipeline/datasets/dataset-directory.ts';
import { type DatasetFiles, pointer } from '../../src/store/datasets/dataset-documents.ts';
import { findTextIndex, listedTexts } from '../../src/store/datasets/text-files.ts';
import { findDocument } from '../../src/store/document.ts';
import { type Correction, Ledger, MONTH } from './ledger.ts';
import type { DatasetWrites } from './written-partitions.ts';

const PARTITION = `month=${MONTH}`;
/** Statements whose bytes are read; of the others, the ETag is the MD5 of the bytes. */
const READ = 50;

/**
 * Compares every statement that is published with the generator's text: by S3's own MD5 of what it stores.
 * @returns how many there are
 */
export async function assertStatements(files: DatasetFiles, ledger: Ledger): Promise<number> {
  const { signal } = new AbortController();
  const current = await findDocument(pointer(files, PARTITION), signal);
  if (current === undefined) throw new Error('No statements are published.');
  const index = await findTextIndex(files, { partition: PARTITION, ...current }, signal);
  const named = new Map((index ?? []).map(({ value = '', name }) => [value, name]));
  const listed = await listedTexts(files, PARTITION, signal);
  let count = 0;
  for (const { account, text } of ledger.statements()) {
    const name = named.get(`${account}`) ?? '';
    const found = listed.get(name);
    const isRead = count++ < READ;
    const stored = isRead
      ? (await files.store.get(textsDirectory(files.at, PARTITION) + name))?.body
      : undefined;
    const isEqual = isRead
      ? stored !== undefined && Buffer.from(stored).toString('utf8') === text
      : found?.etag === createHash('md5').update(text).digest('hex');
    if (!isEqual)
      throw new Error(
        `The statement of account ${account}, ${name}, is not what the transactions add up to:\n${text}`,
      );
  }
  if (named.size !== count)
    throw new Error(`${named.size} accounts have statements: ${count} have transactions.`);
  return count;
}

type Writes = ReadonlyMap<string, DatasetWrites>;

/** Whether a run from nothing wrote each partition, and each statement once. */
export function assertFirst(writes: Writes, days: number, statements: number): void {
  const daily = Array.from({ length: days }, (_, day) => `day=${Ledger.dayAt(day)}`);
  assertWritten(writes, { days: daily, statements });
}

/** Whether a run after a correction wrote one day, one month, and the statements that changed, each once. */
export function assertCorrection(writes: Writes, { day, accounts }: Correction): void {
  assertWritten(writes, { days: [`day=${day}`], statements: accounts.length });
  const found = (writes.get('statements')?.texts ?? []).map(Number).toSorted((a, b) => a - b);
  const wanted = accounts.toSorted((a, b) => a - b);
  if (!isDeepStrictEqual(found, wanted))
    throw new Error(
      `Statements of the accounts ${found.join(', ')} were written, not of ${wanted.join(', ')}.`,
    );
}

function assertWritten(
  writes: Writes,
  { days, statements }: { readonly days: readonly string[]; readonly statements: number },
): void {
  const wanted = {
    transactions: days,
    daily_stats: days,
    monthly_stats: [PARTITION],
    statements: [PARTITION],
  };
  for (const [dataset, partitions] of Object.entries(wanted)) {
    const found = writes.get(dataset)?.partitions ?? [];
    if (!isDeepStrictEqual(found, partitions))
      throw new Error(
        `Of ${dataset}, ${found.join(', ') || 'nothing'} was written, not ${partitions.join(', ')}.`,
      );
  }
  const texts = writes.get('statements')?.texts.length;
  if (texts !== statements)
    throw new Error(`${texts} statements were put: ${statements} were to be written.`);
}
