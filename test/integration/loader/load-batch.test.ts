import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { withLoaders } from './loader-harness.ts';

describe('a batch that appends', () => {
  const { define } = withLoaders();

  test('loads each file once, by the names of its columns, however often it is started', async () => {
    const loader = define();
    await loader.createTable('id INT, place VARCHAR(64), mag DECIMAL(4,2)');
    const files = [
      await loader.drop('a.csv', 'id,place,mag\n1,"Oslo, Norway",4.25\n2,,\n'),
      await loader.drop('b.csv', 'Mag,ID\r\n1.5,3\r\n'),
      await loader.drop('c.csv.gz', gzipSync('\ufeffid,place\n4,Rome\n')),
    ];
    const batch = await loader.writeBatch(files);
    const result = await loader.load(batch);
    expect(result).toEqual({
      ...{ batch, files: 3, rows: 4, merged: 4, deleted: 0, setAside: 0 },
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    });
    const rows = [
      { id: '1', place: 'Oslo, Norway', mag: '4.25' },
      { id: '2', place: '', mag: null },
      { id: '3', place: null, mag: '1.50' },
      { id: '4', place: 'Rome', mag: null },
    ];
    expect(await loader.rows()).toEqual(rows);
    expect(await loader.closed(batch)).toMatchObject({ outcome: 'loaded', files: 3, rows: 4, others: [] });
    expect(await loader.isMarkedOpen(batch)).toBe(false);

    expect(await loader.load(batch)).toEqual(result);
    const again = await loader.loadAll(...files);
    expect(again).toMatchObject({ files: 0, rows: 0 });
    expect(again.notes?.[0]).toContain('3 files not loaded again');
    expect(await loader.rows()).toEqual(rows);
  });
});
