import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseExactly } from '../../../../src/pipeline/item/exact-json.ts';

const name = fc.oneof(
  fc.constantFrom('a', '\\', '"', '\\"', '\n', '\\n', '\\\\', '\\e', '__proto__', '', 'a\\b'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const leaf = fc.oneof(
  name,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('json')), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
  ),
}));

describe('a JSON text is read', () => {
  test('as it was written, even after keys with escapes', () => {
    expect(Object.keys(parseExactly('{"h":[],"\\\\":0}') as object)).toEqual(['h', '\\']);
    expect(Object.keys(parseExactly('{"h":1,"\\"":2}') as object)).toEqual(['h', '"']);
  });

  test('whatever it holds', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.stringify(parseExactly(text), null, indent)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['{"a":[1.50,1e2],"b":true}', String.raw`{"\"":[1.50,1e2],"b":true}`])(
    'with its numbers as they are written: %s',
    (text) => {
      const [list, flag] = Object.values(parseExactly(text, (written) => written) as object);
      expect(list).toEqual(['1.50', '1e2']);
      expect(flag).toBe(true);
    },
  );

  test('with __proto__ as a member like any other', () => {
    for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"\\"":1}}']) {
      expect(Object.hasOwn(parseExactly(text) as object, '__proto__')).toBe(true);
    }
  });

  test('however long its strings are', () => {
    const long = '\\"'.repeat(500_000);
    expect(parseExactly(`{"\\n":"${long}"}`)).toEqual({ '\n': '"'.repeat(500_000) });
  });
});

test.each([
  '',
  '{"\\"":1',
  '{"\\"":1}}',
  '{"\\"" 1}',
  '{"\\"":}',
  '{"\\"":1,}',
  '{"\\"":01}',
  '{"\\"":1 "b":2}',
  '{"\\x":1}',
  '{"\\"":"a',
  '{"\\"":"\n"}',
  '{"\\"":[1,]}',
  '{"\\"":[1}',
  '{"\\"":nul}',
  '{"\\"":-}',
  "{'\\\"':1}",
])('%j is not JSON', (text) => {
  expect(() => parseExactly(text)).toThrow(SyntaxError);
});
