import { afterEach, describe, expect, test } from '@jest/globals';
import { setAsideOf, setAsideQuery } from '../../../src/pipeline/changes/set-aside.ts';
import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { WorkerProcesses } from '../pipeline/worker-process.ts';
import { ModelledTable } from './modelled-table.ts';
import { untilHealthy } from './until-healthy.ts';

const S = (text: string): AttributeValue => ({ S: text });
const N = (number: number): AttributeValue => ({ N: String(number) });
const bytes = (...of: number[]): AttributeValue => ({ B: Buffer.from(of).toString('base64') });
const list = <T>(of: readonly T[], value: (each: T, at: number) => AttributeValue): AttributeValue => ({
  L: of.map(value),
});
const times = (count: number) => Array.from({ length: count }, (_, n) => n);

interface Keys {
  readonly key: Key;
  /** The key of the n-th item. */
  readonly of: (n: number) => Item;
}

const KEYS: Record<string, Keys> = {
  'text that differs in trailing blanks': {
    key: [{ name: 'id', kind: 'S' }],
    of: (n) => ({ id: S(`k${Math.floor(n / 3)}${' '.repeat(n % 3)}`) }),
  },
  'a number and bytes': {
    key: [
      { name: 'no', kind: 'N' },
      { name: 'part', kind: 'B' },
    ],
    of: (n) => ({ no: N((n % 7) - 3), part: bytes(0, n, 255) }),
  },
};

/** The items that a schedule of changes writes. */
const itemsWith = ({ of }: Keys) => ({
  key: of,
  item: (n: number, version: number, more: Item = {}): Item => ({
    ...of(n),
    version: N(version),
    name: S(`name ${n}`),
    place: { M: { city: S(['Ghent', 'Oslo'][n % 2]!), zip: N(1000 + n) } },
    lines: list(times((n + version) % 4), (each) => ({
      M: { sku: S(`${n}-${each}`), sizes: list(times(each), (size) => N(size + version)) },
    })),
    ...more,
  }),
});

const ITEMS = 30;

describe('the changes of a table, from its stream to live', () => {
  const harness = withHarness();
  const workers = new WorkerProcesses(harness);
  afterEach(() => workers.endAll());

  test.each(Object.entries(KEYS))('make live equal to the table: keys are %s', async (_, keys) => {
    const { key, item } = itemsWith(keys);
    const table = await new ModelledTable(harness, keys.key).begin(2);
    const first = workers.start(table.known);
    for (const n of times(ITEMS)) await table.write(item(n, 1));
    const run = await table.refresh();
    const expectEqual = async () => {
      const sequences = await table.untilLogged();
      expect(new Set(sequences).size).toBe(table.changes);
      expect(sequences).toHaveLength(table.changes);
      await table.untilApplied();
      expect(await table.items(run)).toEqual(table.expected());
    };
    await expectEqual();

    // Inserts, updates and deletes; lists that grow and shrink.
    for (const n of times(6)) await table.write(item(ITEMS + n, 2));
    for (const n of times(10)) await table.write(item(n, 2));
    for (const n of times(5)) await table.erase(key(10 + n));
    await table.update(key(20), { version: N(3), lines: list([], () => N(0)) }, ['place']);
    await table.update(key(21), { lines: list(times(6), (each) => ({ M: { sku: S(`more ${each}`) } })) });
    // Deleted and recreated, and the other way round, at once.
    await table.erase(key(22));
    await table.write(item(22, 7));
    await table.write(item(50, 1));
    await table.erase(key(50));
    await table.batch([item(23, 2), item(51, 1), item(10, 4)], [key(24), key(0)]);
    await table.write(item(0, 9));
    // Items that expire.
    for (const n of times(3)) await table.write(item(60 + n, 1, { until: N(1_000_000 + n) }));
    await table.write(item(63, 1, { until: N(4_000_000_000) }));
    await table.expire();
    await expectEqual();

    // What the tables lack: columns, a wider text, lists, a list of lists' members.
    await table.control('split');
    await table.write(item(1, 3, { remark: S('new'), score: N(4), isOpen: { BOOL: true } }));
    await table.update(key(2), { name: S('long '.repeat(200)), visits: list(times(5), N) });
    await table.write(item(3, 3, { place: { M: { city: S('Lyon'), at: { M: { floor: N(2) } } } } }));
    await table.write(
      item(4, 3, { lines: list(times(2), (each) => ({ M: { sku: S('s'), tags: list([each], N) } })) }),
    );
    await table.write(item(5, 3, { visits: list([], () => N(0)), raw: bytes(1, 2, 0) }));
    await table.control('roll');
    for (const n of times(12)) await table.write(item(n * 2, 5));

    // A worker dies while others write.
    const writing = (async () => {
      for (const n of times(60)) await table.write(item(n % 40, 100 + n));
    })();
    await workers.end(first);
    await table.control('roll');
    await table.control('split');
    await writing;
    workers.start(table.known);
    for (const n of times(4)) await table.erase(key(n));
    await table.write(item(2, 200, { visits: list(times(2), N) }));
    await expectEqual();

    expect(setAsideOf(await harness.sql(setAsideQuery(table.known.schema, 10)))).toEqual([]);
    expect(await table.progress()).toMatchObject({ state: 'following', gaps: [], failed: 0 });
    await untilHealthy(() => table.applyProgress());
  });
});
