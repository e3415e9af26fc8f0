/**
 * The first sequence of bytes (latin1 text) that is not a UTF-8 character for a VARCHAR, with AWS's number for it in
 * "Multibyte character load errors", or nothing. UTF-16 surrogates and NUL are not allowed.
 */
export function badUtf8(text: string): { at: number; length: number; error: number } | undefined {
  for (let at = 0; at < text.length; ) {
    const lead = text.charCodeAt(at);
    if (lead !== 0 && lead < 0x80) {
      at++;
      continue;
    }
    const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead === 0) return { at, length: 1, error: 1 };
    if (lead >= 0xf8 && lead < 0xfe) return { at, length: 1, error: 1 };
    if (lead < 0xc0 || lead >= 0xfe) return { at, length: 1, error: 3 };
    if (at + length > text.length) return { at, length: text.length - at, error: 2 };
    let codePoint = lead & (0xff >> (length + 1));
    for (let i = 1; i < length; i++) {
      const next = text.charCodeAt(at + i);
      if (next < 0x80 || next > 0xbf) return { at, length: i + 1, error: 4 };
      codePoint = codePoint * 64 + (next & 0x3f);
    }
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) return { at, length, error: 5 };
    if (codePoint > 0x10ffff) return { at, length, error: 6 };
    if (codePoint < [0, 0, 0x80, 0x800, 0x10000][length]!) return { at, length, error: 7 };
    at += length;
  }
  return undefined;
}

/**
 * ACCEPTINVCHARS: every byte outside a valid character becomes the replacement, so the length stays the same. The
 * extent of an invalid character is not documented; here one byte is replaced, and reading continues after it.
 */
export function replaceBadUtf8(text: string, replacement: string): string {
  let kept = '';
  let rest = text;
  for (let bad = badUtf8(rest); bad !== undefined; bad = badUtf8(rest)) {
    kept += rest.slice(0, bad.at) + replacement;
    rest = rest.slice(bad.at + 1);
  }
  return kept + rest;
}
