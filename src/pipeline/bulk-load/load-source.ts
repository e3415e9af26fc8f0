import { compareBytes } from '../sql/identifier.ts';

/** What a bulk load reads: a prefix in S3, or a manifest that lists files. */
export interface LoadSource {
  readonly kind: 'prefix' | 'manifest';
  readonly bucket: string;
  /** The prefix, or the manifest's key. */
  readonly key: string;
}

/** An address in S3. Undefined if the text is none. */
export function s3Address(text: string): { readonly bucket: string; readonly key: string } | undefined {
  const parts = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.*)$/su.exec(text);
  return parts === null ? undefined : { bucket: parts[1]!, key: parts[2]! };
}

/**
 * Reads the address of a load. A key that ends in `manifest` or `manifest.json` is a manifest, as COPY takes it and UNLOAD
 * writes it; everything else is a prefix. A whole bucket is refused, because that is rarely meant.
 */
export function loadSource(from: string): LoadSource | undefined {
  const address = s3Address(from);
  if (address === undefined || address.key === '') return undefined;
  return { kind: /manifest(?:\.json)?$/.test(address.key) ? 'manifest' : 'prefix', ...address };
}

/**
 * The folder that all these keys are in, with its slash: files of it that wait or are parked are about the same data. Empty
 * if they share none.
 */
export function commonFolder(keys: readonly string[]): string {
  if (keys.length === 0) return '';
  const sorted = keys.toSorted(compareBytes);
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return first.slice(0, first.lastIndexOf('/', length - 1) + 1);
}
