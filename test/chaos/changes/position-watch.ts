import { setTimeout } from 'node:timers/promises';
import { positionsOf, positionsQuery, type StoredPosition } from '../../../src/pipeline/load/positions.ts';
import type { ChaosStack } from '../chaos-stack.ts';

const EVERY_MS = 500;

/** Sees whether the positions of a live schema ever decrease, through applies and swaps. */
export class PositionWatch {
  readonly schema: string;
  /** Each time that they did. */
  readonly backwards: string[] = [];
  readonly #stack: ChaosStack;
  /** The checkpoint of each shard that live was seen at last. */
  readonly #seen = new Map<string, number>();
  #isPaused = false;
  #last: Promise<void> = Promise.resolve();

  constructor(stack: ChaosStack, schema: string) {
    this.#stack = stack;
    this.schema = schema;
  }

  /** The positions now. @throws if there is no live schema */
  async positions(): Promise<StoredPosition[]> {
    const [rows = []] = await this.#stack.sql(positionsQuery(this.schema));
    return positionsOf(rows);
  }

  /** Looks until something is over. */
  async until(isOver: () => boolean): Promise<void> {
    for (; !isOver(); await setTimeout(EVERY_MS)) await this.look().catch(() => {});
  }

  /** Reads the positions, and compares them with those that were seen before. */
  look(): Promise<void> {
    // One after another: what was read earlier must not be compared later.
    this.#last = this.#last.catch(() => {}).then(() => this.#compare());
    return this.#last;
  }

  async #compare(): Promise<void> {
    if (this.#isPaused) return;
    for (const { shard, checkpoint } of await this.positions()) {
      const before = this.#seen.get(shard) ?? 0;
      if (checkpoint < before)
        this.backwards.push(
          `${this.schema} went back from checkpoint ${before} of ${shard} to ${checkpoint}`,
        );
      this.#seen.set(shard, checkpoint);
    }
  }

  /** While an operator restores what was live before, positions may decrease: it is the only way back. */
  async whileRestoring<T>(work: () => Promise<T>): Promise<T> {
    this.#isPaused = true;
    await this.#last.catch(() => {});
    this.#seen.clear();
    try {
      return await work();
    } finally {
      this.#isPaused = false;
    }
  }
}
