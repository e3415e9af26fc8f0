import { compareBytes } from '../../sql/identifier.ts';
import type { RawFile } from '../documents.ts';

export interface BatchLimits {
  readonly maxFiles: number;
  /** Of the files as they are stored, compressed. One larger file is a batch of its own. */
  readonly maxBytes: number;
}

/**
 * Puts files into batches in the order of their keys, so that a batch has few days and every process plans the same. No batch
 * exceeds the limits, except for one with a single file.
 */
export function planBatches(files: readonly RawFile[], { maxFiles, maxBytes }: BatchLimits): RawFile[][] {
  const batches: RawFile[][] = [];
  let current: RawFile[] = [];
  let bytes = 0;
  for (const file of files.toSorted((a, b) => compareBytes(a.key, b.key))) {
    if (current.length > 0 && (current.length >= maxFiles || bytes + file.bytes > maxBytes)) {
      batches.push(current);
      [current, bytes] = [[], 0];
    }
    current.push(file);
    bytes += file.bytes;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
