import type { BulkLoadResult } from '../../contract/loader/bulk-load.ts';
import { foundText } from '../../contract/loader/bulk-load-details.ts';
import { byteSize, count, counted } from '../../pipeline/text/measures.ts';
import { firstSentences, onOneLine } from '../../pipeline/text/sentences.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';

const MOST_ERROR_CHARACTERS = 300;

/** What a load did, and what to do next. */
export function loadLines(loader: string, result: BulkLoadResult): string[] {
  const { from, found, loaded, parked, leftOut, dryRun, replace } = result;
  const { toLoad, alreadyLoaded, unmatched, missing } = found.examples;
  const typed = (words: string) => `${TRIBUTARY} ${words}${WITH_CONFIG}`;
  return [
    `${from}: ${foundText(found)}`,
    ...(dryRun && replace === undefined
      ? [`  would load ${counted(found.files - found.alreadyLoaded - found.inBatches, 'file')}`]
      : []),
    ...(dryRun && replace !== undefined
      ? [`  would replace the rows where ${replace} by those of ${counted(found.files, 'file')}`]
      : []),
    ...named('to load', dryRun ? toLoad : []),
    ...named('loaded before', replace === undefined ? alreadyLoaded : []),
    ...named('not of this loader', unmatched),
    ...named('not there', missing),
    ...(dryRun
      ? []
      : [
          `  loaded ${counted(loaded.files, 'file')}, ${byteSize(loaded.bytes)}, in ${counted(loaded.batches, 'batch', 'batches')}: ` +
            `${counted(loaded.rows, 'row')} read, ${count(loaded.merged)} written, ${count(loaded.deleted)} deleted, ${count(loaded.setAside)} set aside`,
        ]),
    ...(leftOut.length === 0 ? [] : [`  skipped or superseded: ${batches(leftOut)}`]),
    ...parked.flatMap(({ batch, error }) => [
      `✗ batch ${batch} is parked: ${firstSentences(onOneLine(error), MOST_ERROR_CHARACTERS)}`,
      `  once its cause is fixed: ${typed(`loader retry ${loader} ${batch}`)}`,
    ]),
  ];
}

const named = (what: string, keys: readonly string[]): string[] =>
  keys.length === 0 ? [] : [`  ${what}: ${keys.join(', ')}`];

const batches = (numbers: readonly number[]) =>
  `${numbers.length === 1 ? 'batch' : 'batches'} ${numbers.slice(0, 10).join(', ')}${numbers.length > 10 ? ', …' : ''}`;
