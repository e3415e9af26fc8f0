import { describe, expect, test } from '@jest/globals';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { claimGap } from '../../../src/store/changes/log-files.ts';
import { EPOCH, store, WrittenLog } from './written-log.ts';

const { signal } = new AbortController();
/** Ten minutes before midnight, and ten after it. */
const EVENING = Date.parse('2026-11-29T23:50:00Z') / 1000;
const MORNING = Date.parse('2026-11-30T00:10:00Z') / 1000;

/** The store, until so many objects were written: then its writes fail, before or after they reach S3. */
function failingAfter(writes: number, isLost: boolean): ObjectStore {
  let left = writes;
  const failing =
    (write: ObjectStore['put'] | ObjectStore['putNew']) =>
    async (...args: Parameters<ObjectStore['put']>): Promise<never> => {
      const isOver = left-- <= 0;
      if (isOver && !isLost) throw new Error('the host lost its power');
      const etag = await write(...args);
      if (isOver) throw new Error('the response was lost');
      return etag as never;
    };
  return Object.assign(Object.create(store) as ObjectStore, {
    bucket: store.bucket,
    get: store.get.bind(store),
    list: store.list.bind(store),
    delete: store.delete.bind(store),
    put: failing(store.put.bind(store)),
    putNew: failing(store.putNew.bind(store)),
  });
}

describe('a history', () => {
  test('has every change once, in files by day', async () => {
    const table = new WrittenLog();
    await table.open(['s1', 's2']);
    await table.record('s1', [
      ['a', EVENING],
      ['b', MORNING],
    ]);
    await table.record('s2', [['c', MORNING]], { ended: true });
    expect(await table.round()).toMatchObject({
      applied: { changes: 3, rows: 3 },
      lag: { seconds: 0, bytes: 0, count: 0 },
    });
    expect(await table.ids()).toEqual({ '2026-11-29': ['a'], '2026-11-30': ['b', 'c'] });
    await table.record('s1', [['d', MORNING]]);
    expect((await table.round()).applied?.changes).toBe(1);
    expect(await table.ids()).toEqual({ '2026-11-29': ['a'], '2026-11-30': ['b', 'd', 'c'] });
    expect((await table.round()).applied).toBeUndefined();
  });

  test.each([false, true])(
    'is the same wherever its writer stops, before or after a write: after it: %s',
    async (isLost) => {
      const wanted = { '2026-11-29': ['a', 'c'], '2026-11-30': ['b', 'd'] };
      for (let writes = 0; writes < 5; writes++) {
        const table = new WrittenLog();
        await table.open(['s1']);
        await table.record('s1', [
          ['a', EVENING],
          ['b', MORNING],
        ]);
        await table.record('s1', [
          ['c', EVENING],
          ['d', MORNING],
        ]);
        await expect(table.round(table.destination(failingAfter(writes, isLost)))).rejects.toThrow(
          /power|response/,
        );
        await table.round();
        expect(await table.ids()).toEqual(wanted);
      }
    },
  );

  test('two writers at once make one history', async () => {
    const table = new WrittenLog();
    await table.open(['s1', 's2', 's3']);
    const wanted: string[] = [];
    for (let n = 0; n < 5; n++)
      for (const shard of ['s1', 's2', 's3']) {
        wanted.push(`${shard}-${n}`);
        await table.record(shard, [[`${shard}-${n}`, MORNING]]);
      }
    await Promise.all([table.round(), table.round(), table.round()]);
    expect((await table.ids())['2026-11-30']?.toSorted()).toEqual(wanted.toSorted());
    expect((await table.round()).applied).toBeUndefined();
  });

  test('a lower cursor of a writer that was presumed dead changes nothing', async () => {
    const table = new WrittenLog();
    await table.open(['s1']);
    await table.record('s1', [['a', MORNING]]);
    await table.record('s1', [['b', MORNING]]);
    await table.round();
    const cursor = (await table.keys()).find((key) => key.includes('/_cursor/'))!;
    await store.put(cursor.replace('00000002', '00000001'), '');
    expect((await table.round()).applied).toBeUndefined();
  });

  test('has the changes of an earlier stream of the table, too', async () => {
    const table = new WrittenLog();
    await table.open(['s1'], 'aaaaaaaaaaaaaaaa');
    await table.open(['s1'], 'bbbbbbbbbbbbbbbb');
    await table.record('s1', [['old', MORNING]], { epoch: 'aaaaaaaaaaaaaaaa', ended: true });
    await table.record('s1', [['new', MORNING]], { epoch: 'bbbbbbbbbbbbbbbb' });
    await table.round();
    expect(await table.ids()).toEqual({ '2026-11-30': ['old', 'new'] });
  });

  test('is not continued where the log was deleted', async () => {
    const table = new WrittenLog();
    await table.open(['s1']);
    await table.record('s1', [['a', MORNING]]);
    await table.round();
    await table.record('s1', [['b', MORNING]]);
    await table.record('s1', [['c', MORNING]]);
    const second = `${table.prefix}/log/orders/changes/${EPOCH}/shards/s1/checkpoint-00000002.json`;
    await store.delete([second]);
    await expect(table.round()).rejects.toThrow('checkpoint 2 is needed: it was deleted');
  });

  test('notes a gap, and continues behind it', async () => {
    const table = new WrittenLog();
    await table.open(['s1']);
    await table.record('s1', [['a', EVENING]]);
    await claimGap(
      table.log(),
      {
        ...{ version: 1, id: 'g1', reason: 'trimmed', shard: 's1' },
        ...{ message: 'Changes were lost.', noticedAt: '2026-11-30T00:00:00.000Z' },
      },
      signal,
    );
    await table.record('s1', [], { gap: 'g1' });
    await table.record('s1', [['b', MORNING]]);
    await table.round();
    expect(await table.ids()).toEqual({ '2026-11-29': ['a'], '2026-11-30': ['b'] });
    const gap = (await table.keys()).find((key) => key.includes('/_gaps/'));
    expect(gap).toMatch(new RegExp(`/_gaps/orders-${EPOCH}-g1\\.json$`));
  });
});
