/**
 * The CSV that COPY reads. Every field is quoted, and quotes inside it are doubled. Only NULL is unquoted: it is
 * the sentinel that COPY's NULL AS names. So NULL and the empty string stay distinct without EMPTYASNULL. Rows
 * end with a line feed.
 *
 * COPY's documentation does not say that a quoted field equal to the NULL text stays a string. So the sentinel is
 * never written as a string: a string equal to it is stored like the strings that VARCHAR cannot hold.
 */

/** NULL in a part file, and COPY's NULL AS. */
export const NULL_TEXT = '~NULL~';

/** The most UTF-8 bytes that a Redshift VARCHAR holds. */
export const MAX_VARCHAR_BYTES = 65_535;

/** A field that is not NULL. */
export function quoted(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

/** What `measure` returns for strings that VARCHAR cannot hold. */
export const UNPAIRED_SURROGATE = -1;
export const HOLDS_NUL = -2;

/**
 * The number of UTF-8 bytes in a string. `HOLDS_NUL` if it contains U+0000, which VARCHAR cannot hold;
 * `UNPAIRED_SURROGATE` if it contains half of a surrogate pair, which has no UTF-8 encoding.
 */
export function measure(text: string): number {
  let bytes = text.length;
  let nul = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) {
      if (c === 0) nul = true;
    } else if (c < 0x800) {
      bytes++;
    } else {
      bytes += 2;
      if (c >= 0xd800 && c <= 0xdfff) {
        // A surrogate pair is two UTF-16 units and four UTF-8 bytes.
        const low = text.charCodeAt(i + 1);
        if (c > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return UNPAIRED_SURROGATE;
        i++;
      }
    }
  }
  return nul ? HOLDS_NUL : bytes;
}

/** A string's UTF-8 as lower-case hexadecimal, the form in which VARBYTE loads from CSV. */
export function hexOfText(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

/**
 * Converts base64, DynamoDB's form of binary, to lower-case hexadecimal.
 * @throws Error when the text is not complete base64 with its padding. The message does not quote the text.
 */
export function hexOfBase64(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  if (base64.length % 4 !== 0 || bytes.length !== (base64.length / 4) * 3 - padding) {
    throw new Error(`not base64 (${base64.length} characters)`);
  }
  return bytes.toString('hex');
}
