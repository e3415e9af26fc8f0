import { describe, expect, test } from '@jest/globals';
import { commonFolder, loadSource } from '../../../../src/pipeline/bulk-load/load-source.ts';
import { Manifest, manifestEntries } from '../../../../src/pipeline/bulk-load/manifest.ts';

describe('the address of a load', () => {
  test.each([
    ['s3://landing/quakes/day=2026-11-01/', 'prefix', 'quakes/day=2026-11-01/'],
    ['s3://landing/quakes/a b+c%20d', 'prefix', 'quakes/a b+c%20d'],
    ['s3://landing/lists/late.manifest', 'manifest', 'lists/late.manifest'],
    ['s3://landing/unload/quakes_manifest', 'manifest', 'unload/quakes_manifest'],
    ['s3://landing/manifest.json', 'manifest', 'manifest.json'],
    ['s3://landing/manifests/', 'prefix', 'manifests/'],
  ])('%s is a %s', (from, kind, key) => {
    expect(loadSource(from)).toEqual({ kind, bucket: 'landing', key });
  });

  test.each(['landing/quakes/', 's3://landing', 's3://landing/', 's3:///quakes/', 'https://landing/quakes/'])(
    '%s is none',
    (from) => {
      expect(loadSource(from)).toBeUndefined();
    },
  );
});

describe('a manifest', () => {
  test('as UNLOAD writes it lists files, each once; one mention as mandatory counts', () => {
    const parsed = Manifest.parse({
      entries: [
        { url: 's3://landing/a.csv', meta: { content_length: 3 } },
        { url: 's3://landing/b.csv' },
        { url: 's3://landing/a.csv', mandatory: true },
      ],
      schema: { elements: [] },
    });
    expect(manifestEntries(parsed)).toEqual([
      { bucket: 'landing', key: 'a.csv', mandatory: true },
      { bucket: 'landing', key: 'b.csv', mandatory: false },
    ]);
  });

  test('with an address that is not in S3 is refused', () => {
    expect(Manifest.safeParse({ entries: [{ url: 'emr://landing/a.csv' }] }).success).toBe(false);
  });
});

describe('the folder that keys share', () => {
  test.each([
    [['q/day=1/a', 'q/day=1/b'], 'q/day=1/'],
    [['q/day=1/a', 'q/day=10/b'], 'q/'],
    [['q/day=1/a'], 'q/day=1/'],
    [['q/day=1/a', 'q/day=1/a/b'], 'q/day=1/'],
    [['a', 'b'], ''],
    [['a/b', 'a'], ''],
    [[], ''],
  ])('%j: %j', (keys, folder) => {
    expect(commonFolder(keys)).toBe(folder);
  });
});
