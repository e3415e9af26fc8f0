import { setTimeout as wait } from 'node:timers/promises';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import type { LogCheckpoint } from '../../src/pipeline/changes/log-documents.ts';
import { readLogCheckpoint } from '../../src/store/changes/log-files.ts';
import { megabytes } from '../speed/process-tree.ts';
import type { WarehouseRows } from './warehouse-rows.ts';

const POSITIONS_MS = 500;
const SAMPLE_MS = 1000;

/** What was so at one time. */
export interface Sample {
  /** Since the watch began. */
  readonly atSeconds: number;
  /**
   * The age of the newest applied change, in the shard that is furthest behind. Streams date changes to the second, so it is up
   * to a second too much.
   */
  readonly lagSeconds: number;
  /** Changes that are applied. */
  readonly applied: number;
  /** Of the worker; undefined while it is stopped. */
  readonly megabytes?: number;
}

interface WatchOptions {
  readonly rows: WarehouseRows;
  readonly store: ObjectStore;
  /** Where the pipeline's log is. */
  readonly at: { readonly prefix: string; readonly pipeline: string };
  /** The worker's process; undefined while it is stopped. */
  readonly workerPid: () => number | undefined;
}

/** Watches how far the warehouse is behind, from outside: by its positions, and the log's documents that they name. */
export class LagWatch {
  readonly #options: WatchOptions;
  readonly #ended = new AbortController();
  readonly #applied = new Map<string, LogCheckpoint>();
  readonly #beganMs = performance.now();
  readonly #began = Date.now() / 1000;
  readonly #samples: Sample[] = [];
  #shards: readonly string[] = [];
  #running: Promise<unknown> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Changes that are applied, since the log was opened. */
  get applied(): number {
    return [...this.#applied.values()].reduce((sum, { total }) => sum + total.records, 0);
  }

  get seconds(): number {
    return (performance.now() - this.#beganMs) / 1000;
  }

  get lagSeconds(): number {
    // What was applied before the watch began is no lag.
    const times = this.#shards.map((shard) =>
      Math.max(this.#began, this.#applied.get(shard)?.times?.last ?? 0),
    );
    return Date.now() / 1000 - Math.min(...times, Date.now() / 1000);
  }

  start(): void {
    this.#running = Promise.all([this.#follow(), this.#sample()]);
    this.#running.catch(() => {});
  }

  /** @throws if something could not be read */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #follow(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.look();
      await wait(POSITIONS_MS);
    }
  }

  /** Looks at what is applied now. */
  async look(): Promise<void> {
    const { rows, store, at } = this.#options;
    const positions = await rows.positions();
    this.#shards = positions.map(({ shard }) => shard);
    for (const { epoch, shard, checkpoint } of positions) {
      if (checkpoint === 0 || this.#applied.get(shard)?.number === checkpoint) continue;
      this.#applied.set(shard, await readLogCheckpoint({ store, at: { ...at, epoch } }, shard, checkpoint));
    }
  }

  async #sample(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const pid = this.#options.workerPid();
      this.#samples.push({
        atSeconds: this.seconds,
        lagSeconds: this.lagSeconds,
        applied: this.applied,
        ...(pid === undefined ? {} : { megabytes: megabytes(pid, 'now') }),
      });
      await wait(SAMPLE_MS);
    }
  }
}
