import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JsonKeys, TEXT_TYPE } from '../../../../src/pipeline/loader/json-keys.ts';
import { JsonObjects } from '../../../../src/pipeline/loader/json-objects.ts';

function objectsOf(text: string, length: number) {
  const objects = new JsonObjects();
  const found = [];
  for (let at = 0; at < text.length; at += length) found.push(...objects.push(text.slice(at, at + length)));
  return found;
}

test('objects are found one after the other, with the lines that they begin on', () => {
  const text = '{"a":1}{"b":"}{\\""}\n\n  {\n"c": {"d": [1, {"e": 2}]}\n}\n{"f":1';
  for (const length of [1, 2, 5, 1000]) {
    const found = objectsOf(text, length);
    expect(found.map(({ line }) => line)).toEqual([1, 1, 3]);
    expect(found.map((object) => JSON.parse(object.text))).toEqual([
      { a: 1 },
      { b: '}{"' },
      { c: { d: [1, { e: 2 }] } },
    ]);
  }
});

test('any objects are found, whatever the pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      fc.integer({ min: 1, max: 9 }),
      (objects, length) => {
        const text = objects.map((object) => JSON.stringify(object)).join('\n');
        expect(objectsOf(text, length).map((object) => object.text)).toEqual(
          objects.map((object) => JSON.stringify(object)),
        );
      },
    ),
  );
});

test('a key that ever holds an object or array needs SUPER, any other one text', () => {
  const keys = new JsonKeys();
  keys.take('{"b":1,"a":"x"}');
  keys.take('{"b":{"c":2},"a":null,"B":true}');
  keys.take('{not json}');
  expect(keys.columns()).toEqual([
    { name: 'B', type: TEXT_TYPE },
    { name: 'a', type: TEXT_TYPE },
    { name: 'b', type: 'super' },
  ]);
});
