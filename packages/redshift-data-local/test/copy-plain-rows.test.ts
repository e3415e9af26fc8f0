import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CopyText } from '../src/copy/copy-text.ts';
import { CsvScanner } from '../src/copy/csv/csv-scanner.ts';
import { PlainRows } from '../src/copy/csv/plain-rows.ts';
import type { TargetColumn } from '../src/copy/target-column.ts';
import { columnOf } from './copy-column.ts';
import { copyStatement, readByServer } from './copy-reading.ts';

/**
 * The server reads ordinary records from their bytes and leaves the rest to the rules that work field by field. Files
 * of all types, good and bad, are read both ways: the bytes for PostgreSQL and every part of the load errors must agree.
 */
const NULL_TEXTS = [
  '~NULL~',
  '\u0001',
  '\\N',
  '',
  '0',
  'null',
  'abcdefghi',
  'abcd is the begin of a long text for NULL',
  'a,b',
  'é',
  "it's",
  ' ',
  't',
];
const VALUES: Record<string, string[]> = {
  SMALLINT: ['0', '-0', '007', '9999', '32767', '32768', '-32768', '+5', ' 9 ', '1.0', '1e3', '-', '12x'],
  INTEGER: ['1', '999999999', '2147483647', '2147483648', '-999999999', '--1', '1 2'],
  BIGINT: ['5', '999999999999999999', '9223372036854775807', '9223372036854775808', '-1', '１'],
  'DECIMAL(6,2)': [
    '1',
    '1.5',
    '1.25',
    '1.255',
    '-0.005',
    '007.5',
    '9999.99',
    '9999.995',
    '10000',
    '.5',
    '5.',
    '-.',
  ],
  'DECIMAL(38,37)': [
    '1.5',
    '0.1234567890123456789012345678901234567',
    '10',
    '9.99999999999999999999999999999999999999',
  ],
  'DECIMAL(2,2)': ['0.5', '0.55', '0.555', '1', '1.0', '.5', '00.5'],
  REAL: [
    '1',
    '-1.5',
    '1e39',
    '1e-50',
    '3.4e38',
    '123456789012345678901234567890.5',
    'nan',
    'Infinity',
    '1.',
    '0x1',
  ],
  'DOUBLE PRECISION': [
    '0',
    '1.5e300',
    '1e400',
    '00.5',
    '.5',
    '-7.25',
    '1e',
    '12345678901234567890123456789012345',
  ],
  BOOLEAN: ['t', 'true', 'TRUE', 'f', 'false', '1', '0', 'yes', 'n', 'tru', 'truest', 'fals', 'on', '2'],
  DATE: [
    '2024-02-29',
    '2023-02-29',
    '1900-02-29',
    '2000-02-29',
    '0001-01-01',
    '0000-01-01',
    '2024-13-01',
    '2024-1-1',
    '2024-04-31',
    '20240229',
    '2024-02-29 01:02:03',
    '02/29/2024',
  ],
  TIMESTAMP: [
    '2024-02-29 01:02:03',
    '2024-02-29T01:02:03Z',
    '2024-02-29 24:00:00',
    '2024-02-29 01:02:03.123456',
    '2024-02-29 01:02:03.1234567',
    '2024-02-29 01:02',
    '2024-02-29',
    '2024-02-29T01:02:03',
    '2024-02-29 01:02:03+02',
    '2024-02-30 01:02:03',
    '2024-02-29 01:02:60',
    '1700000000',
  ],
  TIMESTAMPTZ: [
    '2024-02-29T01:02:03.195Z',
    '2024-02-29 01:02:03.195Z',
    '2024-02-29t01:02:03z',
    '2024-02-29 01:02:03+02:30',
    '2024-02-29T01:02:03+02:00',
    '2024-02-29T01:02:03.Z',
    '2024-02-29T01:02:03ZZ',
    '9999-12-31 23:59:59',
  ],
  'VARBYTE(3)': ['00ff', 'ABCDEF', '00ff00ff', '0', 'zz', 'a b c '],
  SUPER: [
    '1',
    '-0.5',
    '1e5',
    '01',
    '1.',
    '[]',
    '{}',
    '[1,"a",null,true,false]',
    '{"a":{"b":[1,2,{"c":"d"}]}, "e" : "" }',
    '{"a":"x\\n\\"\\\\\\u00e9"}',
    '"\\u0000"',
    '"\t"',
    '{"a":1,}',
    '[1 2]',
    '{"a" 1}',
    '{1:2}',
    'tru',
    'nulll',
    '"日本"',
    '"a',
    '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
    '{"a":[}',
    ' [ 1 , 2 ] ',
    '\n[1]',
    '"\\x"',
    '{"__proto__":1,"a":1,"a":2}',
  ],
  'VARCHAR(5)': [
    'ab',
    'abcde',
    'abcdef',
    'ab      ',
    'a"b',
    '""',
    'a\\b',
    'a\tb',
    'a\nb',
    'a\r\nb',
    'a,b',
    '日',
    '日本',
    'é',
    'a|b',
    "it's",
    '\0',
    'a\0b',
    '\u0001',
    '\u0002\u001f',
  ],
  'VARCHAR(300)': [
    'a long text without anything special in it',
    'mit Umlauten äöü und "Zitaten"',
    `${'x'.repeat(299)}é`,
    'x'.repeat(301),
    'zeilen\nweise\nzeilen\n',
    '😀 four bytes',
    '    ',
  ],
  'CHAR(4)': ['a', 'abcd', 'abcde', 'abc   ', 'é', 'a"b', 'a\\b', '\0', '\u007f'],
};
const TYPES = Object.keys(VALUES);
/** Bytes that are not UTF-8. */
const BAD_TEXTS = ['80', 'ff41', 'e697', 'eda080', 'c0af', 'f4908080'].map((hex) => Buffer.from(hex, 'hex'));

