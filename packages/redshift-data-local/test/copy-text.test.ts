import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { columnOf } from './copy-column.ts';
import { copyStatement, copyTextRows, readByServer } from './copy-reading.ts';

const columns = [columnOf('a', 'varchar(100)'), columnOf('b', 'varchar(100)')];

function read(file: string, options: string[], chunkBytes = 7) {
  const { copyText, outcome } = readByServer(Buffer.from(file), columns, copyStatement(options, ''), {
    chunkBytes,
    way: 'fast',
  });
  const utf8 = (text: string | null) => text && Buffer.from(text, 'latin1').toString('utf8');
  return {
    loaded: copyTextRows(copyText).map((row) => row.map(utf8)),
    refused: outcome.errors.map(({ lineNumber, code }) => [lineNumber, code]),
  };
}

const value = fc
  .array(fc.constantFrom('a', 'é', ' ', '|', '~', '\n', '\r', '\\', "'", '"', 'N', '\t'), { maxLength: 6 })
  .map((parts) => parts.join(''));
const rows = fc.array(fc.tuple(value, value), { maxLength: 5 });

describe('delimited text', () => {
  test('a value whose special characters are escaped is read back, wherever the pieces end', () => {
    const written = (text: string) => text.replace(/[|~\n\r\\'"]/g, (character) => `\\${character}`);
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('|', '~|', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 20 }),
        (values, delimiter, lineEnd, chunkBytes) => {
          const escaped = (text: string) =>
            written(text).replaceAll(delimiter === '\t' ? '\t' : '\0', String.raw`\$&`);
          const file = values.map((row) => row.map(escaped).join(delimiter) + lineEnd).join('');
          // `\N`, which is the text `\\N`, is NULL.
          const expected = values.map((row) => row.map((text) => (text === '\\N' ? null : text)));
          const options = [`DELIMITER '${delimiter}'`, 'ESCAPE', 'REMOVEQUOTES'];
          expect(read(file, options, chunkBytes)).toEqual({ loaded: expected, refused: [] });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('a value in quotes keeps delimiters and other quotes', () => {
    // Neither a line end nor what looks like the end of the field.
    const quotable = value.filter((text) => !/[\n\r]|'\||'$/.test(text));
    fc.assert(
      fc.property(fc.array(quotable, { maxLength: 5 }), fc.integer({ min: 1, max: 20 }), (values, size) => {
        const file = values.map((text) => `'${text}'|x\n`).join('');
        const expected = values.map((text) => [text === '\\N' ? null : text, 'x']);
        expect(read(file, ['REMOVEQUOTES'], size)).toEqual({ loaded: expected, refused: [] });
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["'a|b\n", 'an open quote', [[1, 1216]]],
    ["'a|b'\n", 'one field in quotes', [[1, 1203]]],
    ['a|b|c\n', 'a field too many', [[1, 1202]]],
    ['a|b||\n', 'two empty fields too many', [[1, 1202]]],
    ['a|b\\', 'an escape character at the end', [[1, 1216]]],
    ['a\\\nb|c\nd\n', 'a line after an escaped line end', [[3, 1203]]],
  ])('%j: %s', (file, _what, refused) => {
    expect(read(file, ['ESCAPE', 'REMOVEQUOTES']).refused).toEqual(refused);
  });

  test('a delimiter at the end of a line is not a field, a carriage return before the line end is no data', () => {
    expect(read("a|b|\r\n'c'|'d'\r\n|\r\n", ['REMOVEQUOTES']).loaded).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['', ''],
    ]);
  });
});
