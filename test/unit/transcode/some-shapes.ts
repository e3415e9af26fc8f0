import type { Layout } from '../../../src/pipeline/columns/layout.ts';

/** Up to three layouts of some columns for each table, the narrowest first. */
export function someShapes(layouts: readonly Layout[], random: () => number): Layout[] {
  return layouts.flatMap(({ table, columns }) =>
    Array.from({ length: Math.floor(random() * 4) }, () => {
      const share = random();
      return { table, columns: columns.filter(() => random() < share) };
    }).sort((a, b) => a.columns.length - b.columns.length),
  );
}

/** A small generator of numbers from 0 to 1, as seeded. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
