import { setTimeout } from 'node:timers/promises';
import type { TargetLocks } from './target-locks.ts';

/** A reader that waits longer for a lock fails. What a busy machine needs to run the query is not counted. */
const LOCK_LIMIT_MS = 100;
const STATEMENT_LIMIT_MS = 20_000;
const PAUSE_MS = 15;

/** Someone who queries the table again and again: never waiting for a writer, and never failing. */
export class Reader {
  queries = 0;
  readonly failures: string[] = [];
  readonly #done: Promise<void>;
  #isOver = false;

  /** @param table qualified and quoted */
  constructor(locks: TargetLocks, table: string) {
    this.#done = this.#read(locks, table);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #read(locks: TargetLocks, table: string): Promise<void> {
    const client = await locks.session();
    await client.query(`SET lock_timeout = ${LOCK_LIMIT_MS}; SET statement_timeout = ${STATEMENT_LIMIT_MS}`);
    while (!this.#isOver) {
      try {
        await client.query(`SELECT count(*) FROM ${table}`);
        this.queries++;
      } catch (error) {
        this.failures.push(`a reader failed: ${(error as Error).message}`);
      }
      await setTimeout(PAUSE_MS);
    }
  }
}
