import { createHash } from 'node:crypto';
import { RedshiftError } from './unsupported.ts';

/** Redshift's identifiers hold 127 bytes (AWS: "Names and identifiers"); longer ones are cut. */
const MAX_IDENTIFIER_BYTES = 127;
/** PostgreSQL's hold 63 (NAMEDATALEN 64). */
const MAX_PHYSICAL_BYTES = 63;

/**
 * The name an identifier has in PostgreSQL. Names of up to 63 bytes stay unchanged; a longer one becomes its
 * first 43 bytes and a hash of the whole, the same everywhere, so that table names, aliases and
 * columns need no lookup. The long names are recorded (see `seenLongNames`) and shown in every result.
 */
export function physicalName(name: string): string {
  if (Buffer.byteLength(name) <= MAX_PHYSICAL_BYTES) return name;
  const head = cutToBytes(name, 43);
  return `${head}~${createHash('sha256').update(name).digest('hex').slice(0, 18)}`;
}

/** Cuts to at most `maxBytes` of UTF-8 without splitting a character. */
function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}

/** Records the long names of a statement, and writes identifiers and literals as PostgreSQL expects them. */
export class Names {
  readonly seenLongNames = new Map<string, string>();

  /** The quoted physical name. An identifier beyond 127 bytes is refused; Redshift cuts it silently. */
  quote(name: string): string {
    if (Buffer.byteLength(name) > MAX_IDENTIFIER_BYTES) {
      throw new RedshiftError(
        `identifier "${name}" is longer than ${MAX_IDENTIFIER_BYTES} bytes and would be truncated`,
        '42622',
      );
    }
    const physical = physicalName(name);
    if (physical !== name) this.seenLongNames.set(physical, name);
    return quoteIdentifier(physical);
  }
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A PostgreSQL literal (standard_conforming_strings is on). */
export function quoteLiteral(text: string): string {
  if (text.includes('\0'))
    throw new RedshiftError('invalid byte sequence for encoding "UTF8": 0x00', '22021');
  return `'${text.replaceAll("'", "''")}'`;
}
