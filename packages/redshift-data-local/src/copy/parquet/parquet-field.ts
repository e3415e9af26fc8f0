import { isUtf8 } from 'node:buffer';
import { NUL } from '../byte.ts';
import type { TargetColumn } from '../target-column.ts';
import { FieldError } from '../values/field-error.ts';
import { superField } from '../values/super-field.ts';
import { badUtf8, replaceBadUtf8 } from '../values/utf8-check.ts';
import { decimalText, type Unscaled } from './decimal-text.ts';
import { parquetJson } from './parquet-json.ts';
import type { ParquetNode } from './parquet-schema.ts';
import { dateText, microseconds, timestampText } from './parquet-time.ts';

/**
 * A stored value as PostgreSQL reads it (latin1), or null for NULL. The types of the two columns must agree.
 * @param replaceInvalid ACCEPTINVCHARS
 * @throws FieldError, with a message in Redshift's words where they are known
 */
export function parquetField(
  value: unknown,
  node: ParquetNode,
  column: TargetColumn,
  replaceInvalid: string | undefined,
): string | null {
  if (value === null || value === undefined) return null;
  const { type } = node;
  if (column.kind === 'super') {
    const json = parquetJson(value, node);
    superField(json);
    return Buffer.from(json, 'utf8').toString('latin1');
  }
  switch (type.kind) {
    case 'boolean':
      return (value as boolean) ? 't' : 'f';
    case 'decimal':
      return decimalText(value as Unscaled, type.scale);
    case 'date':
      return inRange(dateText(BigInt(value as number)));
    case 'timestamp': {
      const text = inRange(timestampText(microseconds(BigInt(value as bigint), type.unit)));
      return column.kind === 'timestamptz' ? `${text}+00` : text;
    }
    case 'text':
    case 'bytes':
      return ofBytes(value as Uint8Array, column, replaceInvalid);
    case 'integer':
    case 'float':
    case 'double':
      return String(value as number | bigint);
    case 'struct':
    case 'list':
    case 'map':
    case 'other':
      throw new FieldError(1223, `The data column ${column.name} has a type that no column takes`);
  }
}

function inRange(time: string | undefined): string {
  if (time === undefined) throw new FieldError(1206, 'The date or time is not of the years 1 to 9999');
  return time;
}

function ofBytes(value: Uint8Array, column: TargetColumn, replaceInvalid: string | undefined): string {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (bytes.length > column.maxBytes) {
    throw new FieldError(
      1204,
      `The length of the data column ${column.name} is longer than the length defined in the table. Table: ${column.maxBytes}, Data: ${bytes.length}`,
    );
  }
  if (column.kind === 'varbyte') return `\\x${bytes.toString('hex')}`;
  let text = bytes.toString('latin1');
  if (column.kind === 'char' && /[\x80-\xff]/.test(text))
    throw new FieldError(
      1220,
      `The data column ${column.name} has a multibyte character, which CHAR does not hold`,
    );
  // Most texts, and what follows is much slower.
  if (isUtf8(bytes) && !bytes.includes(NUL)) return text;
  if (replaceInvalid !== undefined && column.kind === 'varchar') text = replaceBadUtf8(text, replaceInvalid);
  const bad = badUtf8(text);
  if (bad !== undefined) {
    const hex = Buffer.from(text.slice(bad.at, bad.at + bad.length), 'latin1').toString('hex');
    throw new FieldError(
      1220,
      `The data column ${column.name} contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ${hex} (error ${bad.error})`,
    );
  }
  return text;
}
