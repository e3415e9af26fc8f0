import { byteSize, count, counted } from '../../pipeline/text/measures.ts';
import { firstSentences } from '../../pipeline/text/sentences.ts';
import { markdown } from '../failed-parts.ts';
import type { BulkLoadProgress, FoundFiles } from './bulk-load.ts';

/** How a bulk load is doing, as text: for the Web UI's current details, and for the memo. */

const MOST_ERROR_CHARACTERS = 600;

/** `loading: 12 files loaded, 2 batches open`: one line. */
export function bulkLoadLine({ step, found, loaded, parked, earlier, open }: BulkLoadProgress): string {
  switch (step) {
    case 'look':
      return 'looking';
    case 'announce':
      return `announcing: ${counted(found.files, 'file')} found`;
    case 'earlier':
      return earlier.length === 0
        ? 'looking for earlier batches'
        : `waiting for ${counted(earlier.length, 'earlier batch', 'earlier batches')}: ${earlier.slice(0, 10).join(', ')}`;
    case 'load':
    case 'done':
      return [
        `${step === 'done' ? 'done' : 'loading'}: ${counted(loaded.files, 'file')} loaded`,
        ...(open.length > parked.length
          ? [`${counted(open.length - parked.length, 'batch', 'batches')} open`]
          : []),
        ...(parked.length > 0 ? [`${counted(parked.length, 'batch', 'batches')} parked`] : []),
      ].join(', ');
  }
}

/** `12 files, 1.2 MB; 3 loaded before; 1 of no loader` */
export function foundText({
  files,
  bytes,
  alreadyLoaded,
  inBatches,
  unmatched,
  missing,
}: FoundFiles): string {
  return [
    `${counted(files, 'file')}, ${byteSize(bytes)}`,
    ...(alreadyLoaded === 0 ? [] : [`${count(alreadyLoaded)} loaded before`]),
    ...(inBatches === 0 ? [] : [`${count(inBatches)} in batches that are open or parked`]),
    ...(unmatched === 0 ? [] : [`${count(unmatched)} others that are not the loader's`]),
    ...(missing === 0 ? [] : [`${count(missing)} listed that do not exist`]),
  ].join('; ');
}

/** Markdown. */
export function bulkLoadDetails(progress: BulkLoadProgress): string {
  const { loader, from, found, loaded, parked, pagesWaiting } = progress;
  const { batches, files, rows, merged, deleted, setAside } = loaded;
  return [
    `**Load** of ${markdown(from)} by loader ${markdown(loader)}: ${bulkLoadLine(progress)}`,
    '',
    '| | |',
    '|---|---|',
    `| found | ${foundText(found)} |`,
    ...(pagesWaiting === 0 ? [] : [`| waiting | ${counted(pagesWaiting, 'page')} of files |`]),
    `| loaded | ${counted(batches, 'batch', 'batches')}, ${counted(files, 'file')} |`,
    `| rows | ${counted(rows, 'row')} read, ${count(merged)} written, ${count(deleted)} deleted, ${count(setAside)} set aside |`,
    ...(parked.length === 0 ? [] : ['', '**Parked**', '']),
    ...parked
      .slice(0, 10)
      .map(
        ({ batch, error }) => `- batch ${batch}: ${markdown(firstSentences(error, MOST_ERROR_CHARACTERS))}`,
      ),
  ].join('\n');
}
