/** A byte that can replace another in a text without breaking JSON or XML. */
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number) => byte >= 0x61 && byte <= 0x7a;

/**
 * The same body with one digit or lower-case letter in a JSON string changed. It is still JSON and has the same length,
 * so only a checksum can detect the change. Member names are not changed. A body without such a byte is returned
 * unchanged.
 * @param where in [0, 1): selects one of the bytes that can be changed
 */
export function damageJson(body: Buffer, where: number): Buffer {
  const candidates = valueBytes(body);
  const at = candidates[Math.floor(where * candidates.length)];
  return at === undefined ? body : flipped(body, at);
}

/** The same for bytes of unknown format: any byte may be changed. */
export function damageBytes(body: Buffer, where: number): Buffer {
  return body.length === 0 ? body : flipped(body, Math.floor(where * body.length));
}

function flipped(body: Buffer, at: number): Buffer {
  const damaged = Buffer.from(body);
  const byte = body[at] as number;
  if (isDigit(byte)) damaged[at] = 0x30 + ((byte - 0x30 + 1) % 10);
  else if (isLetter(byte)) damaged[at] = 0x61 + ((byte - 0x61 + 1) % 26);
  else damaged[at] = byte ^ 1;
  return damaged;
}

/** The positions of digits and letters in JSON strings, except in member names and escapes. */
function valueBytes(body: Buffer): number[] {
  const found: number[] = [];
  for (let i = 0; i < body.length; i++) {
    if (body[i] !== 0x22) continue;
    const inString: number[] = [];
    for (i++; i < body.length && body[i] !== 0x22; i++) {
      const byte = body[i] as number;
      if (byte === 0x5c) i += body[i + 1] === 0x75 ? 5 : 1;
      else if (isDigit(byte) || isLetter(byte)) inString.push(i);
    }
    let next = i + 1;
    while (body[next] === 0x20 || body[next] === 0x0a) next++;
    if (body[next] !== 0x3a) for (const at of inString) found.push(at);
  }
  return found;
}
