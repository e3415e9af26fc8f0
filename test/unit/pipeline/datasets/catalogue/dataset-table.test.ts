import { describe, expect, test } from '@jest/globals';
import {
  type DescribedColumn,
  datasetTable,
} from '../../../../../src/pipeline/datasets/catalogue/dataset-table.ts';
import { DatasetDefinition } from '../../../../../src/pipeline/datasets/definition.ts';
import { columnType } from '../../../../../src/pipeline/datasets/records/column-type.ts';

const definition = (partition: object) =>
  DatasetDefinition.parse({
    source: { bucket: 'logs' },
    records: './records.ts',
    partition,
    store: { bucket: 'lake', prefix: 'requests/' },
  });

const column = (name: string, written: unknown, comment?: string): DescribedColumn => ({
  ...{ name, type: columnType(written) },
  ...(comment !== undefined && { comment }),
});

describe('the table of a dataset', () => {
  test('has comments and Hive’s types, and the partition column only as a key', () => {
    const table = datasetTable('requests', definition({ column: 'day' }), [
      column('id', 'string', 'The id.'),
      column('day', 'date', 'Of the request.'),
      column('price', 'decimal(10,2)'),
      column('at', 'timestamp'),
      column('tags', { list: { struct: { name: 'string', weights: { list: 'double' } } } }),
    ]);
    expect(table).toEqual({
      columns: [
        { name: 'id', type: 'string', comment: 'The id.' },
        { name: 'price', type: 'decimal(10,2)' },
        { name: 'at', type: 'timestamp' },
        { name: 'tags', type: 'array<struct<name:string,weights:array<double>>>' },
      ],
      partitionKeys: [{ name: 'day', type: 'date', comment: 'Of the request.' }],
      location: 's3://lake/requests/',
      parameters: {
        EXTERNAL: 'TRUE',
        classification: 'parquet',
        'parquet.compression': 'ZSTD',
        'tributary.dataset': 'requests',
      },
    });
  });

  test.each([
    [{ column: 'day', from: 'at' }, [['day', 'date']]],
    [{ column: 'hour', from: 'at', unit: 'hour' }, [['hour', 'string']]],
    [
      { columns: ['year', 'month', 'day'], from: 'at' },
      [
        ['year', 'string'],
        ['month', 'string'],
        ['day', 'string'],
      ],
    ],
  ])('keeps the timestamp that %j is computed from', (partition, keys) => {
    const table = datasetTable('r', definition(partition), [column('at', 'timestamp')]);
    expect(table.columns).toEqual([{ name: 'at', type: 'timestamp' }]);
    expect(table.partitionKeys.map(({ name, type }) => [name, type])).toEqual(keys);
  });
});
