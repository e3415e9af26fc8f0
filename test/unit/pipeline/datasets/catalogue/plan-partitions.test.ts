import { describe, expect, test } from '@jest/globals';
import {
  type PartitionDefinition,
  valuesKey,
} from '../../../../../src/pipeline/datasets/catalogue/catalogue-table.ts';
import {
  foreignPartitions,
  knownGeneration,
  partitionDefinition,
  planPartitions,
} from '../../../../../src/pipeline/datasets/catalogue/plan-partitions.ts';

const store = { bucket: 'lake', prefix: 'requests' };
const columns = [{ name: 'id', type: 'string', comment: 'The id.' }];
const pointer = (day: string, number: number) => ({
  partition: `day=${day}`,
  etag: `etag-${number}`,
  generation: `gen-0000${number}-abc`,
});
const partition = (day: string, number: number) => partitionDefinition(store, pointer(day, number), columns);
const byValues = (partitions: readonly PartitionDefinition[]) =>
  new Map(partitions.map((each) => [valuesKey(each.values), each]));

describe('partitions in the catalogue', () => {
  test('have the folder of their generation, and the table’s columns without comments', () => {
    expect(partition('2026-11-01', 7)).toEqual({
      values: ['2026-11-01'],
      location: 's3://lake/requests/day=2026-11-01/gen-00007-abc/',
      columns: [{ name: 'id', type: 'string' }],
      parameters: {
        classification: 'parquet',
        'tributary.generation': 'gen-00007-abc',
        'tributary.pointer': 'etag-7',
      },
    });
  });

  test('have the values of all partition columns', () => {
    const path = { ...pointer('x', 1), partition: 'year=2026/month=11/day=01' };
    expect(partitionDefinition(store, path, columns).values).toEqual(['2026', '11', '01']);
  });

  test('are added, switched, given more columns and removed until they are what the pointers say', () => {
    const found = byValues([
      partition('2026-11-01', 6),
      partition('2026-11-02', 1),
      partition('2026-11-04', 1),
    ]);
    const wanted = [partition('2026-11-01', 7), partition('2026-11-02', 1), partition('2026-11-03', 1)];
    expect(planPartitions(wanted, found)).toEqual({
      create: [wanted[2]],
      update: [wanted[0]],
      remove: [['2026-11-04']],
    });
    const more = [
      { name: 'id', type: 'string' },
      { name: 'agent', type: 'string' },
    ];
    const widened = partitionDefinition(store, pointer('2026-11-01', 7), more);
    expect(planPartitions([widened], byValues([partition('2026-11-01', 7)])).update).toEqual([widened]);
    expect(planPartitions([widened], byValues([widened]))).toEqual({ create: [], update: [], remove: [] });
  });

  test('need no pointer to be read while they name its ETag and the folder of its generation', () => {
    const listed = { partition: 'day=2026-11-01', etag: 'etag-7' };
    const current = partition('2026-11-01', 7);
    expect(knownGeneration(store, listed, current)).toBe('gen-00007-abc');
    expect(knownGeneration(store, { ...listed, etag: 'etag-8' }, current)).toBeUndefined();
    expect(knownGeneration(store, listed, { ...current, location: 's3://lake/elsewhere/' })).toBeUndefined();
    expect(knownGeneration(store, listed, undefined)).toBeUndefined();
  });

  test('of others are named', () => {
    const foreign = { ...partition('2026-11-02', 1), parameters: {} };
    const address = { database: 'lake', table: 'requests' };
    expect(foreignPartitions(address, [partition('2026-11-01', 7)])).toBeUndefined();
    expect(foreignPartitions(address, [partition('2026-11-01', 7), foreign, foreign])).toEqual({
      code: 'CatalogueForeign',
      message: expect.stringMatching(/2026-11-02 in s3:\/\/lake\/.*, and 1 more\. No partition was changed/),
    });
  });
});
