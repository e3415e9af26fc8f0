import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { columnOf } from './copy-column.ts';
import { copyStatement, copyTextRows, readByServer } from './copy-reading.ts';
import { readSlowly } from './copy-slow-reading.ts';

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

interface Rows {
  loaded: (string | null)[][];
  refused: { line: number; code: number; column: string | undefined }[];
}

/** What the server makes of a file that comes in pieces of `chunkBytes`. */
function rowsByServer(file: Buffer, options: string[], chunkBytes: number): Rows {
  const { copyText, outcome } = readByServer(file, columns, copyStatement(options), {
    chunkBytes,
    way: 'fast',
  });
  return {
    loaded: copyTextRows(copyText).map(canonical),
    refused: outcome.errors.map(({ lineNumber: line, code, columnName }) => ({
      line,
      code,
      column: columnName === '' ? undefined : columnName,
    })),
  };
}

function rowsBySlowReading(file: Buffer, options: string[]): Rows {
  const rows = readSlowly(file, columns, new Set(options));
  return {
    loaded: rows.flatMap((row) => ('values' in row ? [canonical(row.values)] : [])),
    refused: rows.flatMap((row) => ('code' in row ? [row] : [])),
  };
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
function canonical(values: (string | null)[]): (string | null)[] {
  const decimal = values[2]!;
  return values.with(2, decimal === null ? null : decimal.replace(/^([+-]?)0+(?=\d)/, '$1'));
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
        const read = rowsByServer(file, options, chunkBytes);
        if (read.loaded.length > 0) ends.add('loaded');
        for (const { code } of read.refused) ends.add(code);
        expect(read).toEqual(rowsBySlowReading(file, options));
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
  const loaded = [['42', Buffer.from('日').toString('latin1'), '-1.5', 'abc', 't', '2024-01-31 00:00:00']];
  expect(rowsByServer(file, [], 3)).toEqual({ loaded, refused: [] });
  expect(rowsBySlowReading(file, [])).toEqual({ loaded, refused: [] });
});
