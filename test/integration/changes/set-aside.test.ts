import { beforeAll, describe, expect, test } from '@jest/globals';
import { keyHash } from '../../../src/pipeline/changes/apply-keys.ts';
import { logCheckpointKey } from '../../../src/pipeline/changes/change-directory.ts';
import { setAsideOf, setAsideQuery } from '../../../src/pipeline/changes/set-aside.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { readLogCheckpoint } from '../../../src/store/changes/log-files.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { LoggedTable, put } from './logged-table.ts';

/** Changes that are left out, by their contents or by an operator, and tried again. */

const item = (id: string, text: string): Item => ({ id: { S: id }, s: { S: text } });
const LONG = 'x'.repeat(40);
const KEY = [{ name: 'id', kind: 'S' as const }];
const hashOf = (id: string) => keyHash(KEY, { id: { S: id } });

describe('a change that is set aside', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  const order = (logged: LoggedTable, name: string, argument: unknown = null) =>
    logged.handle().executeUpdate<string, [unknown]>(name, { args: [argument] });

  const entries = async (logged: LoggedTable) =>
    setAsideOf(await harness.sql(setAsideQuery(logged.pipeline.schema, 100)));

  const replayed = (logged: LoggedTable, since: number) =>
    until(
      () => logged.progress(),
      ({ reapply }) => reapply?.state === 'done' && Date.parse(reapply.at) >= since,
    );

  async function resize(logged: LoggedTable, length: number): Promise<void> {
    const [root] = (await logged.manifest()).tables;
    await harness.sql(
      `ALTER TABLE "${logged.pipeline.schema}"."${root!.name}" ALTER COLUMN "s" TYPE VARCHAR(${length})`,
    );
  }

  test('is not one of a damaged file, whose items are unknown: only a refresh passes it', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 'a')]);
    await logged.record([put(item('a', 'a2')), put(item('b', 'b'))]);
    const { file } = await readLogCheckpoint(logged.log, 'shard-1', 1);
    await harness.store.put(file!.key, 'damaged');
    await logged.start();
    const { blocked } = await until(
      () => logged.progress(),
      ({ state }) => state === 'blocked',
    );
    expect(blocked).toMatchObject({ code: 'DamagedFile', error: expect.stringContaining('refresh') });
    const skip = { keyHash: hashOf('b'), shard: 'shard-1', checkpoint: 1, reason: 'by a test' };
    await expect(order(logged, 'skipChange', skip)).rejects.toMatchObject({
      cause: {
        message: expect.stringMatching(/cannot be skipped. Restore it .* or refresh the destination/),
      },
    });
    await logged.refreshFromModel();
    await order(logged, 'retryApply');
    await logged.record([put(item('c', 'c'))]);
    await logged.applied();
    expect(await logged.items()).toEqual(logged.expected());
    expect(await entries(logged)).toEqual([]);
  });

  test('by an operator, because Redshift refuses it, keeps the reason, and is replayed once it fits', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', LONG), item('b', 'b')]);
    // An operator has made the column narrower.
    await harness.sql(
      `UPDATE "${logged.pipeline.schema}"."${(await logged.manifest()).tables[0]!.name}" SET "s" = 'a'`,
    );
    await resize(logged, 20);
    await logged.record([put(item('a', 'a2')), put(item('c', LONG)), put(item('d', 'd'))]);
    await logged.start();
    const { blocked } = await until(
      () => logged.progress(),
      ({ state }) => state === 'blocked',
    );
    expect(blocked!.code).toBe('LoadFailed');
    const named = /--key-hash (\w+) --shard (\S+) --checkpoint (\d+)/.exec(blocked!.error)!;
    expect(named.slice(1)).toEqual([hashOf('c'), 'shard-1', '1']);
    const [, hash, shard, checkpoint] = named;
    const skip = { keyHash: hash, shard, checkpoint: Number(checkpoint), reason: 'written by a test' };
    await expect(order(logged, 'skipChange', { ...skip, reason: '' })).rejects.toThrow('Update');
    await expect(order(logged, 'skipChange', { ...skip, keyHash: 'c' })).rejects.toThrow('Update');
    expect(await order(logged, 'skipChange', skip)).toBe('skipping it, and applying the others');
    await logged.applied();
    expect([...(await logged.items()).keys()].toSorted()).toEqual(['["a"]', '["b"]', '["d"]']);
    expect(await entries(logged)).toMatchObject([
      {
        keyHash: hashOf('c'),
        shard: 'shard-1',
        checkpoint: 1,
        reason: expect.stringContaining('written by a test'),
      },
    ]);
    // It is not blocked any more.
    const refused = await order(logged, 'skipChange', skip).catch((error: Error) => error);
    expect(String((refused as Error).cause)).toContain('not blocked');
    // Replaying it now fails, and changes nothing.
    const first = Date.now();
    await order(logged, 'replaySetAside', hashOf('c'));
    const failed = await until(
      () => logged.progress(),
      ({ reapply }) => reapply?.state === 'failed' && Date.parse(reapply.at) >= first - 1000,
    );
    expect(failed).toMatchObject({
      state: 'idle',
      reapply: { kind: 'replay', failure: { code: 'LoadFailed' } },
    });
    expect(await entries(logged)).toHaveLength(1);
    await resize(logged, 65);
    const second = Date.now();
    await order(logged, 'replaySetAside');
    expect((await replayed(logged, second - 1000)).reapply).toMatchObject({ changes: 1, keys: 1, rows: 1 });
    expect(await entries(logged)).toEqual([]);
    await logged.record([put(item('b', 'b2'))]);
    await logged.applied();
    const { items, expected } = { items: await logged.items(), expected: logged.expected() };
    expect(items.get('["c"]')).toEqual(expected.get('["c"]'));
    expect(items.size).toBe(4);
  });

  test('is replayed from the log, and stays set aside if it cannot be written, or the log no longer has it', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 'a')]);
    const unwritable: Item = { ...item('bad', 'b'), bad: { S: '\ud800' } };
    await logged.record([put(unwritable), put(item('c', 'c'))]);
    await logged.record([put({ ...unwritable, id: { S: 'gone' } })]);
    await logged.start();
    await logged.applied();
    expect(await entries(logged)).toHaveLength(2);
    await harness.store.delete([logCheckpointKey({ ...logged.log.at, shard: 'shard-1' }, 2)], {
      signal: new AbortController().signal,
    });
    // As if a refresh had set one aside: the log has no change of it.
    await harness.sql(
      `INSERT INTO "${logged.pipeline.schema}"."_tributary_set_aside" ("key_hash", "epoch", "shard", "checkpoint", "reason", "recorded_at") ` +
        `VALUES ('${hashOf('of a run')}', '${logged.log.at.epoch}', '', 0, 'of a run', GETDATE())`,
    );
    const since = Date.now();
    await order(logged, 'replaySetAside');
    expect((await replayed(logged, since - 1000)).reapply).toMatchObject({
      ...{ kind: 'replay', changes: 1, keys: 1, rows: 0, setAside: 1, gone: 1 },
    });
    expect((await entries(logged)).map((entry) => entry.keyHash).toSorted()).toEqual(
      [hashOf('bad'), hashOf('gone'), hashOf('of a run')].toSorted(),
    );
    await logged.record([put(item('bad', 'good'))]);
  });
});
