import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ChangesBench } from '../../../bench/changes/bench-changes.ts';
import { changesFigures, changesText } from '../../../bench/changes/report.ts';
import { testStack } from '../setup/stack.ts';

/** The benchmark of changes with few of them. Times are not judged: the machine is busy. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the benchmark of changes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-changes-'));
  let bench: ChangesBench;
  beforeAll(() => {
    bench = new ChangesBench({
      ...{ addresses: testStack(), directory, servers: [{ name: 'tests', pid: process.pid }], log: () => {} },
      ...{ changesPerSecond: 200, seconds: 3, stopSeconds: 0, applySeconds: 1, countsRequests: true },
      hasPausedDestination: true,
      ...{ tables: 4, keys: 300, itemBytes: 700, shards: 2 },
    });
  });
  afterAll(async () => {
    await bench.close();
    rmSync(directory, { recursive: true });
  });

  test('makes as many changes as it should, and finds them all in the warehouse', async () => {
    const result = await bench.run();
    expect(result).toMatchObject({ tables: 4, shards: 2, keys: 300 });
    expect(result.changes).toBeGreaterThanOrEqual(400);
    expect(result.samples.at(-1)!.applied).toBeLessThanOrEqual(result.changes);
    // Up to 300 items, and their members in three lists; one change of 20 deletes an item.
    expect(result.rows).toBeGreaterThan(600);
    expect(result.requests!['dynamodb:GetRecords']).toBeGreaterThanOrEqual(2);
    expect(result.requests!['s3:PutObject']).toBeGreaterThanOrEqual(4);
    expect(Object.keys(result.cpuSeconds)).toEqual(['worker', 'tests', 'load']);
    expect(changesFigures(result).appliedPerSecond).toBeGreaterThanOrEqual(0);
    expect(changesText(result)).toContain(`All ${result.rows.toLocaleString('en')} rows equal the model.`);
  });
});
