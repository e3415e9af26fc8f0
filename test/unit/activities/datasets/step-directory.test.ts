import { existsSync, mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { inStepDirectory, removeAbandoned } from '../../../../src/activities/datasets/step-directory.ts';

test('what a killed worker left is removed a day later, and nothing that a step may still use', async () => {
  const left = mkdtempSync(join(tmpdir(), 'tributary-dataset-'));
  mkdirSync(join(left, 'duckdb-temporary'));
  writeFileSync(join(left, 'in-0.parquet'), 'x');
  const nowMs = Date.now();
  const age = (hours: number) => utimesSync(left, new Date(), new Date(nowMs - hours * 3_600_000));
  await inStepDirectory(async (own) => {
    age(13);
    await removeAbandoned(nowMs);
    expect([existsSync(left), existsSync(own)]).toEqual([true, true]);
    age(25);
    await removeAbandoned(nowMs);
    expect([existsSync(left), existsSync(own)]).toEqual([false, true]);
  });
});
