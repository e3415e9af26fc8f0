import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { benchWorker } from '../../../bench/datasets/bench-datasets.ts';
import { lateRuns, manyDays } from '../../../bench/datasets/bounds.ts';
import { benchProgram, duckdbCommand } from '../../../bench/datasets/other-programs.ts';
import { recordFiles } from '../../../bench/datasets/record-files.ts';
import { boundsText, datasetsText } from '../../../bench/datasets/report.ts';
import { exceeded } from '../../../bench/datasets/stated-bounds.ts';
import { testStack } from '../setup/stack.ts';

/** The benchmark of datasets with few records. Times are not judged: the machine is busy. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the benchmark of datasets', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-datasets-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const options = () => ({ addresses: testStack(), directory, cores: [] });

  test('makes the same number of rows and folders as DuckDB alone', async () => {
    const files = recordFiles({ seed: 1, megabytes: 1, fileMegabytes: 0.4, days: 3 }, join(directory, 'raw'));
    expect(files.paths).toHaveLength(3);
    const worker = await benchWorker(options(), files, 100);
    const duckdb = await benchProgram('DuckDB', duckdbCommand(), {
      ...{ files, directory: join(directory, 'duckdb'), cores: [] },
    });
    expect([worker.rows, duckdb.rows]).toEqual([files.records, files.records]);
    expect([worker.sizes, duckdb.sizes]).toMatchObject([{ length: 3 }, { length: 3 }]);
    const { peaks } = worker;
    // Engines are children of the worker, and none of them is there without it.
    expect(peaks.child).toBeGreaterThan(0);
    expect(peaks.children).toBeGreaterThan(0);
    expect(peaks.together).toBeGreaterThan(peaks.children);
    expect(datasetsText(files, [worker, duckdb])).toContain(`${files.records.toLocaleString('en')} records`);
  });

  test('a run that touches many days makes one generation and one file of each', async () => {
    const result = await manyDays(options(), { days: 12, recordsPerDay: 3 });
    expect(result).toMatchObject({ rows: 36, generations: 12, dataFiles: 12, partitions: { length: 12 } });
    expect(exceeded(result, result.bounds)).toEqual([]);
    // Nothing was published twice, so readers see every byte.
    expect(result.dataBytes).toBe(result.bounds.dataBytes);
  });

  test('late records make one generation per pass, not one per run', async () => {
    const result = await lateRuns(options(), { runs: 4, lateDays: 5, passEvery: 3 });
    // Passes with the first and fourth run, and the last one, which finds nothing.
    expect(result).toMatchObject({
      rows: 4 * 6,
      partitions: { length: 6 },
      generations: 4 + 2 * 5,
      dataFiles: 4 + 2 * 5,
    });
    expect(exceeded(result, result.bounds)).toEqual([]);
    expect(result.dataBytes).toBeGreaterThan(result.bounds.dataBytes / 3);
    expect(boundsText('4 runs', result)).toContain('14 generations of at most 19');
  });
});
