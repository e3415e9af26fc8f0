import { isUtf8 } from 'node:buffer';
import type { TypeKind } from '../sql/type-name.ts';
import type { CopyText } from './copy-text.ts';

const ZERO = 0x30;
const NINE = 0x39;

/**
 * Writes a field whose bytes are clearly a value of the type, and returns true. Otherwise it discards the
 * field, returns false, and `loadField` decides. It never accepts what `loadField` would refuse or change. It only
 * avoids strings for the millions of ordinary fields.
 */
export type PlainField = (
  out: CopyText,
  bytes: Buffer,
  start: number,
  end: number,
  doubled: number,
) => boolean;

/** The plain case of a type, for COPYs whose options do not change how text is read. */
export function plainField(
  column: { kind: TypeKind; maxBytes: number; precision: number; scale: number },
  quote: number,
): PlainField {
  switch (column.kind) {
    case 'smallint':
      return plainInteger(4);
    case 'integer':
      return plainInteger(9);
    case 'bigint':
      return plainInteger(18);
    case 'varchar':
      return plainText(column.maxBytes, quote, true);
    case 'char':
      return plainText(column.maxBytes, quote, false);
    case 'numeric':
      return plainDecimal(column.precision - column.scale, column.scale);
    case 'timestamp':
    case 'timestamptz':
      return plainTimestamp;
    case 'real':
    case 'double':
    case 'boolean':
    case 'date':
    case 'varbyte':
    case 'super':
      return () => false;
    default:
      throw new Error(`no such type: ${String(column.kind satisfies never)}`);
  }
}

function plainInteger(maxDigits: number): PlainField {
  return (out, bytes, start, end) => {
    const from = bytes[start] === 0x2d ? start + 1 : start;
    if (end === from || end - from > maxDigits) return false;
    for (let at = from; at < end; at++) if (bytes[at]! < ZERO || bytes[at]! > NINE) return false;
    out.plain(bytes, start, end);
    return true;
  };
}

function plainDecimal(maxWhole: number, maxFraction: number): PlainField {
  return (out, bytes, start, end) => {
    const from = bytes[start] === 0x2d ? start + 1 : start;
    let point = end;
    for (let at = from; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === 0x2e && point === end) point = at;
      else if (byte < ZERO || byte > NINE) return false;
    }
    if (point === from || point - from > maxWhole || end - point - 1 > maxFraction || point + 1 === end)
      return false;
    out.plain(bytes, start, end);
    return true;
  };
}

function plainText(maxBytes: number, quote: number, multibyte: boolean): PlainField {
  return (out, bytes, start, end, doubled) => {
    if (end - start - doubled > maxBytes) return false;
    const before = out.length;
    const met = out.text(bytes, start, end, quote, doubled > 0);
    if (met === 0 || (met === 1 && multibyte && isUtf8(bytes.subarray(start, end)))) return true;
    out.cutTo(before);
    return false;
  };
}

/** `2019-02-11 05:09:12[.ffffff]` with a day that every month has. */
const plainTimestamp: PlainField = (out, bytes, start, end) => {
  const length = end - start;
  if (length < 19 || length > 26 || length === 20) return false;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d || bytes[start + 10] !== 0x20) return false;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return false;
  if (length > 19 && bytes[start + 19] !== 0x2e) return false;
  for (let i = 0; i < length; i++) {
    if (i === 4 || i === 7 || i === 10 || i === 13 || i === 16 || i === 19) continue;
    const byte = bytes[start + i]!;
    if (byte < ZERO || byte > NINE) return false;
  }
  const two = (at: number) => (bytes[start + at]! - ZERO) * 10 + bytes[start + at + 1]! - ZERO;
  const [month, day] = [two(5), two(8)];
  if (bytes[start] === ZERO || month < 1 || month > 12 || day < 1 || day > 28) return false;
  if (two(11) > 23 || two(14) > 59 || two(17) > 59) return false;
  out.plain(bytes, start, end);
  return true;
};
