import { z } from 'zod';

/** The text files of a partition: one per value of a column, or one for all rows. */

const count = z.number().int().nonnegative();

/** One line of a generation's index. */
export const TextFile = z.object({
  /** The value of the column, as the text has it; absent if the value is NULL, and if there is one file for all rows. */
  value: z.string().optional(),
  /** Below the folder of the partition's text files. */
  name: z.string(),
  /** Without quotes. */
  etag: z.string(),
  bytes: count,
  /** Without the header. */
  rows: count,
  sha256: z.string(),
});
export type TextFile = z.infer<typeof TextFile>;

/** What a generation has as text. The files are in its index, because there may be many. */
export const Texts = z.object({
  /** Of the file; with a file per value, of the index without names and ETags. */
  sha256: z.string(),
  files: count,
  bytes: count,
  /** The column whose values have files of their own. */
  filePer: z.string().optional(),
  header: z.boolean(),
  index: z.object({ etag: z.string(), bytes: count }),
});
export type Texts = z.infer<typeof Texts>;

const MOST_VALUE_BYTES = 180;

/**
 * A value as a part of a key: what is not a letter, digit, `_`, `-` or a dot within is percent-encoded, so that no value can leave its
 * folder or be taken for something else, and different values have different names. `%` and a word are for what has no text.
 * @param hash of the value's bytes, for one that is too long: its name is then cut off
 */
export function nameOfValue(value: string | undefined, hash: (text: string) => string): string {
  if (value === undefined) return '%null';
  if (value === '') return '%empty';
  const encoded = [...new TextEncoder().encode(value)].map((byte, index) => {
    const character = String.fromCharCode(byte);
    const isPlain = /[A-Za-z0-9_-]/.test(character) || (character === '.' && index > 0);
    return isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  if (encoded.join('').length <= MOST_VALUE_BYTES) return encoded.join('');
  let start = '';
  for (const part of encoded) {
    if (start.length + part.length > MOST_VALUE_BYTES - 70) break;
    start += part;
  }
  return `${start}%~${hash(value)}`;
}
