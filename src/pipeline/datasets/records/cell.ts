import { Buffer } from 'node:buffer';
import type { EpochUnit } from '../../item/epoch.ts';
import { numberText } from '../../item/number.ts';
import type { ColumnType } from './column-type.ts';
import {
  dateMicroseconds,
  epochMicroseconds,
  isDay,
  type Microseconds,
  textMicroseconds,
} from './instant.ts';
import { isJsonRecord, WrittenNumber } from './json-value.ts';
import type { LocalHour } from './local-time.ts';
import { Misfit } from './misfit.ts';
import type { Cell } from './record-row.ts';

/** How a column reads instants. */
export interface InstantRule {
  /** What numbers count; without it, instants are text. */
  readonly epoch?: EpochUnit | undefined;
  /** The day of an instant, for columns of type `date`. */
  readonly local: (microseconds: Microseconds) => LocalHour;
}

/**
 * A value as the cell of a column, exactly; record-row.ts has the form of cells.
 * @param value of a JSON record, or what a function returned
 * @throws Misfit with what the value is instead
 */
export function cellOf(value: unknown, type: ColumnType, rule: InstantRule): Cell {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'string':
      return textCell(value);
    case 'boolean':
      if (typeof value !== 'boolean') throw misfit(value);
      return value;
    case 'bigint':
      return integerCell(value);
    case 'double':
      return doubleCell(value);
    case 'decimal':
      return decimalCell(value, type.precision, type.scale);
    case 'timestamp':
      return String(microsecondsOf(value, rule));
    case 'date':
      return dateCell(value, rule);
    case 'binary':
      return binaryCell(value);
    case 'list':
      if (!Array.isArray(value)) throw misfit(value);
      return value.map((member, index) => memberCell(member, type.of, rule, `[${index}]`));
    case 'struct':
      if (!isJsonRecord(value)) throw misfit(value);
      return type.fields.map((field) =>
        memberCell(
          Object.hasOwn(value, field.name) ? value[field.name] : null,
          field.type,
          rule,
          `.${field.name}`,
        ),
      );
  }
}

function memberCell(value: unknown, type: ColumnType, rule: InstantRule, step: string): Cell {
  try {
    return cellOf(value, type, rule);
  } catch (error) {
    throw error instanceof Misfit ? error.within(step, type) : error;
  }
}

function textCell(value: unknown): string {
  if (typeof value !== 'string') throw misfit(value);
  if (!value.isWellFormed()) throw new Misfit('text with half of a surrogate pair, which is not Unicode');
  return value;
}

/** Also as text: many programs write 64-bit integers so, because JavaScript cannot read them as numbers. */
function integerCell(value: unknown): string {
  // Without the sign of -0.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value + 0);
  const { text, int64 } = decimal(value, /^-?\d+$/, 'text that is no integer in plain digits, such as -12');
  if (int64) return text;
  throw new Misfit('a number that is no integer of 64 bits');
}

function decimalCell(value: unknown, precision: number, scale: number): string {
  const number = decimal(
    value,
    /^-?\d+(?:\.\d+)?$/,
    'text that is no number in plain digits, such as -12.50',
  );
  const { text } = number;
  // With an exponent, the number has more than 38 digits: too many before the point, or after it.
  const before = number.exponent ? Number(text.split('E')[1]) + 1 : number.integerDigits;
  if (before > precision - scale)
    throw new Misfit(`a number with more than ${precision - scale} digits before the point`);
  if (number.exponent || number.scale > scale)
    throw new Misfit(`a number with more than ${scale} digits after the point`);
  const [integer = '', fraction = ''] = text.split('.');
  return scale === 0 ? integer : `${integer}.${fraction.padEnd(scale, '0')}`;
}

function decimal(value: unknown, plain: RegExp, notPlain: string): ReturnType<typeof numberText> {
  if (typeof value === 'string' && !plain.test(value)) throw new Misfit(notPlain);
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || value instanceof WrittenNumber;
  if (!isNumber && typeof value !== 'string') throw misfit(value);
  try {
    return numberText(String(value));
  } catch {
    throw new Misfit(
      typeof value === 'number'
        ? 'a number that is not finite'
        : 'a number with an exponent of more than nine digits',
    );
  }
}

/** A number whose digits a double does not keep is refused: 9007199254740993, or 20 digits after the point. */
function doubleCell(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) return Number(value);
  if (typeof value === 'bigint' || value instanceof WrittenNumber)
    throw new Misfit(
      Number.isFinite(Number(String(value)))
        ? 'a number with more digits than a double keeps'
        : 'a number that is too large for a double',
    );
  throw typeof value === 'number' ? new Misfit('a number that is not finite') : misfit(value);
}

function microsecondsOf(value: unknown, { epoch }: InstantRule): Microseconds {
  if (value instanceof Date) return dateMicroseconds(value);
  if (typeof value === 'string') {
    if (epoch === undefined) return textMicroseconds(value);
    throw new Misfit(`text, where epoch: ${epoch} expects numbers`);
  }
  if (typeof value !== 'number' && typeof value !== 'bigint' && !(value instanceof WrittenNumber))
    throw misfit(value);
  if (epoch === undefined) throw new Misfit('a number, in a column without epoch');
  return epochMicroseconds(typeof value === 'number' ? value : String(value), epoch);
}

function dateCell(value: unknown, rule: InstantRule): string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value))
    return rule.local(microsecondsOf(value, rule)).day;
  if (!isDay(value)) throw new Misfit('text with an impossible date');
  return value;
}

function binaryCell(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') throw misfit(value);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64') !== value) throw new Misfit('text that is not base64');
  return new Uint8Array(bytes);
}

function misfit(value: unknown): Misfit {
  if (typeof value === 'string') return new Misfit('text');
  if (typeof value === 'boolean') return new Misfit('a boolean');
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof WrittenNumber)
    return new Misfit('a number');
  if (Array.isArray(value)) return new Misfit('a list');
  if (value instanceof Promise) return new Misfit('a promise: functions of columns are not async');
  return new Misfit(typeof value === 'object' ? 'a map' : `a ${typeof value}`);
}
