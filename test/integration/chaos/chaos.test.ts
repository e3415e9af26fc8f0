import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ChaosStack } from '../../chaos/chaos-stack.ts';
import { runSchedule } from '../../chaos/run-schedule.ts';
import { testStack } from '../setup/stack.ts';

/** Of `npm run chaos`: few enough for every day. */
const SEEDS = [1, 2, 4, 7, 8, 13, 14, 17];
/** In these, writers race: a zombie's checkpoint against its successor's, two loads of one table. */
const NEEDS_GUARDS = [14, 23, 55];

describe('a refresh of a changing table while workers die and services fail', () => {
  let directory: string;
  let stack: ChaosStack;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tributary-chaos-'));
    stack = await ChaosStack.connect(testStack(), directory, 2);
  });
  afterAll(async () => {
    await stack?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const brokenBy = async (seed: number) =>
    (await runSchedule(seed, { stack, unguarded: false, timeLimitSeconds: 100 })).broken;

  test.concurrent.each(SEEDS)(
    'keeps every promise: seed %i',
    async (seed) => {
      expect(await brokenBy(seed)).toEqual([]);
    },
    120_000,
  );

  test.concurrent.each(NEEDS_GUARDS)(
    'keeps them where two writers race: seed %i',
    async (seed) => {
      expect(await brokenBy(seed)).toEqual([]);
    },
    120_000,
  );
});
