import { isUtf8 } from 'node:buffer';
import type { TypeKind } from '../sql/type-name.ts';

/** A column COPY loads into. */
export type TargetColumn = {
  /** As Redshift shows it. */
  name: string;
  physicalName: string;
  kind: TypeKind;
  display: string;
  maxBytes: number;
  precision: number;
  scale: number;
  notNull: boolean;
};

/** Why a field cannot be loaded: AWS, "Load error reference". */
export class FieldError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'FieldError';
    this.code = code;
  }
}

export type FieldOptions = { dateFormat: 'default' | 'auto'; timeFormat: 'default' | 'auto' };

/**
 * Checks one field as Redshift does and gives it as PostgreSQL reads it, or null for NULL. The text is latin1
 * (one character a byte). An empty field is an empty string for CHAR and VARCHAR and NULL for every other type.
 */
export function loadField(text: string, column: TargetColumn, options: FieldOptions): string | null {
  if (text === '' && column.kind !== 'varchar' && column.kind !== 'char') return null;
  switch (column.kind) {
    case 'varchar':
      return varchar(text, column.maxBytes);
    case 'char':
      return char(text, column.maxBytes);
    case 'smallint':
      return integer(text, column, -32_768n, 32_767n);
    case 'integer':
      return integer(text, column, -2_147_483_648n, 2_147_483_647n);
    case 'bigint':
      return integer(text, column, -(2n ** 63n), 2n ** 63n - 1n);
    case 'numeric':
      return decimal(text, column);
    case 'real':
    case 'double':
      return float(text, column.kind);
    case 'boolean':
      return boolean(text);
    case 'date':
      return date(text);
    case 'timestamp':
    case 'timestamptz':
      return timestamp(text, column.kind, options);
    case 'varbyte':
      return varbyte(text, column.maxBytes);
    case 'super':
      return superValue(text);
    default:
      throw new FieldError(1200, `Unknown type ${column.display satisfies string}`);
  }
}

function checkUtf8(text: string): void {
  if (text.includes('\0'))
    throw new FieldError(
      1220,
      'String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: 00 (error 1)',
    );
  if (/[\x80-\xff]/.test(text) && !isUtf8(Buffer.from(text, 'latin1'))) {
    throw new FieldError(1220, 'String contains invalid or unsupported UTF8 codepoints.');
  }
}

function varchar(text: string, maxBytes: number): string {
  if (text.length > maxBytes) throw new FieldError(1204, 'String length exceeds DDL length');
  checkUtf8(text);
  return text;
}

function char(text: string, maxBytes: number): string {
  if (text.length > maxBytes) throw new FieldError(1204, 'Char length exceeds DDL length');
  if (/[\x80-\xff]/.test(text))
    throw new FieldError(1220, 'Multibyte character not supported for CHAR (Hint: try using VARCHAR)');
  checkUtf8(text);
  return text;
}

const typeWords: Partial<Record<TypeKind, string>> = {
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
    `Invalid digit, Value '${value}', Pos ${position}, Type: ${typeWords[kind] ?? kind}`,
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

/** Digits beyond the scale are cut off, not rounded (AWS: "COPY data conversion", ROUNDEC). */
function decimal(text: string, column: TargetColumn): string {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/.exec(text);
  if (!match || (match[2] === '' && (match[3] ?? '') === '')) throw invalidDigit(text, 'numeric');
  const whole = match[2]!.replace(/^0+/, '');
  if (whole.length > column.precision - column.scale) {
    throw new FieldError(1204, `Numeric data overflow for ${column.display}: ${text.trim()}`);
  }
  const fraction = (match[3] ?? '').slice(0, column.scale);
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

const truths: ReadonlyMap<string, string> = new Map([
  ...['t', 'true', 'y', 'yes', '1'].map((text) => [text, 't'] as const),
  ...['f', 'false', 'n', 'no', '0'].map((text) => [text, 'f'] as const),
]);

function boolean(text: string): string {
  const value = truths.get(text.toLowerCase());
  if (value === undefined) throw new FieldError(1210, `Unknown boolean format: ${text}`);
  return value;
}

/** `2019-02-11`. DATEFORMAT 'auto' takes more in Redshift; only this one is taken here. */
function date(text: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match || !isDay(match)) throw new FieldError(1205, 'Invalid Date Format - length must be 10 or more');
  return text;
}

function isDay(match: RegExpExecArray): boolean {
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return (
    year >= 1 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  );
}

/**
 * Without TIMEFORMAT: `2019-02-11 05:09:12[.ffffff]`, for TIMESTAMPTZ also with a numeric offset. With 'auto' also
 * ISO 8601 with `T` and `Z`. A `T` with a numeric offset is not documented and refused.
 */
function timestamp(text: string, kind: 'timestamp' | 'timestamptz', options: FieldOptions): string {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})([ T])(\d{2}):(\d{2}):(\d{2})(\.\d{1,6})?(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(text);
  const invalid = () =>
    new FieldError(
      1206,
      `Invalid timestamp format or value [${kind === 'timestamptz' ? 'YYYY-MM-DD HH24:MI:SSOF' : 'YYYY-MM-DD HH24:MI:SS'}]`,
    );
  if (!match || !isDay(match)) throw invalid();
  if (Number(match[5]) > 23 || Number(match[6]) > 59 || Number(match[7]) > 59) throw invalid();
  const [separator, zone] = [match[4], match[9]];
  const isIso = separator === 'T' || zone === 'Z';
  if (isIso && options.timeFormat !== 'auto') throw invalid();
  if (separator === 'T' && zone !== undefined && zone !== 'Z') throw invalid();
  if (kind === 'timestamp' && zone !== undefined && zone !== 'Z') throw invalid();
  return kind === 'timestamp' ? text.replace('Z', '') : text;
}

function varbyte(text: string, maxBytes: number): string {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new FieldError(1219, 'Invalid hexadecimal value for VARBYTE');
  if (text.length / 2 > maxBytes) throw new FieldError(1204, 'Varbyte length exceeds DDL length');
  return `\\x${text}`;
}

const maxSuperStringBytes = 65_535;

function superValue(text: string): string {
  checkUtf8(text);
  const json = Buffer.from(text, 'latin1').toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new FieldError(1224, 'Invalid JSON for a SUPER value');
  }
  checkSuperStrings(value);
  return text;
}

function checkSuperStrings(value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw new FieldError(1224, 'A string of a SUPER value contains the character U+0000');
    if (Buffer.byteLength(value) > maxSuperStringBytes)
      throw new FieldError(1224, `A string of a SUPER value exceeds ${maxSuperStringBytes} bytes`);
  } else if (Array.isArray(value)) for (const item of value) checkSuperStrings(item);
  else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      checkSuperStrings(key);
      checkSuperStrings(item);
    }
  }
}
