import { crc32, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parseScanResponse } from '../../../../src/clients/dynamodb/scan-response.ts';
import { Transient } from '../../../../src/clients/errors.ts';
import type { Item } from '../../../../src/pipeline/item/attribute.ts';

const page = (text: string) => Buffer.from(text, 'utf8');
const sent = (body: Buffer) => ({ 'x-amz-crc32': String(crc32(body)) });
const zipped = { 'content-encoding': 'gzip' };
const answer =
  '{"Items":[{"id":{"N":"1e2"},"name":{"S":"Zoë 😀"}}],"Count":1,"ScannedCount":3,' +
  '"LastEvaluatedKey":{"id":{"B":"AAEC"}},"ConsumedCapacity":{"TableName":"t","CapacityUnits":128.5}}';
const parsed = {
  items: [{ id: { N: '1e2' }, name: { S: 'Zoë 😀' } }],
  count: 1,
  next: { id: { B: 'AAEC' } },
  readUnits: 128.5,
};

describe('a page is its items, its count, the key to resume from, and its cost', () => {
  test.each([
    ['with its checksum', page(answer), sent(page(answer))],
    ['without a checksum, which a proxy may drop', page(answer), {}],
    ['gzipped by DynamoDB', gzipSync(answer), { ...zipped, ...sent(gzipSync(answer)) }],
    ['gzipped by a proxy, which keeps the checksum', gzipSync(answer), { ...zipped, ...sent(page(answer)) }],
  ])('%s', (_how, body, headers) => {
    expect(parseScanResponse(body, headers)).toMatchObject(parsed);
  });

  test.each(['null', '{}', '{"TableName":"t"}', '{"CapacityUnits":null}', '{"CapacityUnits":"128"}'])(
    'its cost is 0 if it is not reported: %s',
    (capacity) => {
      const text = `{"Items":[],"Count":0,"ConsumedCapacity":${capacity}}`;
      expect(parseScanResponse(page(text), {}).readUnits).toBe(0);
    },
  );
});

test('attributes named like object built-ins are own properties, at every depth', () => {
  const text = '{"Items":[{"__proto__":{"M":{"__proto__":{"S":"x"},"constructor":{"N":"1"}}}}],"Count":1}';
  const [item] = parseScanResponse(page(text), sent(page(text))).items;
  expect(Object.keys(item ?? {})).toEqual(['__proto__']);
  expect(JSON.stringify(item)).toBe('{"__proto__":{"M":{"__proto__":{"S":"x"},"constructor":{"N":"1"}}}}');
});

describe('the end of a segment', () => {
  test.each([
    ['there is no key', '{"Items":[],"Count":0}'],
    ['the key is null', '{"Items":[],"Count":0,"LastEvaluatedKey":null}'],
    ['the key is empty', '{"Items":[],"Count":0,"LastEvaluatedKey":{}}'],
    ['there is no key, but items', '{"Items":[{"id":{"S":"a"}}],"Count":1}'],
    ['the key is empty, but there are items', '{"Items":[{"id":{"S":"a"}}],"Count":1,"LastEvaluatedKey":{}}'],
  ])('%s', (_what, text) => {
    expect(parseScanResponse(page(text), {}, { from: { id: { S: 'before' } } }).next).toBeUndefined();
  });

  test('has not come with an empty page that has a key', () => {
    const text = '{"Items":[],"Count":0,"LastEvaluatedKey":{"id":{"S":"a"}}}';
    expect(parseScanResponse(page(text), {})).toMatchObject({
      items: [],
      next: { id: { S: 'a' } },
    });
  });
});

describe('a damaged page is reported, and the SDK requests it again', () => {
  const at = answer.indexOf('Zoë') + 2;
  const notUtf8 = Buffer.from(page(answer));
  notUtf8[at] = 0x80;
  const twoPartKey = '{"Items":[],"Count":0,"LastEvaluatedKey":{"a":{"S":"x"},"b":{"N":"1"}}}';

  test.each<[string, Buffer, Record<string, string>]>([
    ['one bit differs', page(answer.replace('Zoë', 'Zoe')), sent(page(answer))],
    ['its checksum is not a number', page(answer), { 'x-amz-crc32': 'none' }],
    ['it is cut', page(answer.slice(0, -10)), {}],
    ['it is empty', page(''), {}],
    ['it is HTML', page('<html></html>'), {}],
    ['it is JSON, but not an object', page('[]'), {}],
    ['it is not UTF-8', notUtf8, {}],
    ['its gzip is cut', gzipSync(answer).subarray(0, -10), zipped],
    ['it is not gzip', page(answer), zipped],
    [
      'a bit differs in its gzip',
      gzipSync(answer.replace('Zoë', 'Zoe')),
      { ...zipped, ...sent(page(answer)) },
    ],
    ['its Count is more than its items', page('{"Items":[],"Count":2}'), {}],
    ['its Count is less than its items', page('{"Items":[{"id":{"S":"a"}}],"Count":0}'), {}],
    ['it has no Items', page('{"Count":0}'), {}],
    ['it has no Count', page('{"Items":[]}'), {}],
    ['an item is null', page('{"Items":[null],"Count":1}'), {}],
    ['its key is a text', page('{"Items":[],"Count":0,"LastEvaluatedKey":"a"}'), {}],
  ])('%s', (_what, body, headers) => {
    expectDamaged(() => parseScanResponse(body, headers));
  });

  test.each<[string, string, Item]>([
    ['its key is the one before', answer, { id: { B: 'AAEC' } }],
    ['its key is the one before, in another order', twoPartKey, { b: { N: '1' }, a: { S: 'x' } }],
  ])('%s', (_what, text, from) => {
    expectDamaged(() => parseScanResponse(page(text), {}, { from }));
  });
});

function expectDamaged(parse: () => unknown): void {
  let thrown: unknown;
  try {
    parse();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Transient);
  expect(thrown).toMatchObject({ code: 'DamagedPage', $retryable: { throttling: false } });
  expect((thrown as Error).message).not.toContain('Zo');
}
