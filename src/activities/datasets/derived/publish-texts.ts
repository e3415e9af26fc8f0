import { createHash } from 'node:crypto';
import { Transient } from '../../../clients/errors.ts';
import { textsDirectory } from '../../../pipeline/datasets/dataset-directory.ts';
import { nameOfValue, type TextFile, type Texts } from '../../../pipeline/datasets/text-files.ts';
import { bareEtag } from '../../../pipeline/loader/source-file.ts';
import type { DatasetFiles } from '../../../store/datasets/dataset-documents.ts';
import {
  areListed,
  findTextIndex,
  listedTexts,
  putTextIndex,
  type TextGeneration,
} from '../../../store/datasets/text-files.ts';
import { forEachLimited } from '../../../store/for-each-limited.ts';
import { noteWholeTexts } from './graph-state.ts';
import { type MadeTexts, openTexts } from './made-texts.ts';

const PUTS_AT_ONCE = 24;
/** Of the files that are put at once: they are in memory. */
const MOST_HELD_BYTES = 256 * 1024 ** 2;

interface CurrentTexts extends TextGeneration {
  /** All of its files were there when the build began: that they still are is seen in the end. */
  readonly isWhole: boolean;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * Puts the text files that are not there yet, then their index. Files of the current generation are used again, if their content is the
 * same: nothing deletes them while the pointer names them, and if it does not any more, this generation is not published. No other file
 * is: pruning may be about to delete it.
 */
export async function putTexts(
  files: DatasetFiles,
  next: TextGeneration,
  current: CurrentTexts | undefined,
  made: MadeTexts,
  signal: AbortSignal,
): Promise<Texts> {
  const { store, at } = files;
  const { partition, id } = next;
  const known = new Map((await reusable(files, current, signal)).map((entry) => [idOf(entry), entry]));
  const entries = new Array<TextFile>(made.files.length);
  const bodies = await openTexts(made);
  try {
    await forEachLimited(
      made.files.entries(),
      putsAtOnce(made.files),
      async ([index, file], each) => {
        const there = known.get(idOf(file));
        if (there !== undefined) {
          entries[index] = there;
          return;
        }
        const folder = made.filePer === undefined ? '' : `${nameOfValue(file.value, sha256)}/`;
        const name = `${folder}${file.sha256.slice(0, 32)}-${id}.tsv`;
        const body = await bodies.body(file);
        const etag = bareEtag(
          await store.put(textsDirectory(at, partition) + name, body, { signal: each, ...TSV }),
        );
        entries[index] = {
          ...(file.value === undefined ? {} : { value: file.value }),
          ...{ name, etag, bytes: body.byteLength, rows: file.rows, sha256: file.sha256 },
        };
      },
      signal,
    );
  } finally {
    await bodies.close();
  }
  const listed = await listedTexts(files, partition, signal);
  if (!areListed(entries, listed))
    throw new Transient(
      'WriteConflict',
      `A file in s3://${store.bucket}/${textsDirectory(at, partition)} is not as it was written. The generation is given up, and another one built.`,
    );
  noteWholeTexts(files, partition, id, listed);
  return {
    ...{
      sha256: made.sha256,
      files: entries.length,
      bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    ...(made.filePer === undefined ? {} : { filePer: made.filePer }),
    header: made.header !== '',
    index: await putTextIndex(files, next, entries, signal),
  };
}

/** One that is larger than all that may be held is put alone. */
export function putsAtOnce(files: readonly { readonly bytes: number }[]): number {
  const largest = files.reduce((most, { bytes }) => Math.max(most, bytes), 1);
  return Math.max(1, Math.min(PUTS_AT_ONCE, Math.floor(MOST_HELD_BYTES / largest)));
}

/** The files of the current generation that are there. */
async function reusable(
  files: DatasetFiles,
  current: CurrentTexts | undefined,
  signal: AbortSignal,
): Promise<readonly TextFile[]> {
  if (current === undefined) return [];
  const entries = (await findTextIndex(files, current, signal)) ?? [];
  if (current.isWhole) return entries;
  const listed = await listedTexts(files, current.partition, signal);
  return entries.filter((entry) => areListed([entry], listed));
}

const TSV = { contentType: 'text/tab-separated-values; charset=utf-8' } as const;

const idOf = ({ value, sha256: hash }: { readonly value?: string | undefined; readonly sha256: string }) =>
  JSON.stringify([value ?? null, hash]);
