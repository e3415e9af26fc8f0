import { expect, test } from '@jest/globals';
import { explainPartition } from '../../../../src/activities/datasets/derived/explain-partition.ts';
import type { ObjectStore } from '../../../../src/clients/object-store.ts';
import { DerivedDefinition } from '../../../../src/pipeline/datasets/derived/definition.ts';
import { Pointers } from '../../../../src/store/datasets/changed-pointers.ts';
import {
  buildRecord,
  pointer,
  publishedGeneration,
} from '../../../../src/store/datasets/dataset-documents.ts';

const { signal } = new AbortController();
const months = ['2026-01', '2026-02', '2026-03'];

const definition = (prefix: string, more: object) =>
  DerivedDefinition.parse({
    ...{ sql: './a.sql', partition: { column: 'month', unit: 'month' }, columns: { a: 'bigint' } },
    ...{ store: { bucket: 'lake', prefix }, ...more },
  });

test('a partition is explained by listing each dataset once, also if it read one that is not configured any more', async () => {
  const objects = new Map<string, string>();
  const listings: string[] = [];
  const store = {
    bucket: 'lake',
    async *list(prefix: string) {
      listings.push(prefix);
      for (const key of objects.keys()) if (key.startsWith(prefix)) yield { key, bytes: 1, etag: '"1"' };
    },
    get: async (key: string) => {
      const text = objects.get(key);
      return text === undefined ? undefined : { body: Buffer.from(text), etag: '"1"' };
    },
  } as unknown as ObjectStore;
  const files = (prefix: string) => ({ store, at: { prefix } });
  const content = { columnsId: 'c', rows: 1, sums: ['1', '2'] };
  const put = (prefix: string, partition: string, id: string) => {
    const at = { version: 1, generation: 1, id };
    const built = { code: 'c', inputs: 'i', record: id, files: 'f' };
    const named = { generation: 1, id };
    objects.set(
      pointer(files(prefix), partition).key,
      JSON.stringify({ ...at, revision: 1, publishedAt: '', content, built }),
    );
    objects.set(
      publishedGeneration(files(prefix), partition, named).key,
      JSON.stringify({ ...at, partition, builtAt: '', columns: [], content, files: [] }),
    );
  };
  for (const month of months) put('facts', `month=${month}`, month === '2026-02' ? 'newer' : 'x');
  put('report', 'month=2026-03', 'r');
  const input = (dataset: string, partition: string) => ({
    ...{ dataset, partition, generation: 1, id: 'x', version: 'v', isReference: false },
  });
  objects.set(
    buildRecord(files('report'), 'month=2026-03', 'r').key,
    JSON.stringify({
      ...{ version: 1, id: 'r', builtAt: '', for: '', code: 'c', warnings: [] },
      inputs: [...months.map((month) => input('facts', month)), input('removed', 'all')],
    }),
  );
  const datasets = {
    facts: definition('facts', { inputs: { raw: 'all' } }),
    report: definition('report', { inputs: { facts: 'year-to-date' } }),
  };
  const deps = {
    datasets: async () => ({}),
    derivedDatasets: async () => datasets,
    fetchedDatasets: async () => ({}),
    publications: async () => ({}),
    store: () => store,
  };
  const { inputs } = await explainPartition(
    deps,
    new Pointers(),
    { dataset: 'report', partition: '2026-03' },
    signal,
  );
  expect(inputs.map(({ dataset, partition, isSuperseded }) => [dataset, partition, isSuperseded])).toEqual([
    ['facts', '2026-01', false],
    ['facts', '2026-02', true],
    ['facts', '2026-03', false],
    ['removed', 'all', true],
  ]);
  expect(listings).toHaveLength(1);
});
