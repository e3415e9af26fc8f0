import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CsvScanner } from '../src/copy/csv-scanner.ts';
import { RowLoader } from '../src/copy/row-loader.ts';
import type { TargetColumn } from '../src/copy/target-column.ts';
import { type CopyStatement, parseCopy } from '../src/sql/copy-statement.ts';
import { query } from '../src/sql/query.ts';
import { Translation } from '../src/sql/translation.ts';
import { columnOf } from './copy-column.ts';
import { type ReadRow, readSlowly } from './copy-slow-reading.ts';

/**
 * The server's reader works on bytes, in pieces, with shortcuts for plain fields. Here it is compared with a reading
 * of the same rules that is written only for clarity, on files that hit quotes, line ends, chunk borders and limits.
 */
const columns = ['bigint', 'varchar(5)', 'decimal(6,2)', 'char(3)', 'boolean', 'timestamp'].map(
  (type, index) => columnOf(`c${index}`, type),
);

const optionTexts = [
  "NULL AS '@@'",
  "NULL AS ''",
  'EMPTYASNULL',
  'BLANKSASNULL',
  'TRIMBLANKS',
  'TRUNCATECOLUMNS',
  'ROUNDEC',
  'FILLRECORD',
  'IGNOREBLANKLINES',
  'IGNOREHEADER 1',
  "ACCEPTINVCHARS '^'",
  "QUOTE AS ''''",
  "DELIMITER '|'",
  String.raw`DELIMITER '\t'`,
];

function copyStatement(options: string[]): CopyStatement {
  const text = `t FROM 's3://b/k' IAM_ROLE default CSV ${options.join(' ')}`;
  const warehouse = {
    database: 'dev',
    lateBindingViews: new Map(),
    roleOf: (_: string, name: string) => name,
  };
  return parseCopy(new Translation(text, warehouse, new Map(), query));
}

/** What the server makes of a file that comes in pieces of `chunkBytes`. */
function readByServer(file: Buffer, copy: CopyStatement, chunkBytes: number): ReadRow[] {
  const scanner = new CsvScanner(copy);
  const rows = new RowLoader(columns, copy);
  const read: ReadRow[] = [];
  let number = 0;
  const take = () => {
    while (scanner.next()) {
      if (++number <= copy.ignoreHeaderLines) continue;
      if (copy.ignoreBlankLines && scanner.recordEnd === scanner.recordStart) continue;
      const refused = rows.add(scanner);
      const line = scanner.lineNumber;
      if (refused === undefined) read.push({ line, values: copyTextRow(rows.out.take().toString('latin1')) });
      else read.push({ line, code: refused.code, column: refused.column?.name });
    }
  };
  for (let at = 0; at < file.length; at += chunkBytes) {
    scanner.feed(file.subarray(at, at + chunkBytes));
    take();
  }
  scanner.end();
  take();
  return read;
}

/** PostgreSQL's COPY text, decoded. */
function copyTextRow(text: string): (string | null)[] {
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
  return text
    .slice(0, -1)
    .split('\t')
    .map((field) =>
      field === '\\N' ? null : field.replace(/\\(.)/gs, (_, letter: string) => escapes[letter]!),
    );
}

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '1',
      '-12',
      '007',
      '9223372036854775808',
      '3.14159',
      '-0.005',
      '99999.995',
      '.5',
    ),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom('a', 'é', '日本', 'abc  ', '     ', '@@', '\\N', 'true', 'n', '\\', '\t', ' '),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('2024-02-29 01:02:03', '2024-02-30 00:00:00', '2024-01-01 23:59:59.123456'),
  },
  { weight: 8, arbitrary: fc.constantFrom(',', '|', '\n', '\r\n', '"', "'", '""', '","', ',,') },
  { weight: 1, arbitrary: fc.constantFrom('\0', '\x80', '\xff', '\xe6\x97', '\xed\xa0\x80') },
);
/** latin1 text: bytes that are not UTF-8 stay bytes, the rest is encoded. */
const anyBytes = fc
  .array(piece, { maxLength: 40 })
  .map((pieces) =>
    Buffer.concat(
      pieces.map((text) =>
        Buffer.from(text, /^[\x80-\xff]|^\xe6\x97$|^\xed/.test(text) && text !== 'é' ? 'latin1' : 'utf8'),
      ),
    ),
  );
