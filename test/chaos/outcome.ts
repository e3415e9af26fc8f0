import type { Client } from '@temporalio/client';
import type { ChaosStack } from './chaos-stack.ts';

export interface Outcome {
  readonly seed: number;
  /** The broken promises; empty if the schedule passed. */
  readonly broken: readonly string[];
  readonly seconds: number;
  /** Injected faults by kind, and the incidents that took place. */
  readonly injected: Readonly<Record<string, number>>;
  readonly client: Client;
  /** Prefix of what the schedule's workers wrote to S3. */
  readonly directoryInS3: string;
}

export interface RunOptions {
  readonly stack: ChaosStack;
  readonly unguarded: boolean;
  readonly timeLimitSeconds: number;
  /** Called for each incident. */
  readonly log?: (line: string) => void;
}

/** What a chaos test is about, such as refreshes: an entry of `systems` in `main.ts`. */
export interface System {
  /** Everything that happens. One seed gives one schedule. */
  readonly scheduleOf: (seed: number) => object;
  /** A run of the schedule of a seed, which has not begun. */
  readonly begin: (seed: number, options: RunOptions) => Running;
}

/** A schedule that runs. Its methods are called in this order. */
export interface Running {
  /** Creates what is there before anything happens. */
  prepare(): Promise<void>;
  /** @returns the broken promises */
  run(): Promise<string[]>;
  /** Ends every process and proxy, whatever happened. */
  end(): Promise<void>;
  /** Frees space for the next schedules, if no promise was broken. */
  forget(): Promise<void>;
  injected(): Record<string, number>;
  readonly client: Client;
  readonly directoryInS3: string;
}

/** Runs the schedule of a seed and checks the result. */
export async function outcomeOf(system: System, seed: number, options: RunOptions): Promise<Outcome> {
  const began = Date.now();
  const running = system.begin(seed, options);
  const broken: string[] = [];
  try {
    await running.prepare();
    for (const each of await running.run()) broken.push(each);
  } catch (error) {
    broken.push(
      `the schedule itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } finally {
    await running.end();
  }
  if (broken.length === 0) await running.forget();
  return {
    seed,
    broken,
    seconds: (Date.now() - began) / 1000,
    injected: running.injected(),
    client: running.client,
    directoryInS3: running.directoryInS3,
  };
}
