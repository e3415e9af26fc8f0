import { describe, expect, test } from '@jest/globals';
import {
  descriptionOf,
  scanBody,
  tableNameOf,
} from '../../../../src/clients/dynamodb/dynamodb-table-source.ts';

describe('tableNameOf', () => {
  test.each([
    ['nobel', 'nobel'],
    ['arn:aws:dynamodb:eu-west-1:123456789012:table/nobel', 'nobel'],
    ['arn:aws-cn:dynamodb:cn-north-1:123456789012:table/a.b_c-d', 'a.b_c-d'],
    ['arn:aws:dynamodb:eu-west-1:123456789012:table/nobel/stream/2026-01-01T00:00:00.000', 'nobel'],
  ])('%s → %s', (table, name) => {
    expect(tableNameOf(table)).toBe(name);
  });
});

describe('scanBody', () => {
  test('reads consistently if it is asked to', () => {
    const consistent = (asked: boolean | undefined) =>
      JSON.parse(scanBody({ table: 't', segment: 0, segments: 1, consistent: asked })).ConsistentRead;
    expect([consistent(true), consistent(false), consistent(undefined)]).toEqual([
      true,
      undefined,
      undefined,
    ]);
  });

  test('requests one segment’s page, and its cost', () => {
    expect(JSON.parse(scanBody({ table: 'nobel', segment: 3, segments: 8 }))).toEqual({
      TableName: 'nobel',
      Segment: 3,
      TotalSegments: 8,
      ReturnConsumedCapacity: 'TOTAL',
    });
  });

  test('returns the previous page’s key exactly, with binary as base64 and unusual names', () => {
    const from = JSON.parse('{"__proto__":{"B":"AAEC"},"constructor":{"N":"1E2"}}');
    expect(scanBody({ table: 't', segment: 0, segments: 1, limit: 5, from })).toContain(
      '"Limit":5,"ExclusiveStartKey":{"__proto__":{"B":"AAEC"},"constructor":{"N":"1E2"}}',
    );
  });
});

describe('descriptionOf', () => {
  const described = {
    TableName: 'nobel',
    TableStatus: 'ACTIVE' as const,
    ItemCount: 7,
    TableSizeBytes: 700,
    AttributeDefinitions: [
      { AttributeName: 'year', AttributeType: 'N' as const },
      { AttributeName: 'id', AttributeType: 'S' as const },
      { AttributeName: 'indexed', AttributeType: 'B' as const },
    ],
    KeySchema: [
      { AttributeName: 'year', KeyType: 'RANGE' as const },
      { AttributeName: 'id', KeyType: 'HASH' as const },
    ],
  };

  test('the partition key comes first, and attributes used only by indexes are omitted', () => {
    expect(descriptionOf('nobel', described)).toEqual({
      tableName: 'nobel',
      key: [
        { name: 'id', kind: 'S' },
        { name: 'year', kind: 'N' },
      ],
      approximateItems: 7,
      approximateBytes: 700,
    });
  });

  test('a table that is being created is transient, one that is being deleted is terminal', () => {
    expect(() => descriptionOf('nobel', { ...described, TableStatus: 'CREATING' })).toThrow(
      expect.objectContaining({ name: 'Transient', code: 'TableNotReady' }),
    );
    expect(() => descriptionOf('nobel', { ...described, TableStatus: 'DELETING' })).toThrow(
      expect.objectContaining({ name: 'Terminal', code: 'TableNotReadable' }),
    );
  });
});
