import { createHash } from 'node:crypto';
import { z } from 'zod';

const chance = z.number().min(0).max(1).default(0);

/** What a standard queue may do, and rarely does. Fractions of messages. */
export const FaultSettings = z.strictObject({
  seed: z.number().int().default(0),
  /** After its first delivery, a message is delivered once more, at the next receive, although it is hidden. */
  duplicate: chance,
  /** A deleted message is delivered once more. */
  afterDelete: chance,
  /** Messages arrive in any order, not oldest first. */
  shuffle: z.boolean().default(false),
});
type FaultSettings = z.output<typeof FaultSettings>;

/** Decides which deliveries are faulty, by seed and in their order. */
export class QueueFaults {
  readonly #settings: FaultSettings;
  #decisions = 0;

  constructor(settings: FaultSettings = FaultSettings.parse({})) {
    this.#settings = settings;
  }

  happens(fault: 'duplicate' | 'afterDelete'): boolean {
    const chanceOfIt = this.#settings[fault];
    return chanceOfIt > 0 && this.#fraction(fault) < chanceOfIt;
  }

  /** How far behind the oldest visible message the next one is taken, from 0 to below 1. */
  depth(): number {
    return this.#settings.shuffle ? this.#fraction('shuffle') : 0;
  }

  #fraction(what: string): number {
    this.#decisions += 1;
    const text = [this.#settings.seed, what, this.#decisions].join(' ');
    return createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
  }
}
