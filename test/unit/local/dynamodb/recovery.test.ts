import { describe, expect, test } from '@jest/globals';
import { Recovery } from '../../../../local/dynamodb/exports/recovery.ts';
import type { Item } from '../../../../local/dynamodb/item.ts';
import { AdjustableClock } from '../../../../local/dynamodb/table-clocks.ts';

const table = {
  name: 'orders',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
  keySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
} as const;

/** A clock that stands still until it is set. */
class HeldClock extends AdjustableClock {
  atMs = 1000;
  override nowMs(): number {
    return this.atMs;
  }
}

/** A table beside a map with the same content. */
function recovered() {
  const clock = new HeldClock();
  const recovery = new Recovery({ of: () => clock });
  recovery.enable(table, 'id-of-orders');
  const items = new Map<string, Item>();
  const of = recovery.enabledOf(table.arn)!;
  const write = (atMs: number, id: string, n?: number) => {
    clock.atMs = atMs;
    const key = { id: { S: id } };
    const before = items.get(id);
    const after = n === undefined ? undefined : { ...key, n: { N: String(n) } };
    if (after === undefined) items.delete(id);
    else items.set(id, after);
    of.record({ key, before, after });
  };
  const now = () => [...items.values()];
  return { clock, recovery, of, write, now };
}

const texts = (items: readonly Item[]) => items.map(({ id, n }) => `${String(id?.S)}=${String(n?.N)}`).sort();

describe('a table with point-in-time recovery', () => {
  test('is known as it was at any time since, by undoing what came later', () => {
    const { of, write, now } = recovered();
    const states: [number, string[]][] = [];
    let random = 7;
    for (let atMs = 1001; atMs < 1400; atMs += 1) {
      states.push([atMs, texts(now())]);
      random = (random * 1103515245 + 12345) % 2147483648;
      write(atMs, `i${random % 11}`, random % 5 === 0 ? undefined : random % 97);
    }
    for (const [atMs, expected] of states) expect(texts(of.itemsAt(atMs, now()))).toEqual(expected);
  });

  test('exports each changed item once per window, with what it was at both ends', () => {
    const { of, write } = recovered();
    write(1001, 'a', 1);
    write(1002, 'b', 1);
    write(1003, 'a', 2);
    write(1004, 'a', 3);
    write(1005, 'b');
    write(1006, 'c', 1);
    write(1007, 'c');
    const shown = (from: number, to: number) =>
      of
        .netChanges(from, to)
        .map(({ key, before, after, writtenAtMs }) => [key.id?.S, before?.n?.N, after?.n?.N, writtenAtMs]);
    // Items that are as before, or that came and went, are left out.
    expect(shown(1002, 1008)).toEqual([['a', '1', '3', 1004]]);
    expect(shown(1003, 1006)).toEqual([
      ['a', '1', '3', 1004],
      ['b', '1', undefined, 1005],
    ]);
    expect(shown(1001, 1003)).toEqual([
      ['a', undefined, '1', 1001],
      ['b', undefined, '1', 1002],
    ]);
  });

  test('a full export and the windows after it give the table', () => {
    const { of, write, now } = recovered();
    write(1001, 'a', 1);
    write(1002, 'b', 1);
    write(1003, 'a', 2);
    write(1004, 'b');
    write(1005, 'c', 3);
    const state = new Map(of.itemsAt(1002, now()).map((item) => [item.id?.S, item]));
    for (const [from, to] of [
      [1002, 1004],
      [1004, 1006],
    ] as const) {
      for (const { key, after } of of.netChanges(from, to)) {
        if (after === undefined) state.delete(key.id?.S);
        else state.set(key.id?.S, after);
      }
    }
    expect(texts([...state.values()])).toEqual(texts(now()));
  });

  test('forgets everything if it is disabled, or if a change is lost', () => {
    const { clock, recovery, of, write } = recovered();
    write(1001, 'a', 1);
    clock.atMs = 1500;
    of.lose();
    expect(of.enabledAtMs).toBe(1500);
    expect(of.netChanges(0, 2000)).toEqual([]);
    recovery.disable('orders');
    expect(recovery.enabledOf('orders')).toBeUndefined();
    expect(recovery.hasEnabled).toBe(false);
  });
});