const OPTIONS = [
  ...NULL_TEXTS.map((text) => `NULL AS '${text.replaceAll("'", "''")}'`),
  String.raw`NULL AS '\0'`,
  'EMPTYASNULL',
  'BLANKSASNULL',
  'TRIMBLANKS',
  'TRUNCATECOLUMNS',
  'ROUNDEC',
  'FILLRECORD',
  'IGNOREBLANKLINES',
  'IGNOREHEADER 2',
  'ACCEPTANYDATE',
  "ACCEPTINVCHARS '^'",
  "QUOTE AS ''''",
  "QUOTE AS '`'",
  "DELIMITER '|'",
  String.raw`DELIMITER '\t'`,
  "DELIMITER '.'",
  "DELIMITER ';'",
  "DATEFORMAT 'auto'",
  "DATEFORMAT 'MM/DD/YYYY'",
  "TIMEFORMAT 'auto'",
  "TIMEFORMAT 'auto'",
  "TIMEFORMAT 'epochsecs'",
];

interface Style {
  quote: string;
  delimiter: string;
  lineEnd: string;
}
/** How a field is written: mostly correctly. */
type Writing = 'quoted' | 'bare' | 'blanks' | 'broken';

function written(value: string, how: Writing, { quote, delimiter }: Style): string {
  const needsQuotes = value.includes(quote) || value.includes(delimiter) || /[\r\n]/.test(value);
  const inQuotes = `${quote}${value.replaceAll(quote, quote + quote)}${quote}`;
  if (how === 'broken') return `${quote}${value}`;
  if (how === 'blanks') return ` ${inQuotes} `;
  return how === 'quoted' || needsQuotes ? inQuotes : value;
}

const typesOf = fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 6 });
const writing = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Writing>('quoted') },
  { weight: 8, arbitrary: fc.constant<Writing>('bare') },
  { weight: 1, arbitrary: fc.constantFrom<Writing>('blanks', 'broken') },
);
const otherValue = fc.constantFrom('', ' ', ...NULL_TEXTS, ...Object.values(VALUES).flat());

/** A file of columns of these types. */
function fileOf(types: string[], style: Style): fc.Arbitrary<Buffer> {
  const fields = types.map((type) =>
    fc
      .tuple(
        fc.oneof(
          { weight: 12, arbitrary: fc.constantFrom(...VALUES[type]!.slice(0, 3)) },
          { weight: 2, arbitrary: fc.constantFrom(...VALUES[type]!) },
          { weight: 1, arbitrary: otherValue },
        ),
        writing,
      )
      .map(([value, how]) => written(value, how, style)),
  );
  const row = fc.oneof(
    { weight: 20, arbitrary: fc.tuple(...fields).map((all) => all.join(style.delimiter)) },
    { weight: 1, arbitrary: fc.array(otherValue, { maxLength: 7 }).map((all) => all.join(style.delimiter)) },
  );
  return fc
    .tuple(
      fc.array(row, { maxLength: 5 }),
      fc.boolean(),
      // Sometimes bytes are replaced by others.
      fc.option(
        fc.tuple(
          fc.nat(),
          fc.constantFrom(...BAD_TEXTS, ...'"\'`,|;\t\n\r\0\\ .'.split('').map((byte) => Buffer.from(byte))),
        ),
        {
          freq: 4,
        },
      ),
    )
    .map(([rows, endsWithLine, damage]) => {
      const file = Buffer.from(rows.join(style.lineEnd) + (endsWithLine ? style.lineEnd : ''));
      if (damage === null || file.length === 0) return file;
      const at = damage[0] % file.length;
      return Buffer.concat([file.subarray(0, at), damage[1], file.subarray(at + 1)]);
    });
}

