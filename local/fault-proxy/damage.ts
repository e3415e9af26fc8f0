/** A byte that can stand for another inside of text: JSON and XML stay what they are. */
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const isLetter = (byte: number) => byte >= 0x61 && byte <= 0x7a;

/**
 * The same body with one digit or lower-case letter inside of a JSON string changed: still JSON, still of the
 * same length, so that only a checksum can tell. Member names are left alone. Bodies without such a byte come
 * back unchanged.
 * @param where in [0, 1): which of the bytes that can be changed
 */
export function damageJson(body: Buffer, where: number): Buffer {
  const candidates = valueBytes(body);
  const at = candidates[Math.floor(where * candidates.length)];
  return at === undefined ? body : flipped(body, at);
}

/** The same for bytes of no known form: any one of them. */
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

/** Where the digits and letters of JSON strings stand that are no member names and no part of an escape. */
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