const field = fc.oneof(
  fc.constantFrom(
    '1',
    '',
    'ab',
    '日本',
    'abcdef',
    '1.005',
    'yes',
    '2024-02-29 01:02:03',
    '@@',
    '  ',
    '\\N',
    '12x',
  ),
  fc.constantFrom('"a""b"', '"x\ny"', '""', ' "q" ', '"1,2"', '"@@"', '" "'),
);
const fitting = [
  ['1', '-12', '007', '+5', ' 9 ', '9223372036854775807', '9223372036854775808', '""', '"12"'],
  [
    'ab',
    '日',
    '日本',
    'abcdef',
    '"a""b"',
    '"x\ny"',
    '" q "',
    ' "q" ',
    'abc     ',
    '',
    '"1,2"',
    'a\\b',
    'a\tb',
  ],
  ['1.005', '-0.005', '007.5', '9999.995', '9999.994', '10000', '.5', '5.', '-', '0', '"3.14159"', '  '],
  ['abc', 'abcd', 'ab ', 'é', '', '   ', '"a""b"', 'abc  '],
  ['t', 'FALSE', 'Yes', '0', 'maybe', ''],
  [
    '2024-02-29 01:02:03',
    '2024-02-30 00:00:00',
    '2024-01-01 23:59:59.123456',
    '2024-01-01',
    '@@',
    '2023-02-29 00:00:00',
  ],
];
const rowOfTypes = fc
  .tuple(
    ...fitting.map((values) =>
      fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: field }),
    ),
  )
  .map((fields) => fields.join(','));
/** Files that are mostly well-formed: rows of about the right width, fields that about fit their column. */
const likelyFile = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: rowOfTypes },
      {
        weight: 1,
        arbitrary: fc.array(field, { minLength: 0, maxLength: 7 }).map((fields) => fields.join(',')),
      },
    ),
    { maxLength: 4 },
  )
  .map((rows) => Buffer.from(rows.map((row) => `${row}\n`).join('')));

/** Numbers without leading zeros, which make no difference to PostgreSQL. */
function canonical(row: ReadRow): ReadRow {
  if (!('values' in row)) return row;
  const decimal = row.values[2]!;
  const shown = decimal === null ? null : decimal.replace(/^([+-]?)0+(?=\d)/, '$1');
  return { ...row, values: row.values.with(2, shown) };
}

test('a file is read as by the slow reading of the rules, wherever its pieces end', () => {
  const ends = new Set<number | 'loaded'>();
  fc.assert(
    fc.property(
      fc.oneof(anyBytes, likelyFile),
      fc.uniqueArray(fc.constantFrom(...optionTexts), {
        maxLength: 4,
        selector: (text) => text.split(' ')[0],
      }),
      fc.integer({ min: 1, max: 40 }),
      (file, options, chunkBytes) => {
        const copy = copyStatement(options);
        const read = readByServer(file, copy, chunkBytes).map(canonical);
        for (const row of read) ends.add('code' in row ? row.code : 'loaded');
        expect(read).toEqual(readSlowly(file, columns, new Set(options)).map(canonical));
      },
    ),
    { numRuns: 6_000 },
  );
  // The files were not all refused for the same reason.
  const wanted = ['loaded', 1202, 1203, 1204, 1206, 1207, 1210, 1211, 1216, 1220];
  expect(wanted.filter((end) => !ends.has(end as number))).toEqual([]);
});

test('a row of plain values of every type passes unchanged', () => {
  const file = Buffer.from('42,日,-1.5,abc,t,2024-01-31 00:00:00\n');
  const expected = ['42', Buffer.from('日').toString('latin1'), '-1.5', 'abc', 't', '2024-01-31 00:00:00'];
  expect(readByServer(file, copyStatement([]), 3)).toEqual([{ line: 1, values: expected }]);
  expect(readSlowly(file, columns satisfies TargetColumn[], new Set())).toEqual([
    { line: 1, values: expected },
  ]);
});
