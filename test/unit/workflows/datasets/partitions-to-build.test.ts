import { expect, test } from '@jest/globals';
import {
  PARTITIONS_AT_ONCE,
  partitionsToBuild,
} from '../../../../src/workflows/datasets/partitions-to-build.ts';

test('a run tries each partition once, even if all of the first ones fail', () => {
  const lacking = Array.from(
    { length: 2 * PARTITIONS_AT_ONCE + 1 },
    (_, day) => `day=${String(day).padStart(4, '0')}`,
  );
  const tried: string[] = [];
  for (let after: string | undefined, left = 1; left > 0; after = tried.at(-1)) {
    // None of them is built: all lack rows still.
    const next = partitionsToBuild(lacking, after);
    tried.push(...next.partitions);
    left = next.left;
  }
  expect(tried).toEqual(lacking);
});
