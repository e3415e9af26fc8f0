import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LoaderBench } from '../../../bench/loader/bench-loader.ts';
import { announcedText, waitingText } from '../../../bench/loader/report.ts';
import { testStack } from '../setup/stack.ts';

/** The benchmark of loaders with few files. Times are not judged: the machine is busy. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the benchmark of loaders', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-loader-'));
  let bench: LoaderBench;
  beforeAll(async () => {
    bench = await LoaderBench.open({
      ...{ addresses: testStack(), directory, rowsPerFile: 2, maxFiles: 10, append: false },
      log: () => {},
    });
  });
  afterAll(async () => {
    await bench.close();
    rmSync(directory, { recursive: true });
  });

  test('loads all files that are announced at once, and counts what that takes', async () => {
    const result = await bench.announced(40, 40);
    expect(result).toMatchObject({ files: 40, loaded: 40 });
    expect(result.batches).toBeGreaterThanOrEqual(4);
    expect(result.loading.count).toBe(result.batches);
    expect(result.toInbox.requests['sqs:DeleteMessageBatch']).toBeGreaterThanOrEqual(4);
    // The header of each file is read.
    expect(result.toTable.requests['s3:GetObject']).toBeGreaterThanOrEqual(40);
    expect(result.histories.map(({ workflow }) => workflow)).toEqual(['loadFiles', 'watchFiles']);
    expect(announcedText(result)).toContain('40 files announced at once, 40 of them loaded');
  });

  test('loads some batches while many files wait, and reads few of their pages', async () => {
    const result = await bench.waiting(20_000, 2);
    expect(result).toMatchObject({ waiting: 20_000, loaded: 20, inbox: { estimated: true } });
    // The pages say about how many files wait, within a few percent.
    for (const { files } of [result.inbox, result.status]) {
      expect(files).toBeGreaterThan(18_000);
      expect(files).toBeLessThan(22_000);
    }
    expect(waitingText(result)).toContain('20 files loaded while 20,000 more wait');
  });
});
