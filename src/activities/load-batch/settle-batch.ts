import { type LoadBatchResult, NO_COUNTS } from '../../contract/loader/loader.ts';
import { batchDirectory } from '../../pipeline/loader/loader-directory.ts';
import type { BatchClosed, FileOutcome } from '../../pipeline/loader/loader-documents.ts';
import { addressOf, bytesOf, fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import type { BatchRow } from '../../pipeline/merge/batches-table.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { cut } from '../../pipeline/text/sentences.ts';
import { closeBatch } from '../../store/loader/close-batch.ts';
import type { OpenBatch, OpenLoader } from './open-batch.ts';

type Loaded = Extract<BatchClosed, { outcome: 'loaded' }>;
type WithoutTime<Closed> = Closed extends unknown ? Omit<Closed, 'version' | 'at'> : never;

/** Closes a batch as of now. @returns how it ended, which may be otherwise */
export function closeDirectory(
  open: OpenLoader,
  batch: number,
  how: WithoutTime<BatchClosed>,
): Promise<BatchClosed> {
  const closed = { version: 1, at: new Date(open.deps.nowMs()).toISOString(), ...how } as BatchClosed;
  return closeBatch(open, batch, closed, open.signal);
}

/** A column of files that the table did not have. */
export type NewColumn = Loaded['newColumns'][number];

interface LoadedWith {
  readonly others: readonly FileOutcome[];
  readonly newColumns: readonly NewColumn[];
  /** See `BatchClosed`. */
  readonly ahead?: number;
}

/** Outcomes of files that are loaded nevertheless. */
const IS_LOADED: ReadonlySet<FileOutcome['outcome']> = new Set(['read while overwritten', 'empty']);

const NOTHING = { rowsRead: 0, rowsWritten: 0, rowsDeleted: 0, setAside: 0 };

/**
 * Records that a batch is loaded, and closes the batches that it superseded.
 * @param row what its transaction counted; undefined if there was nothing to load
 */
export async function closeLoaded(
  open: OpenBatch,
  row: BatchRow | undefined,
  { others, newColumns, ahead = 0 }: LoadedWith,
): Promise<BatchClosed> {
  const { batch, supersedes = [], files: all } = open.batch;
  const left = new Set(others.filter(({ outcome }) => !IS_LOADED.has(outcome)).map(fileId));
  const files = [...new Map(all.map((file) => [fileId(file), file])).values()].filter(
    (file) => !left.has(fileId(file)),
  );
  for (const earlier of supersedes) await closeDirectory(open, earlier, { outcome: 'superseded', by: batch });
  const { rowsRead, rowsWritten, rowsDeleted, setAside } = row ?? NOTHING;
  return closeDirectory(open, batch, {
    outcome: 'loaded',
    files: files.length,
    bytes: bytesOf(files),
    rows: rowsRead,
    merged: rowsWritten,
    deleted: rowsDeleted,
    setAside,
    others: [...others],
    newColumns: [...newColumns],
    ...(ahead === 0 ? {} : { ahead }),
  });
}

/** The result that a workflow returns for a batch that ended like this. */
export function resultOf(open: OpenLoader, batch: number, closed: BatchClosed): LoadBatchResult {
  const nothing = { batch, ...NO_COUNTS };
  switch (closed.outcome) {
    case 'loaded': {
      const { files, bytes, rows, merged, deleted, setAside } = closed;
      const notes = notesOf(open, batch, closed);
      return {
        ...{ batch, files, bytes, rows, merged, deleted, setAside },
        ...(notes.length === 0 ? {} : { notes }),
      };
    }
    case 'skipped':
      return { ...nothing, notes: [`An operator skipped the batch: none of its files was loaded.`] };
    case 'split':
      return {
        ...nothing,
        notes: [`The batch was split into ${closed.into.join(' and ')}, which load its files.`],
      };
    case 'superseded':
      return { ...nothing, notes: [`Batch ${closed.by} replaced its rows: none of its files was loaded.`] };
  }
}

const MAX_NAMED = 5;
const MAX_NAME = 127;

const MEANS: Readonly<Record<FileOutcome['outcome'], string>> = {
  'already loaded': 'not loaded again: the ledger has them',
  overwritten:
    'overwritten before they were read; what they hold now is another file, with an announcement of its own',
  gone: 'deleted before they were read',
  'read while overwritten':
    'overwritten while they were read: what was loaded may be either version, and the newer one will be loaded too',
  'too old':
    'older than `ledgerDays`, so it is not known whether they were loaded: `tributary load` loads them',
  empty: 'empty, so without a row',
};

/** Programs end their output with an empty object, such as `_SUCCESS`: nothing to look at. */
const isMarker = ({ key, outcome }: FileOutcome) => outcome === 'empty' && /(?:^|\/)[_.][^/]*$/.test(key);

function notesOf(
  { store, at }: OpenLoader,
  batch: number,
  { others, newColumns, setAside, ahead = 0 }: Loaded,
): string[] {
  const noted = others.filter((file) => !isMarker(file));
  const notes = [...Map.groupBy(noted, ({ outcome }) => outcome)].map(
    ([outcome, files]) => `${counted(files.length, 'file')} ${MEANS[outcome]}: ${listed(files)}.`,
  );
  const added = newColumns.filter((column) => column.added).map(({ name }) => name);
  const left = newColumns.filter(({ added, why }) => !added && why === undefined).map(({ name }) => name);
  const unfit = newColumns.flatMap(({ name, why }) =>
    why === undefined ? [] : [`${cut(name, MAX_NAME)} (not added: ${why})`],
  );
  if (added.length > 0) notes.push(`Columns added to the table: ${added.join(', ')}.`);
  if (left.length > 0) {
    notes.push(`Columns of files that the table does not have were left out: ${left.join(', ')}.`);
  }
  if (unfit.length > 0) notes.push(`Columns of files were left out: ${unfit.join(', ')}.`);
  if (setAside > 0) {
    notes.push(
      `${counted(setAside, 'row')} without key or newest set aside: \`tributary loader rejects\` finds their lines in the ` +
        `files of s3://${store.bucket}/${batchDirectory(at, batch)}batch.json.`,
    );
  }
  if (ahead > 0) {
    notes.push(
      `${counted(ahead, 'row')} of the table ${ahead === 1 ? 'is' : 'are'} dated more than a day ahead: until then, no ` +
        'newer row replaces them. Correct them where they come from, and load them with `--replace`.',
    );
  }
  return notes;
}

function listed(files: readonly Pick<SourceFile, 'bucket' | 'key'>[]): string {
  const shown = files.slice(0, MAX_NAMED).map(addressOf);
  return `${shown.join(', ')}${files.length > MAX_NAMED ? ', …' : ''}`;
}
