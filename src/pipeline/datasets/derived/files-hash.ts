import { createHash } from 'node:crypto';

/** A hash of what a generation's files are, in any order: it shows if one is missing, changed or added. */
export function filesHash(
  files: readonly { readonly key: string; readonly etag: string; readonly bytes: number }[],
): string {
  const lines = files.map(({ key, etag, bytes }) => `${etag} ${bytes} ${key}\n`).toSorted();
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 32);
}
