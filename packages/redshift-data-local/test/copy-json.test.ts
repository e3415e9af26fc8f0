import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nothingRead } from '../src/copy/copy-outcome.ts';
import { ColumnsByKey, ColumnsByPath, type JsonColumns } from '../src/copy/json/json-mapping.ts';
import { parseJsonPath } from '../src/copy/json/json-path.ts';
import { JsonReader } from '../src/copy/json/json-reader.ts';
import { columnOf } from './copy-column.ts';
import { copyStatement, copyTextRows, readPieces } from './copy-reading.ts';

const columns = [columnOf('s', 'super'), columnOf('v', 'varchar(65535)')];

function read(
  file: string,
  chunkBytes: number,
  options: string[] = [],
  mapping: JsonColumns = new ColumnsByKey(columns, false),
) {
  const copy = { ...copyStatement(options, 'JSON'), ignoreAllErrors: true };
  const outcome = nothingRead();
  const reader = new JsonReader({ columns, copy, outcome, mapping });
  const copyText = readPieces(reader, Buffer.from(file), chunkBytes);
  const utf8 = (text: string | null) => text && Buffer.from(text, 'latin1').toString('utf8');
  return {
    loaded: copyTextRows(copyText).map((row) => row.map(utf8)),
    refused: outcome.errors.map(({ lineNumber, code, columnName }) => [lineNumber, code, columnName]),
    outcome,
  };
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc
    .array(fc.constantFrom('"', '\\', '{', ']', ',', ':', '\n', 'é', '😀', ' '), { maxLength: 5 })
    .map((parts) => parts.join('')),
);
/** Without backslashes: JSON.parse confuses other escaped keys with them (https://github.com/nodejs/node/issues/63785). */
const key = text.map((name) => name.replaceAll('\\', '/'));
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const blanks = fc.constantFrom('', ' ', '\n', '\r\n', '\t', ' \n ');
const escapeSome = (written: string) =>
  written.replace(/[é😀/]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

test('what JSON.parse reads is what is loaded, wherever the pieces end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(json, json, blanks, fc.constantFrom(0, 1, '\t'), fc.boolean()), { maxLength: 5 }),
      fc.integer({ min: 1, max: 30 }),
      (values, chunkBytes) => {
        const file = values
          .map(([s, v, blank, indent, isEscaped]) => {
            const written = JSON.stringify({ other: v, s, v }, null, indent);
            return (isEscaped ? escapeSome(written) : written) + blank;
          })
          .join('');
        const { loaded, refused } = read(file, chunkBytes);
        expect(refused).toEqual([]);
        expect(loaded).toHaveLength(values.length);
        for (const [index, [s, v]] of values.entries()) {
          const [loadedSuper, loadedText] = loaded[index]!;
          expect(loadedSuper === null ? null : JSON.parse(loadedSuper!)).toEqual(s);
          const isText = typeof v === 'string' || v === null;
          expect(isText ? loadedText : JSON.parse(loadedText!)).toEqual(v);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

test('keys with escapes are loaded as they are written', () => {
  const written = String.raw`{"\\":1,"\"":2,"\\a":3,"\na":4}`;
  for (const chunkBytes of [1, 2, 30])
    expect(read(`{"s":${written},"v":${written}}`, chunkBytes).loaded).toEqual([[written, written]]);
});

test('a malformed object is one error, and the objects around it are loaded', () => {
  const malformed = fc.constantFrom(
    '{"v":}',
    '{"v":01}',
    "{'v':1}",
    '{"v":1,}',
    '{"v" 1}',
    '{"v":NaN}',
    '{"v":[1}}',
    '{"v":"a\u0001b"}',
    ',',
    'null',
    '"v"',
    '}',
    '[1]',
  );
  const wellFormed = fc.constant('{"v":"ok"}');
  fc.assert(
    fc.property(
      fc.array(fc.oneof(wellFormed, malformed), { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (parts, chunkBytes) => {
        const { loaded, refused } = read(parts.join('\n'), chunkBytes);
        const isGood = (part: string) => part === '{"v":"ok"}';
        expect(loaded).toEqual(parts.filter(isGood).map(() => [null, 'ok']));
        expect(refused).toEqual(
          parts.flatMap((part, index) => (isGood(part) ? [] : [[index + 1, 1216, '']])),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

describe('a row', () => {
  test('of the error report has the object and the value as they are in the file', () => {
    const { outcome } = read('{"v":"x"}\n{"s":\n"\\ud800",\n"v":"y"}', 4);
    expect(outcome.errors).toEqual([
      expect.objectContaining({
        lineNumber: 4,
        columnName: 's',
        code: 1224,
        rawLine: '{"s":\n"\\ud800",\n"v":"y"}',
        rawFieldValue: '"\\ud800"',
      }),
    ]);
  });

  test('nested deeper than 1,000 levels is refused', () => {
    expect(read(`{"s":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, 100).refused).toEqual([[1, 1216, '']]);
  });

  test('larger than 4 MB fails the load before the file is read to its end', () => {
    expect(() => read(`{"v":"${'x'.repeat(4_200_000)}`, 100_000)).toThrow('larger than the maximum of 4 MB');
  });

  test('may hold a string of almost 4 MB with escapes', () => {
    const long = '\\"'.repeat(1_900_000);
    expect(read(`{"v":"${long}"}`, 100_000, ['TRUNCATECOLUMNS']).loaded[0]![1]).toBe('"'.repeat(65_535));
  });
});

describe('JSONPaths', () => {
  const at = (file: string, ...paths: string[]) =>
    read(file, 5, [], new ColumnsByPath(paths.map((path) => parseJsonPath(path)!.path)));

  test.each([
    ['$.a.b', '$.c[0]', '{"a":{"b":1},"c":["x"]}', '1', 'x'],
    ["$['a']['b.c']", "$['é']", '{"a":{"b.c":[1]},"é":"x"}', '[1]', 'x'],
    ['$[1]', '$[0][0]', '[["x"],2]', '2', 'x'],
    ['$.none.deeper', '$.a', '{"a":"x"}', null, 'x'],
  ])('%s and %s of %s', (first, second, file, ...expected) => {
    expect(at(file, first, second).loaded).toEqual([expected]);
  });

  test.each([
    ['$.a.b', '{"a":1}', 'Invalid JSONPath format: Member is not an object.'],
    ['$.a[1]', '{"a":[1]}', 'Invalid JSONPath format: Not an array or index out of range.'],
    ['$.a[0]', '{}', 'Invalid JSONPath format: Not an array or index out of range.'],
    ['$.a', '[1]', 'Invalid JSONPath format: Member is not an object.'],
  ])('%s of %s is refused', (path, file, message) => {
    expect(at(file, path, '$.v').outcome.errors).toEqual([
      expect.objectContaining({ message, code: 1216, columnName: 's' }),
    ]);
  });

  test.each(['$', 'a', '$.', '$..a', '$.*[*]', '$.a[*]', "$.a['b']", '$.a[-1]', '$a', "$['a'].b", '$.a.'])(
    '%s is no path',
    (path) => expect(parseJsonPath(path)).toBeUndefined(),
  );
});
