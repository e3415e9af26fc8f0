import type { TypeKind } from '../../sql/type-name.ts';
import type { TargetColumn } from '../target-column.ts';
import { type DateTimeReading, readDate, readTimestamp } from './date-time.ts';
import { FieldError } from './field-error.ts';
import { superField } from './super-field.ts';
import { badUtf8, replaceBadUtf8 } from './utf8-check.ts';

/** The options of a COPY that determine how a field becomes a value (AWS: "Data conversion parameters"). */
export interface FieldOptions {
  nullAs: string;
  emptyAsNull: boolean;
  blanksAsNull: boolean;
  trimBlanks: boolean;
  truncateColumns: boolean;
  roundDecimals: boolean;
  /** ACCEPTINVCHARS: the ASCII character that replaces bytes that are not UTF-8. */
  replaceInvalid?: string;
  acceptAnyDate: boolean;
  dateFormat: DateTimeReading;
  timeFormat: DateTimeReading;
}

export const DEFAULT_FIELD_OPTIONS: FieldOptions = {
  nullAs: '\\N',
  emptyAsNull: false,
  blanksAsNull: false,
  trimBlanks: false,
  truncateColumns: false,
  roundDecimals: false,
  acceptAnyDate: false,
  dateFormat: 'default',
  timeFormat: 'default',
};

/**
 * Checks one field as Redshift does and returns it as PostgreSQL reads it, or null for NULL. The text is latin1
 * (one character per byte). @throws FieldError.
 *
 * The NULL string is NULL even in quotes: no page says otherwise. An empty or blank field is text for CHAR and
 * VARCHAR, unless EMPTYASNULL or BLANKSASNULL is given, and NULL for every other type.
 */
export function loadField(text: string, column: TargetColumn, options: FieldOptions): string | null {
  return text === options.nullAs ? null : loadValue(text, column, options);
}

/** `loadField` for a format that has another way to write NULL than the NULL string. @throws FieldError */
export function loadValue(text: string, column: TargetColumn, options: FieldOptions): string | null {
  const isText = column.kind === 'varchar' || column.kind === 'char';
  if (text === '' && (!isText || options.emptyAsNull)) return null;
  if (isBlank(text) && text !== '' && (!isText || options.blanksAsNull)) return null;
  switch (column.kind) {
    case 'varchar':
      return varchar(text, column.maxBytes, options);
    case 'char':
      return char(text, column.maxBytes, options);
    case 'smallint':
      return integer(text, column, -32_768n, 32_767n);
    case 'integer':
      return integer(text, column, -2_147_483_648n, 2_147_483_647n);
    case 'bigint':
      return integer(text, column, -(2n ** 63n), 2n ** 63n - 1n);
    case 'numeric':
      return decimal(text, column, options.roundDecimals);
    case 'real':
    case 'double':
      return float(text, column.kind);
    case 'boolean':
      return boolean(text);
    case 'date':
      return date(text, options);
    case 'timestamp':
    case 'timestamptz':
      return timestamp(text, column.kind, options);
    case 'varbyte':
      return varbyte(text, column.maxBytes);
    case 'super':
      checkUtf8(text);
      superField(Buffer.from(text, 'latin1').toString('utf8'));
      return text;
    default:
      throw new FieldError(1200, `Unknown type ${column.display satisfies string}`);
  }
}

const isBlank = (text: string) => /^[ \t\n\v\f\r]*$/.test(text);

function checkUtf8(text: string): void {
  const bad = badUtf8(text);
  if (bad === undefined) return;
  const hex = Buffer.from(text.slice(bad.at, bad.at + bad.length), 'latin1').toString('hex');
  throw new FieldError(
    1220,
    `String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ${hex} (error ${bad.error})`,
    bad.at,
  );
}

function varchar(written: string, maxBytes: number, options: FieldOptions): string {
  let text = written;
  if (options.replaceInvalid !== undefined) text = replaceBadUtf8(text, options.replaceInvalid);
  if (options.trimBlanks) text = text.replace(/ +$/, '');
  if (text.length > maxBytes) {
    // Cutting blanks that do not fit loses nothing (AWS: "Significance of trailing blanks").
    if (options.truncateColumns || /^ +$/.test(text.slice(maxBytes))) text = cutToBytes(text, maxBytes);
    else throw new FieldError(1204, 'String length exceeds DDL length');
  }
  checkUtf8(text);
  return text;
}

/** Cuts latin1 bytes of UTF-8 without splitting a character. */
function cutToBytes(text: string, maxBytes: number): string {
  let end = maxBytes;
  while (end > 0 && (text.charCodeAt(end) & 0xc0) === 0x80) end--;
  return text.slice(0, end);
}

