import { datedPrefixes } from '../../pipeline/keys/dated-prefixes.ts';
import { amend } from '../../store/bookmark.ts';
import { wholeListingFile } from '../../store/datasets/dataset-documents.ts';
import { findDocument } from '../../store/document.ts';
import type { OpenDataset } from './open-dataset.ts';

const EVERY_MS = 86_400_000;

/** Whether a run is to list the whole source, not only the folders of `listPrefixes`: once a day, it finds what arrived elsewhere. */
export async function isWholeListingDue(
  { definition, files }: OpenDataset,
  now: Date,
  signal: AbortSignal,
): Promise<boolean> {
  if (definition.source.listPrefixes === undefined) return true;
  const last = await findDocument(wholeListingFile(files), signal);
  return last === undefined || now.getTime() - Date.parse(last.at) >= EVERY_MS;
}

/** Notes that the whole source was listed. */
export async function noteWholeListing(
  { definition, files }: OpenDataset,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  if (definition.source.listPrefixes === undefined) return;
  const at = now.toISOString();
  await amend(
    wholeListingFile(files),
    (before) => (before !== undefined && before.at >= at ? before : { version: 1 as const, at }),
    signal,
  );
}

/** Makes the next run list the whole source if, a day from now, it would not find one of these files otherwise. */
export async function findAgain(
  { definition: { source }, files }: OpenDataset,
  keys: readonly string[],
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const { prefix, listPrefixes, relist } = source;
  if (listPrefixes === undefined) return;
  const [first, last] = [now.getTime() - relist * 1000 + EVERY_MS, now.getTime()];
  const listed = datedPrefixes(prefix, listPrefixes, Math.min(first, last), last);
  if (keys.every((key) => listed.some((each) => key.startsWith(each)))) return;
  await amend(wholeListingFile(files), () => ({ version: 1 as const, at: NEVER }), signal);
}

const NEVER = new Date(0).toISOString();
