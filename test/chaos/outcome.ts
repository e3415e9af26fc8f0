import type { Client } from '@temporalio/client';
import type { ChaosStack } from './chaos-stack.ts';

export interface Outcome {
  readonly seed: number;
  /** The broken promises; empty if the schedule passed. */
  readonly broken: readonly string[];
  readonly seconds: number;
  /** Injected faults by kind, and the incidents that took place. */
  readonly injected: Readonly<Record<string, number>>;
  /** Undefined if it could not be prepared. */
  readonly client: Client | undefined;
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
    broken.push(`the schedule itself failed: ${textOf(error)}`);
  }
  // Other schedules run at the same time: what fails here must not end them.
  await running.end().catch((error: unknown) => {
    broken.push(`the schedule could not be ended: ${textOf(error)}`);
  });
  if (broken.length === 0) {
    await running.forget().catch((error: unknown) => {
      broken.push(`what the schedule left could not be removed: ${textOf(error)}`);
    });
  }
  return {
    seed,
    broken,
    seconds: (Date.now() - began) / 1000,
    injected: running.injected(),
    client: running.client,
    directoryInS3: running.directoryInS3,
  };
}

const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