function char(written: string, maxBytes: number, options: FieldOptions): string {
  let text = written;
  const multibyte = /[\x80-\xff]+/.exec(text);
  if (multibyte !== null) {
    const hex = Buffer.from(multibyte[0], 'latin1').toString('hex');
    throw new FieldError(
      1220,
      `Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: ${hex}`,
    );
  }
  if (text.length > maxBytes) {
    if (options.truncateColumns || /^ +$/.test(text.slice(maxBytes))) text = text.slice(0, maxBytes);
    else throw new FieldError(1204, 'Char length exceeds DDL length');
  }
  checkUtf8(text);
  return text;
}

const TYPE_WORDS: Partial<Record<TypeKind, string>> = {
  smallint: 'Short',
  integer: 'Integer',
  bigint: 'Long',
  numeric: 'Decimal',
};

function invalidDigit(text: string, kind: TypeKind): FieldError {
  const position = /^\s*[+-]?\d*/.exec(text)![0].length;
  const value = text[position] ?? '';
  return new FieldError(
    1207,
    `Invalid digit, Value '${value}', Pos ${position}, Type: ${TYPE_WORDS[kind] ?? kind}`,
    position,
  );
}

function integer(text: string, column: TargetColumn, min: bigint, max: bigint): string {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) throw invalidDigit(text, column.kind);
  if (trimmed.length > 4) {
    const value = BigInt(trimmed.replace(/^\+/, ''));
    if (value < min || value > max) throw new FieldError(1204, `Overflow for ${column.display}: ${trimmed}`);
  }
  return trimmed;
}

/** Digits beyond the scale are cut off, or rounded half away from zero with ROUNDEC. */
function decimal(text: string, column: TargetColumn, round: boolean): string {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/.exec(text);
  if (!match || (match[2] === '' && (match[3] ?? '') === '')) throw invalidDigit(text, 'numeric');
  const written = match[3] ?? '';
  let whole = match[2]!.replace(/^0+/, '');
  let fraction = written.slice(0, column.scale);
  if (round && written.length > column.scale && written[column.scale]! >= '5') {
    const digits = String(BigInt(`${whole}${fraction}` || '0') + 1n).padStart(column.scale, '0');
    whole = digits.slice(0, digits.length - column.scale).replace(/^0+/, '');
    fraction = column.scale === 0 ? '' : digits.slice(-column.scale);
  }
  if (whole.length > column.precision - column.scale) {
    throw new FieldError(1204, `Numeric data overflow for ${column.display}: ${text.trim()}`);
  }
  return `${match[1]}${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function float(text: string, kind: 'real' | 'double'): string {
  const trimmed = text.trim();
  if (/^[+-]?(nan|inf(inity)?)$/i.test(trimmed)) return trimmed;
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed))
    throw new FieldError(1208, `Invalid value for a floating point number: ${trimmed}`);
  const value = kind === 'real' ? Math.fround(Number(trimmed)) : Number(trimmed);
  const isZero = /^[+-]?[0.]+(e|$)/i.test(trimmed);
  if (!Number.isFinite(value) || (value === 0 && !isZero))
    throw new FieldError(1204, `Value out of range for ${kind}: ${trimmed}`);
  return trimmed;
}

const TRUTHS: ReadonlyMap<string, string> = new Map([
  ...['t', 'true', 'y', 'yes', '1'].map((text) => [text, 't'] as const),
  ...['f', 'false', 'n', 'no', '0'].map((text) => [text, 'f'] as const),
]);

function boolean(text: string): string {
  const value = TRUTHS.get(text.toLowerCase());
  if (value === undefined) throw new FieldError(1210, `Unknown boolean format: ${text}`);
  return value;
}

function date(text: string, options: FieldOptions): string | null {
  const value = readDate(text, options.dateFormat);
  if (value !== undefined) return value;
  if (options.acceptAnyDate) return null;
  throw new FieldError(1205, `Invalid Date Format - length must be 10 or more, or the date does not match`);
}

function timestamp(text: string, kind: 'timestamp' | 'timestamptz', options: FieldOptions): string | null {
  const value = readTimestamp(text, kind, options.timeFormat);
  if (value !== undefined) return value;
  if (options.acceptAnyDate) return null;
  const wanted =
    typeof options.timeFormat === 'object'
      ? options.timeFormat.text
      : kind === 'timestamptz'
        ? 'YYYY-MM-DD HH24:MI:SSOF'
        : 'YYYY-MM-DD HH24:MI:SS';
  throw new FieldError(1206, `Invalid timestamp format or value [${wanted}]`);
}

function varbyte(text: string, maxBytes: number): string {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new FieldError(1219, 'Invalid hexadecimal value for VARBYTE');
  if (text.length / 2 > maxBytes) throw new FieldError(1204, 'Varbyte length exceeds DDL length');
  return `\\x${text}`;
}
