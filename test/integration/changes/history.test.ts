import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { historyRound } from '../../../src/activities/apply-changes/history/history-round.ts';
import type { HistoryDestination } from '../../../src/activities/apply-changes/history/open-history.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../../src/clients/s3/s3-object-store.ts';
import type { ApplyRoundResult } from '../../../src/contract/changes/apply-activities.ts';
import type { ChangeRecord } from '../../../src/pipeline/changes/change-record.ts';
import type { LogCheckpoint } from '../../../src/pipeline/changes/log-documents.ts';
import { HistoryLines } from '../../../src/pipeline/history/history-lines.ts';
import { FOR_LOOKS } from '../../../src/pipeline/mapping/hiding.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import type { ChangeLog } from '../../../src/store/changes/log-documents.ts';
import {
  claimEpoch,
  claimGap,
  claimLogCheckpoint,
  claimShard,
} from '../../../src/store/changes/log-files.ts';
import { RecordsWriter } from '../../../src/store/changes/record-files.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';
import { useStackCredentials } from '../clients/use-stack-credentials.ts';
import { testStack } from '../setup/stack.ts';

/** A log written by the test, and the history that rounds make of it. */

const { endpoint, bucket } = testStack().s3;
useStackCredentials();
const store = createS3ObjectStore({ client: s3Client({ endpoint }), bucket });
const deps = dependenciesFromEnvironment({});
const { signal } = new AbortController();
const gunzip = promisify(zlib.gunzip);

const EPOCH = '0123456789abcdef';
const KEY = [{ name: 'id', kind: 'S' as const }];
/** Ten minutes before midnight, and ten after it. */
const EVENING = Date.parse('2026-11-29T23:50:00Z') / 1000;
const MORNING = Date.parse('2026-11-30T00:10:00Z') / 1000;

class LoggedTable {
  readonly prefix = `histories/${randomUUID()}`;
  readonly #totals = new Map<string, { number: number; records: number; bytes: number }>();
  #sequence = 0;

  log(epoch = EPOCH): ChangeLog {
    return { store, at: { prefix: `${this.prefix}/log`, pipeline: 'orders', epoch } };
  }

  /** @param history the store of the history, if it is not the real one */
  destination(history: ObjectStore = store): HistoryDestination {
    const mapping = Mapping.parse({});
    return {
      pipeline: 'orders',
      history: { store: history, at: { prefix: `${this.prefix}/lake`, pipeline: 'orders' } },
      log: { store, prefix: `${this.prefix}/log` },
      lines: (key) => new HistoryLines(mapping, mapping, key, FOR_LOOKS),
    };
  }

  async open(shards: readonly string[], epoch = EPOCH): Promise<void> {
    const openedAt = '2026-11-29T00:00:00.000Z';
    await claimEpoch(
      this.log(epoch),
      {
        ...{ version: 1, epoch, kind: 'streams', tableName: 'orders', tableId: 't', streamArn: 'a' },
        ...{ viewType: 'NEW_AND_OLD_IMAGES', key: KEY, openedAt, roots: [...shards] },
      },
      signal,
    );
    for (const shard of shards)
      await claimShard(
        this.log(epoch),
        { version: 1, shard, foundAt: openedAt, open: true, since: openedAt },
        signal,
      );
  }

  /** Adds a checkpoint with a change of each of these ids. */
  async record(
    shard: string,
    changes: readonly (readonly [id: string, at: number])[],
    { epoch = EPOCH, ...more }: Partial<LogCheckpoint> & { readonly epoch?: string } = {},
  ): Promise<void> {
    const log = this.log(epoch);
    const name = `${epoch}/${shard}`;
    const before = this.#totals.get(name) ?? { number: 0, records: 0, bytes: 0 };
    const number = before.number + 1;
    const writer = new RecordsWriter();
    for (const [id, at] of changes) {
      const key = { id: { S: id } };
      const record: ChangeRecord = {
        sequence: String(++this.#sequence),
        kind: 'INSERT',
        at,
        key,
        image: key,
      };
      writer.append(record);
    }
    const file =
      changes.length === 0 ? undefined : await writer.write(log, { shard, number, attempt: 'a' }, signal);
    const total = {
      records: before.records + changes.length,
      bytes: before.bytes + (file?.bytes ?? 0),
    };
    this.#totals.set(name, { number, ...total });
    await claimLogCheckpoint(
      log,
      {
        ...{ version: 1, shard, number, attempt: 'a', ended: false, total },
        ...(file === undefined ? {} : { file }),
        counts: { inserted: changes.length, modified: 0, removed: 0, expired: 0 },
        writtenAt: '2026-11-30T00:11:00.000Z',
        ...more,
      },
      signal,
    );
  }

  round(destination = this.destination()): Promise<ApplyRoundResult> {
    const input = { pipeline: 'orders', destination: 'history', atMostSeconds: 0 };
    const logger = new DefaultLogger('ERROR');
    return new MockActivityEnvironment({}, { logger }).run(() => historyRound(deps, destination, input));
  }

  /** The ids of the changes, by the folder of their file, in the order of the keys. */
  async ids(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const key of await this.keys()) {
      const day = /date=([^/]+)/.exec(key)?.[1];
      if (day === undefined) continue;
      const object = (await store.get(key))!;
      const lines = (await gunzip(object.body)).toString().trimEnd().split('\n');
      const ids = lines.map((line) => (JSON.parse(line) as { key: { id: { S: string } } }).key.id.S);
      found[day] = [...(found[day] ?? []), ...ids];
    }
    return found;
  }

  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of store.list(`${this.prefix}/lake/`)) keys.push(key);
    return keys;
  }
}

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
    const table = new LoggedTable();
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
        const table = new LoggedTable();
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
    const table = new LoggedTable();
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
    const table = new LoggedTable();
    await table.open(['s1']);
    await table.record('s1', [['a', MORNING]]);
    await table.record('s1', [['b', MORNING]]);
    await table.round();
    const cursor = (await table.keys()).find((key) => key.includes('/_cursor/'))!;
    await store.put(cursor.replace('00000002', '00000001'), '');
    expect((await table.round()).applied).toBeUndefined();
  });

  test('has the changes of an earlier stream of the table, too', async () => {
    const table = new LoggedTable();
    await table.open(['s1'], 'aaaaaaaaaaaaaaaa');
    await table.open(['s1'], 'bbbbbbbbbbbbbbbb');
    await table.record('s1', [['old', MORNING]], { epoch: 'aaaaaaaaaaaaaaaa', ended: true });
    await table.record('s1', [['new', MORNING]], { epoch: 'bbbbbbbbbbbbbbbb' });
    await table.round();
    expect(await table.ids()).toEqual({ '2026-11-30': ['old', 'new'] });
  });

  test('notes a gap, and continues behind it', async () => {
    const table = new LoggedTable();
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
