import type { Slice } from './copy-rows.ts';

/** How large data files are to be, where the data allow. */
export interface FileSizes {
  /** A file below this is rewritten together with others. */
  readonly smallBytes: number;
  readonly targetBytes: number;
}

const MEBIBYTE = 1024 * 1024;
export const FILE_SIZES: FileSizes = { smallBytes: 64 * MEBIBYTE, targetBytes: 160 * MEBIBYTE };

/**
 * Which of the existing files are rewritten: those that lose a row, and small ones if there is anything to write them
 * together with. Others are copied to the next generation as they are.
 * @param touched indexes of the files that lose a row
 * @returns indexes, ascending
 */
export function filesToRewrite(
  existing: readonly { readonly bytes: number }[],
  touched: ReadonlySet<number>,
  hasNewRows: boolean,
  { smallBytes }: FileSizes,
): number[] {
  const indexes = [...existing.keys()];
  const small = indexes.filter((index) => (existing[index]?.bytes ?? 0) < smallBytes && !touched.has(index));
  const hasCompany = hasNewRows || touched.size > 0 || small.length > 1;
  return indexes.filter((index) => touched.has(index) || (hasCompany && small.includes(index)));
}

/**
 * The rows of the next file: as many as each of those after it gets, so that no file is much smaller than the others.
 * @param first the number of the next row, from 1
 * @param rows how many there are in all
 * @param bytesPerRow what a row is expected to take
 */
export function nextSlice(
  first: number,
  rows: number,
  bytesPerRow: number,
  { targetBytes }: FileSizes,
): Slice {
  const left = rows - first + 1;
  const files = Math.max(1, Math.ceil((left * bytesPerRow) / targetBytes));
  return { first, last: first - 1 + Math.max(1, Math.round(left / files)) };
}
