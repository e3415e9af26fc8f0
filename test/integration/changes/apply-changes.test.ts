import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { LoggedTable, put, remove } from './logged-table.ts';

/** Changes that a test writes to the log, applied to the tables of a real refresh. */

const item = (id: string, n: number, more: Item = {}): Item => ({
  id: { S: id },
  n: { N: String(n) },
  ...more,
});
const id = (text: string): Item => ({ id: { S: text } });

describe('changes', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  test('inserts, updates and removals reach live as they reached the table', async () => {
    const followed = await LoggedTable.copied(harness, [item('a', 1), item('b', 2), item('c', 3)]);
    await followed.record([put(item('a', 10)), put(item('d', 4)), remove(id('b'))]);
    await followed.start();
    await followed.applied();
    expect(await followed.items()).toEqual(followed.expected());
    await followed.record([put(item('b', 20)), remove(id('d')), put(item('d', 40)), put(item('a ', 7))]);
    await followed.record([remove(id('c')), put(item('a', 11))]);
    await followed.applied();
    expect(await followed.items()).toEqual(followed.expected());
    expect(followed.model.size).toBe(4);
  });
});
