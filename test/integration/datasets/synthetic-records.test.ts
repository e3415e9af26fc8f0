import { expect, test } from '@jest/globals';
import { SYNTHETIC_COLUMNS, SYNTHETIC_MODULE, SYNTHETIC_SQL, syntheticFiles } from './synthetic-records.ts';
import { withDatasets } from './with-datasets.ts';

const datasets = withDatasets();

test('records of every kind are rows as written down, or are set aside, each with its reason', async () => {
  const files = syntheticFiles();
  const dataset = datasets.create({ source: { match: '**' }, batch: { maxFiles: 20 } }, SYNTHETIC_MODULE);
  for (const { path, bytes } of files) await dataset.putBytes(path, bytes);
  expect(await dataset.run()).toMatchObject({ files: files.length, parked: 0, failed: [] });

  const rows = await dataset.query(SYNTHETIC_SQL, SYNTHETIC_COLUMNS);
  expect(rows).toEqual(files.flatMap((file) => file.rows).toSorted());
  const setAside = await dataset.setAside();
  const counts = Map.groupBy(setAside, ({ file }) => file.slice(dataset.source.length));
  expect(files.map(({ path }) => [path, counts.get(path)?.length ?? 0])).toEqual(
    files.map((file) => [file.path, file.setAside]),
  );
  for (const { line, reason, raw } of setAside) {
    expect(reason).not.toBe('');
    // Of a file that cannot be decompressed there is no text.
    expect(raw === '').toBe(line === 0);
  }
});
