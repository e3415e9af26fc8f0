import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DelimitedRows,
  type Delimiters,
  RowTooLong,
} from '../../../../src/pipeline/loader/delimited-rows.ts';

const CSV: Delimiters = { delimiter: ',', quote: '"' };

function rowsOf(text: string, delimiters = CSV, pieceLength = text.length || 1) {
  const rows = new DelimitedRows(delimiters);
  const found = [];
  for (let at = 0; at < text.length; at += pieceLength)
    found.push(...rows.push(text.slice(at, at + pieceLength)));
  return [...found, ...rows.end()];
}

describe('rows of a delimited file', () => {
  test.each<[string, string, readonly (readonly string[])[]]>([
    [
      'fields',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['no line end at the end', 'a,b', [['a', 'b']]],
    [
      'CR LF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a CR alone', 'a\rb,c\n', [['a\rb', 'c']]],
    ['a quoted CR at the end', '"a\r"\n', [['a\r']]],
    ['quotes', '"a,b","c""d","e\nf"\n', [['a,b', 'c"d', 'e\nf']]],
    ['empty fields', ',,\n\n', [['', '', ''], ['']]],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => {
    for (const length of [1, 2, 3, 1000]) {
      expect(rowsOf(text, CSV, length).map(({ fields }) => fields)).toEqual(expected);
    }
  });

  test('a row has the number of the line that it begins on', () => {
    expect(rowsOf('a\n"b\nc"\nd\n').map(({ line }) => line)).toEqual([1, 2, 4]);
  });

  test('text with escapes: a backslash takes the next character as it is', () => {
    const rows = rowsOf('a\\|b|c\\\nd|"e"\n', { delimiter: '|', escape: true });
    expect(rows.map(({ fields }) => fields)).toEqual([['a|b', 'c\nd', '"e"']]);
  });

  test('any fields that CSV can hold are read back, whatever the pieces', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é', ' ') });
    fc.assert(
      fc.property(
        fc.array(fc.array(field, { minLength: 1 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        (table, length) => {
          const text = table
            .map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(','))
            .join('\n');
          expect(rowsOf(text, CSV, length).map(({ fields }) => fields)).toEqual(table);
        },
      ),
    );
  });

  test('a row longer than 4 MB is refused, not collected', () => {
    const rows = new DelimitedRows(CSV);
    rows.push('a\n');
    const push = () => {
      for (let n = 0; n < 10; n++) rows.push('x'.repeat(1024 * 1024));
    };
    expect(push).toThrow(RowTooLong);
    expect(push).toThrow('line 2');
  });
});
