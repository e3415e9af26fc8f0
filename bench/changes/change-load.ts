import { setTimeout as wait } from 'node:timers/promises';
import type { ChangeOfTable } from './changing-items.ts';

const TICK_MS = 50;
/** Changes of one request. */
const MOST_AT_ONCE = 500;

interface LoadOptions {
  readonly endpoint: string;
  readonly table: string;
  readonly perSecond: number;
  readonly next: () => ChangeOfTable;
}

/**
 * Records changes in a table's stream at a fixed rate, with a control call of the local DynamoDB: so no emulator is
 * measured. If it falls behind, it catches up.
 */
export class ChangeLoad {
  readonly #options: LoadOptions;
  readonly #ended = new AbortController();
  #running: Promise<void> | undefined;
  #sent = 0;
  #beganMs = 0;
  #seconds = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get sent(): number {
    return this.#sent;
  }

  /** How long it ran. */
  get seconds(): number {
    return this.#seconds;
  }

  start(): void {
    this.#beganMs = performance.now();
    this.#running = this.#run();
    this.#running.catch(() => {});
  }

  /** @throws if a change could not be recorded */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      this.#seconds = (performance.now() - this.#beganMs) / 1000;
      const due = Math.floor(this.#seconds * this.#options.perSecond) - this.#sent;
      if (due > 0) await this.#record(Math.min(due, MOST_AT_ONCE));
      if (due <= MOST_AT_ONCE) await wait(TICK_MS);
    }
  }

  async #record(count: number): Promise<void> {
    const { endpoint, table, next } = this.#options;
    const changes = Array.from({ length: count }, next);
    await control(endpoint, 'record', { table, changes });
    this.#sent += count;
  }
}

/** A control call of the local DynamoDB: see local/dynamodb/README.md. */
export async function control(endpoint: string, call: string, body: object): Promise<void> {
  const response = await fetch(`${endpoint}/_control/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`The local DynamoDB refused ${call}: ${answer}`);
}
