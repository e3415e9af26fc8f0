import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { ChaosStack } from '../../chaos/chaos-stack.ts';
import { type Outcome, outcomeOf, type System } from '../../chaos/outcome.ts';
import { testStack } from '../setup/stack.ts';

const SPARE_WORKERS = 2;

/**
 * The tests' stack for the schedules of a `describe` block.
 * @returns runs the schedule of a seed, of this system or of another one
 */
export function withChaosStack(
  system: System,
  timeLimitSeconds: number,
): (seed: number, unguarded?: boolean, of?: System) => Promise<Outcome> {
  let directory: string;
  let stack: ChaosStack;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tributary-chaos-'));
    stack = await ChaosStack.connect(testStack(), directory, SPARE_WORKERS);
  });
  afterAll(async () => {
    await stack?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return (seed, unguarded = false, of = system) =>
    outcomeOf(of, seed, { stack, unguarded, timeLimitSeconds });
}
