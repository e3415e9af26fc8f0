import { compareBytes } from '../../sql/identifier.ts';
import type { RawFile } from '../documents.ts';

export interface BatchLimits {
  readonly maxFiles: number;
  /** Of the files as they are stored, compressed. One larger file is a batch of its own. */
  readonly maxBytes: number;
}

/** So many batches are read at once by a few workers, and one that a worker loses is a small part of the run. */
const EVEN_BATCHES = 16;
/** Below that, a batch takes longer to begin than to read. */
const LEAST_BYTES = 64e6;

/**
 * Puts files into batches in the order of their keys, so that a batch has few days and every process plans the same. No batch
 * exceeds the limits, except for one with a single file. Files that would fit into a few batches are divided into more.
 */
export function planBatches(files: readonly RawFile[], { maxFiles, maxBytes }: BatchLimits): RawFile[][] {
  const batches: RawFile[][] = [];
  let current: RawFile[] = [];
  let bytes = 0;
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const target = Math.min(maxBytes, Math.max(LEAST_BYTES, total / EVEN_BATCHES));
  for (const file of files.toSorted((a, b) => compareBytes(a.key, b.key))) {
    if (current.length > 0 && (current.length >= maxFiles || bytes + file.bytes > target)) {
      batches.push(current);
      [current, bytes] = [[], 0];
    }
    current.push(file);
    bytes += file.bytes;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
