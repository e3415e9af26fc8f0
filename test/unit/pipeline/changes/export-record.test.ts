import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { incrementalExport, type NetChange } from '../../../../local/dynamodb/exports/export-files.ts';
import { netChange } from '../../../../src/pipeline/changes/export-record.ts';
import { parseExactly } from '../../../../src/pipeline/item/exact-json.ts';

const key = (id: string) => ({ id: { S: id } });
const image = (id: string, n: number) => ({ ...key(id), n: { N: String(n) } });
const atMs = 1_764_500_000_000;

const changes: NetChange[] = [
  { key: key('inserted'), before: undefined, after: image('inserted', 1), writtenAtMs: atMs },
  { key: key('modified'), before: image('modified', 1), after: image('modified', 2), writtenAtMs: atMs },
  { key: key('removed'), before: image('removed', 1), after: undefined, writtenAtMs: atMs },
];

/** The records of an incremental export with one file, in the order of its lines. */
function recordsOf(viewType: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES') {
  const objects = incrementalExport({
    ...{ bucket: 'b', prefix: '', id: '01693685827463-2d8752fd', tableArn: 'arn:t/orders', tableId: 'i' },
    ...{ startedAtMs: atMs, endedAtMs: atMs, fromMs: atMs, toMs: atMs, files: 1, viewType, changes },
  });
  const [, body] = [...objects].find(([name]) => name.startsWith('AWSDynamoDB/data/'))!;
  const lines = gunzipSync(body).toString().trim().split('\n');
  return lines.map((line) => netChange(parseExactly(line), viewType));
}

describe('a line of an incremental export', () => {
  test('with both images says what happened', () => {
    expect(recordsOf('NEW_AND_OLD_IMAGES')).toEqual([
      { kind: 'INSERT', at: atMs / 1000, key: key('inserted'), image: image('inserted', 1) },
      {
        ...{ kind: 'MODIFY', at: atMs / 1000, key: key('modified') },
        ...{ image: image('modified', 2), before: image('modified', 1) },
      },
      { kind: 'REMOVE', at: atMs / 1000, key: key('removed'), before: image('removed', 1) },
    ]);
  });

  test('with the new image alone counts a new item as modified', () => {
    expect(recordsOf('NEW_IMAGE').map((record) => record?.kind)).toEqual(['MODIFY', 'MODIFY', 'REMOVE']);
    expect(recordsOf('NEW_IMAGE').some((record) => record?.before !== undefined)).toBe(false);
  });

  test.each([
    {},
    null,
    { Item: {} },
    { Keys: {}, Metadata: {} },
    { Keys: [], Metadata: { WriteTimestampMicros: { N: '1' } } },
  ])('of another form is none: %j', (line) => {
    expect(netChange(line, 'NEW_IMAGE')).toBeUndefined();
  });

  test('keeps every attribute, whatever its name', () => {
    const line =
      '{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":"a"}},"NewImage":{"__proto__":{"S":"x"}}}';
    expect(JSON.stringify(netChange(parseExactly(line), 'NEW_IMAGE')?.image)).toBe('{"__proto__":{"S":"x"}}');
  });
});
