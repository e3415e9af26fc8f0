import { createHash } from 'node:crypto';

/**
 * A number in [0, 1) that depends only on the seed and the names. It is the same on every machine, and independent for
 * each name, so that requests in another order get the same faults.
 */
export function seededFraction(seed: number, ...names: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update([seed, ...names].join('\n'))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** A whole number from `least` to `most`, both included. */
export function seededInteger(
  least: number,
  most: number,
  seed: number,
  ...names: readonly (string | number)[]
): number {
  return least + Math.floor(seededFraction(seed, ...names) * (most - least + 1));
}

/** One of the choices. */
export function seededChoice<T>(
  choices: readonly T[],
  seed: number,
  ...names: readonly (string | number)[]
): T {
  return choices[seededInteger(0, choices.length - 1, seed, ...names)] as T;
}
