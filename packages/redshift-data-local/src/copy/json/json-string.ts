/** The end of the JSON string that begins at `start`, after its last quotation mark. */
export function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

const ESCAPE = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\./g;
const LETTERS: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * The text of a JSON string in its quotes, both as latin1, one character per byte of UTF-8. Half of a surrogate pair
 * becomes the three bytes that no UTF-8 has, so that it is refused, or replaced, like any other byte that is not UTF-8.
 */
export function jsonString(written: string): string {
  const text = written.slice(1, -1);
  return text.includes('\\') ? text.replace(ESCAPE, unescaped) : text;
}

function unescaped(written: string): string {
  if (written.length === 2) return LETTERS[written[1]!] ?? written[1]!;
  const units = written.split('\\u').slice(1);
  const codes = units.map((unit) => Number.parseInt(unit, 16));
  const [code] = codes as [number];
  if (codes.length === 1 && code >= 0xd800 && code <= 0xdfff)
    return String.fromCharCode(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  return Buffer.from(String.fromCharCode(...codes), 'utf8').toString('latin1');
}
