import { describe, expect, test } from '@jest/globals';
import { DatasetDefinition } from '../../../../src/pipeline/datasets/definition.ts';

const ACCESS_RECORDS = {
  source: { kind: 's3-json', bucket: 'logs', prefix: 'accessRecord/records/', match: '**/*.gz' },
  records: './access-records.ts',
  partition: { column: 'record_date', unit: 'day', timezone: 'UTC' },
  store: {
    bucket: 'lake',
    prefix: 'processedAccessRecord/',
    format: 'parquet',
    catalogue: { kind: 'glue', database: 'datawarehouse', table: 'processedaccessrecord' },
  },
  deduplicate: { key: ['session_id', 'timestamp', 'record_date'] },
  late: { after: '3d', every: '1d' },
  bounds: { from: '2011-01-01', until: 'tomorrow' },
};

const problems = (changes: Readonly<Record<string, unknown>>): string[] =>
  (DatasetDefinition.safeParse({ ...ACCESS_RECORDS, ...changes }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

test('a definition that was parsed is parsed again to the same', () => {
  const parsed = DatasetDefinition.parse(ACCESS_RECORDS);
  expect(parsed.store.prefix).toBe('processedAccessRecord');
  expect(parsed.late).toEqual({ after: 259_200, every: 86_400 });
  expect(DatasetDefinition.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
});

test('the least that a dataset needs', () => {
  const { source, store, deduplicate: _, late: __, bounds: ___, ...rest } = ACCESS_RECORDS;
  const { catalogue: ____, ...place } = store;
  const parsed = DatasetDefinition.parse({
    ...rest,
    source: { bucket: source.bucket },
    store: { ...place, bucket: 'other' },
  });
  expect(parsed.store.catalogue).toEqual({ kind: 'none' });
  expect(parsed.bounds).toEqual({ from: '1970-01-01', until: 'tomorrow' });
  expect(parsed.late).toBeUndefined();
});

test('an unknown key is refused at every level', () => {
  expect(problems({ partitions: 1 })).toEqual([': Unrecognized key: "partitions"']);
  expect(problems({ late: { after: '3d', each: '1d' } })).toEqual(['late: Unrecognized key: "each"']);
  expect(problems({ store: { ...ACCESS_RECORDS.store, catalogue: { kind: 'none', table: 'a' } } })).toEqual([
    'store.catalogue: Unrecognized key: "table"',
  ]);
});

describe('a partition', () => {
  const ofDay = { columns: ['year', 'month', 'day'], from: 'timestamp' };

  test('of several columns comes from one timestamp', () => {
    expect(problems({ partition: ofDay, deduplicate: undefined })).toEqual([]);
    expect(problems({ partition: { columns: ofDay.columns }, deduplicate: undefined })).toEqual([
      'partition.columns: from beside columns: the timestamp column that they are computed from',
    ]);
  });

  test.each([
    [{}, 'partition: exactly one of column and columns'],
    [{ ...ofDay, column: 'a' }, 'partition.columns: either column or columns'],
    [{ column: 'record_date', unit: 'hour' }, 'partition.unit: from beside unit: hour'],
    [{ ...ofDay, unit: 'hour' }, 'partition.columns: four names with unit: hour'],
    [{ columns: ['year', 'month'], from: 'timestamp' }, 'partition.columns: three names, for year'],
    [{ ...ofDay, from: 'year' }, 'partition.from: a timestamp column of the module'],
    [{ column: 'record_date', timezone: 'Berlin' }, 'partition.timezone: a time zone of the IANA database'],
  ])('%j is refused', (partition, message) => {
    expect(problems({ partition, deduplicate: undefined })).toEqual([expect.stringContaining(message)]);
  });
});

describe('a key determines the partition', () => {
  test('it has the partition column, or the timestamp that the partition is computed from', () => {
    const partition = { column: 'record_date', from: 'timestamp' };
    expect(problems({ partition, deduplicate: { key: ['session_id', 'timestamp'] } })).toEqual([]);
    expect(problems({ partition, deduplicate: { key: ['session_id', 'record_date'] } })).toEqual([]);
  });

  test('any other key is refused', () => {
    expect(problems({ deduplicate: { key: ['session_id', 'timestamp'] } })).toEqual([
      'deduplicate.key: a key with record_date: duplicates are found within a partition, so the key must determine it',
    ]);
    expect(
      problems({
        partition: { columns: ['year', 'month', 'day'], from: 'timestamp' },
        deduplicate: { key: ['year', 'month'] },
      }),
    ).toEqual([expect.stringContaining('a key with timestamp or year, month, day')]);
  });

  test('newest is not part of the key', () => {
    expect(problems({ deduplicate: { key: ['record_date'], newest: 'record_date' } })).toEqual([
      expect.stringContaining('deduplicate.newest: a column that is not in key'),
    ]);
  });
});

test.each(['accessRecord/records/lake', 'accessRecord', 'accessRecord/records'])(
  'the table is never at %s, among the records',
  (prefix) => {
    expect(problems({ store: { bucket: 'logs', prefix } })).toEqual([
      expect.stringContaining(
        'store.prefix: a prefix apart from the files in s3://logs/accessRecord/records/',
      ),
    ]);
    expect(problems({ store: { bucket: 'lake', prefix } })).toEqual([]);
  },
);

test('a table beside the records is not among them', () => {
  expect(problems({ store: { bucket: 'logs', prefix: 'accessRecord/recordsOfDays' } })).toEqual([]);
});

test('bounds have an order', () => {
  expect(problems({ bounds: { from: '2012-01-01', until: '2011-12-31' } })).toEqual([
    'bounds.until: a date that is not before from, 2012-01-01',
  ]);
});