const load = fc
  .record({
    types: typesOf,
    notNull: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    options: fc.uniqueArray(fc.constantFrom(...OPTIONS), {
      maxLength: 5,
      selector: (text) => text.split(' ')[0],
    }),
    lineEnd: fc.constantFrom('\n', '\n', '\r\n'),
    chunkBytes: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(1_000_000)),
  })
  .chain(({ types, notNull, options, lineEnd, chunkBytes }) => {
    const copy = copyStatement(options);
    const columns: TargetColumn[] = types.map((type, index) => ({
      ...columnOf(`c${index}`, type),
      notNull: notNull[index]! && notNull[5]!,
    }));
    const style = { quote: copy.quote, delimiter: copy.delimiter, lineEnd };
    return fileOf(types, style).map((file) => ({ columns, copy, file, chunkBytes, options }));
  });

const numRuns = 3_000;

test('a file is read from its bytes as by the rules, field by field', () => {
  let loadedRows = 0;
  let errors = 0;
  fc.assert(
    fc.property(load, ({ columns, copy, file, chunkBytes }) => {
      const read = readByServer(file, columns, copy, { chunkBytes, way: 'fast' });
      loadedRows += read.outcome.loadedRows;
      errors += read.outcome.errorCount;
      const byRules = readByServer(file, columns, copy, { chunkBytes, way: 'slow' });
      // Faster than `toEqual`, thousands of times.
      if (isDeepStrictEqual(read, byRules)) return;
      throw new Error(`${JSON.stringify(read)}\nbut by the rules\n${JSON.stringify(byRules)}`);
    }),
    { numRuns },
  );
  // Neither good nor bad rows are rare.
  expect(loadedRows).toBeGreaterThan(numRuns / 2);
  expect(errors).toBeGreaterThan(numRuns / 2);
});

test('ordinary rows of every type are not read record by record', () => {
  const columns = TYPES.map((type, index) => columnOf(`c${index}`, type));
  const values = TYPES.map((type) =>
    type === 'SUPER' ? '{"a":["ü",1.5,null],"b":"say \\"hi\\""}' : VALUES[type]![0]!,
  );
  const quoted = values.map((value) => `"${value.replaceAll('"', '""')}"`);
  const nulls = quoted.map((value, index) => (index % 2 === 0 ? '\u0001' : value));
  const bare = values.map((value) => (value.includes('"') ? '' : value));
  const file = Buffer.from(
    [quoted, nulls, bare, [...quoted, 'é'].slice(1)].map((row) => `${row.join(',')}\n`).join(''),
  );
  const copy = copyStatement(["NULL AS '\u0001'", "TIMEFORMAT 'auto'"]);
  const scanner = new CsvScanner(copy);
  scanner.feed(file);
  // The last one is not.
  expect(new PlainRows(columns, copy, new CopyText()).add(scanner)).toBe(3);
});

test('a field may begin like a NULL text that is longer than the rest of the file', () => {
  const copy = copyStatement(["NULL AS 'ab, but much longer than any field'"]);
  const columns = [columnOf('c', 'VARCHAR(5)')];
  const { copyText } = readByServer(Buffer.from('ab, b\n'), [...columns, ...columns], copy, {
    chunkBytes: 100,
    way: 'fast',
  });
  expect(copyText).toBe('ab\t b\n');
  const other = copyStatement(["NULL AS 'ab but much longer than any field'"]);
  expect(
    readByServer(Buffer.from('ab bu\n'), columns, other, { chunkBytes: 100, way: 'fast' }).copyText,
  ).toBe('ab bu\n');
});
