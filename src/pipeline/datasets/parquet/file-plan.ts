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
 * Slices of nearly equal numbers of rows, so that no file is much smaller than the others.
 * @param bytes what all rows are expected to take
 */
export function slicesOf(rows: number, bytes: number, { targetBytes }: FileSizes): Slice[] {
  if (rows === 0) return [];
  const files = Math.min(rows, Math.max(1, Math.ceil(bytes / targetBytes)));
  const firstOf = (file: number) => Math.floor((rows * file) / files) + 1;
  return Array.from({ length: files }, (_, file) => ({ first: firstOf(file), last: firstOf(file + 1) - 1 }));
}
