/**
 * The CSV that COPY reads. Every field stands in quotes, quotes inside it doubled; NULL alone stands without, as
 * the sentinel that COPY's NULL AS names. Empty fields and empty strings thus never meet, and EMPTYASNULL is
 * never needed. Rows end with a line feed.
 *
 * A quoted field equal to the NULL text is not documented to be spared by COPY, so the sentinel itself never
 * stands in a field: a string equal to it goes where the strings go that VARCHAR cannot hold.
 */

/** NULL in a part file, and COPY's NULL AS. */
export const NULL_TEXT = '~NULL~';

/** Most bytes of UTF-8 in a Redshift VARCHAR. */
export const MAX_VARCHAR_BYTES = 65_535;

/** A field that is not NULL. */
export function quoted(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

/** What a scan over a string found, besides its bytes: see `measure`. */
export const UNPAIRED_SURROGATE = -1;
export const HOLDS_NUL = -2;

/**
 * Bytes of a string's UTF-8; `HOLDS_NUL` where it holds U+0000, which VARCHAR cannot; `UNPAIRED_SURROGATE` where
 * it holds half of a surrogate pair, which has no UTF-8 at all.
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
        // A pair is two units and four bytes.
        const low = text.charCodeAt(i + 1);
        if (c > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return UNPAIRED_SURROGATE;
        i++;
      }
    }
  }
  return nul ? HOLDS_NUL : bytes;
}

/** Lower-case hexadecimal of a string's UTF-8: what VARBYTE loads from CSV. */
export function hexOfText(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex');
}

/**
 * Lower-case hexadecimal of binary that stands as base64, DynamoDB's form of it.
 * @throws Error when the text is not whole base64 with its padding. It does not quote the text.
 */
export function hexOfBase64(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  if (base64.length % 4 !== 0 || bytes.length !== (base64.length / 4) * 3 - padding) {
    throw new Error(`not base64 (${base64.length} characters)`);
  }
  return bytes.toString('hex');
}
