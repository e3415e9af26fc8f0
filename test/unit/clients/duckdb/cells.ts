import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import type { Cell } from '../../../../src/pipeline/datasets/parquet/row-line.ts';
import type { ColumnType } from '../../../../src/pipeline/datasets/records/column-type.ts';

const column = (name: string, type: ColumnType, isComputed = false): TableColumn => ({
  name,
  type,
  isComputed,
});
const string: ColumnType = { kind: 'string' };
const bigint: ColumnType = { kind: 'bigint' };
const deep: ColumnType = {
  kind: 'list',
  of: {
    kind: 'struct',
    fields: [
      { name: 'at', type: { kind: 'timestamp' } },
      { name: 'raw "data"', type: { kind: 'list', of: { kind: 'binary' } } },
      { name: 'price', type: { kind: 'decimal', precision: 38, scale: 10 } },
    ],
  },
};

/** A column of every type. */
export const EVERY_TYPE: readonly TableColumn[] = [
  column('text', string),
  column('Whole Number', bigint),
  column('ratio', { kind: 'double' }),
  column('amount', { kind: 'decimal', precision: 18, scale: 2 }),
  column('exact', { kind: 'decimal', precision: 38, scale: 38 }),
  column('count', { kind: 'decimal', precision: 38, scale: 0 }),
  column('is "so"', { kind: 'boolean' }),
  column('at', { kind: 'timestamp' }),
  column('day', { kind: 'date' }),
  column('bytes', { kind: 'binary' }),
  column('tags', { kind: 'list', of: string }),
  column('point', {
    kind: 'struct',
    fields: [
      { name: 'x', type: bigint },
      { name: "it's", type: string },
    ],
  }),
  column('deep', deep),
];

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(
    '',
    '\0',
    'a\0b',
    'NULL',
    '\n',
    '\\N',
    '"',
    "'",
    '{"a":1}',
    '1969-12-31',
    'é',
    '\u2028',
    '😀',
    ' ',
  ),
);
const whole = (least: bigint, greatest: bigint) =>
  fc
    .oneof(fc.bigInt({ min: least, max: greatest }), fc.constantFrom(least, greatest, 0n, -1n, 1n))
    .map(String);

const day = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

/** Any cell of a type, with its boundaries; nullable. */
export function cellOf(type: ColumnType): fc.Arbitrary<Cell> {
  return fc.option(presentCellOf(type), { nil: null, freq: 6 });
}

function presentCellOf(type: ColumnType): fc.Arbitrary<Cell> {
  switch (type.kind) {
    case 'string':
      return text;
    case 'bigint':
      return whole(-(2n ** 63n), 2n ** 63n - 1n);
    case 'timestamp':
      return whole(-62_135_596_800_000_000n, 253_402_300_799_999_999n);
    case 'double':
      return fc.oneof(
        // -0 is written as 0.
        fc.double().map((number) => number + 0),
        fc.constantFrom(
          0,
          Number.NaN,
          Infinity,
          -Infinity,
          5e-324,
          1.7976931348623157e308,
          0.1,
          1e21,
          2 ** 53,
        ),
      );
    case 'decimal': {
      const greatest = 10n ** BigInt(type.precision) - 1n;
      return whole(-greatest, greatest).map((digits) => scaled(digits, type.scale));
    }
    case 'boolean':
      return fc.boolean();
    case 'date':
      return fc.oneof(
        day,
        fc.constantFrom('0001-01-01', '9999-12-31', '1969-12-31', '1970-01-01', '2000-02-29'),
      );
    case 'binary':
      return fc.uint8Array({ maxLength: 6 });
    case 'list':
      return fc.array(cellOf(type.of), { maxLength: 3 });
    case 'struct':
      return fc.tuple(...type.fields.map((field) => cellOf(field.type)));
  }
}

function scaled(digits: string, scale: number): string {
  if (scale === 0) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  const padded = digits.replace('-', '').padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Canonical JSON of a cell, by the definition in docs/parquet-types.md and without any SQL. */
export function canonicalCell(cell: Cell, type: ColumnType): string {
  if (cell === null) return 'null';
  switch (type.kind) {
    case 'string':
      return JSON.stringify(cell);
    case 'double':
      return doubleText(cell as number);
    case 'date':
      return String(Date.parse(`${cell as string}T00:00:00Z`) / 86_400_000);
    case 'binary':
      return `"${Buffer.from(cell as Uint8Array)
        .toString('hex')
        .toUpperCase()}"`;
    case 'list':
      return `[${(cell as Cell[]).map((member) => canonicalCell(member, type.of)).join(',')}]`;
    case 'struct':
      return `{${type.fields
        .map(
          ({ name, type: field }, index) =>
            `${JSON.stringify(name)}:${canonicalCell((cell as Cell[])[index] ?? null, field)}`,
        )
        .join(',')}}`;
    case 'bigint':
    case 'decimal':
    case 'boolean':
    case 'timestamp':
      return String(cell);
  }
}

/** A row as the text that identifies it. */
export const canonicalRowText = (columns: readonly TableColumn[], cells: readonly Cell[]): string =>
  columns
    .map(({ type }, index) => {
      const cell = cells[index] ?? null;
      if (type.kind !== 'string') return canonicalCell(cell, type);
      return cell === null ? ':' : `${Buffer.byteLength(cell as string)}:${cell as string}`;
    })
    .join(',');

/** Shortest digits that give the number back; an exponent below 1e-4 and from 1e16, of at least two digits. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 ? '-' : '';
  if (value === 0) return `${sign}0.0`;
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const digits = mantissa.replace('.', '');
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  if (digits.length <= power + 1) return `${sign}${digits.padEnd(power + 1, '0')}.0`;
  return `${sign}${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
}
