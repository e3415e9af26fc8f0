import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parseScanResponse } from '../../../../src/clients/dynamodb/scan-response.ts';
import { Transient } from '../../../../src/clients/errors.ts';

const page = (text: string) => Buffer.from(text, 'utf8');
const crcOf = (text: string) => String(crc32(page(text)));
const answer =
  '{"Items":[{"id":{"N":"1e2"},"name":{"S":"Zoë 😀"}}],"Count":1,"ScannedCount":3,' +
  '"LastEvaluatedKey":{"id":{"B":"AAEC"}},"ConsumedCapacity":{"TableName":"t","CapacityUnits":128.5}}';

test('a page is its items, its count, the key to resume from, and its cost', () => {
  expect(parseScanResponse(page(answer), crcOf(answer))).toEqual({
    items: [{ id: { N: '1e2' }, name: { S: 'Zoë 😀' } }],
    count: 1,
    lastEvaluatedKey: { id: { B: 'AAEC' } },
    readUnits: 128.5,
  });
});

test('attributes named like object built-ins are own properties, at every depth', () => {
  const text = '{"Items":[{"__proto__":{"M":{"__proto__":{"S":"x"},"constructor":{"N":"1"}}}}],"Count":1}';
  const [item] = parseScanResponse(page(text), crcOf(text)).items;
  expect(Object.keys(item ?? {})).toEqual(['__proto__']);
  expect(JSON.stringify(item)).toBe('{"__proto__":{"M":{"__proto__":{"S":"x"},"constructor":{"N":"1"}}}}');
});

test('the last page has no key to resume from', () => {
  const text = '{"Items":[],"Count":0}';
  expect(parseScanResponse(page(text), crcOf(text)).lastEvaluatedKey).toBeUndefined();
});

describe('a damaged page is reported, and the SDK requests it again', () => {
  test.each([
    ['one bit differs', page(answer.replace('Zoë', 'Zoe')), crcOf(answer)],
    ['it is cut', page(answer.slice(0, -10)), undefined],
    ['its Count is not the number of its items', page('{"Items":[],"Count":2}'), undefined],
    ['it has no Items', page('{"Count":0}'), undefined],
  ])('%s', (_what, body, crc) => {
    let thrown: unknown;
    try {
      parseScanResponse(body, crc);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Transient);
    expect(thrown).toMatchObject({ code: 'DamagedPage', $retryable: { throttling: false } });
  });
});
