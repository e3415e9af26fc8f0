import { beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { ApplyProgress } from '../../../src/contract/changes/changes.ts';
import { rootCause } from '../../../src/contract/failure.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { claimGap } from '../../../src/store/changes/log-files.ts';
import { until } from '../pipeline/until.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { LoggedTable, put, remove } from './logged-table.ts';

/** Changes of the log, applied again to tables that were damaged by hand. */

const item = (id: string, n: number): Item => ({
  id: { S: id },
  n: { N: String(n) },
  tags: { L: [{ S: `${id}${n}` }] },
});
const at = (minute: number) => `2026-11-30T11:${String(minute).padStart(2, '0')}:00.000Z`;
const { signal } = new AbortController();

describe('a rewind', () => {
  const harness = withHarness();

  beforeAll(async () => {
    await harness.startWorkers();
  });

  const rewind = (logged: LoggedTable, to: string, more = {}) =>
    logged.handle().executeUpdate<string, [unknown]>('rewind', { args: [{ to, ...more }] });

  async function refusalOf(logged: LoggedTable, to: string): Promise<string> {
    const error: unknown = await rewind(logged, to).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    return rootCause((error as WorkflowUpdateFailedError).cause).message;
  }

  const rewound = (logged: LoggedTable): Promise<ApplyProgress> =>
    until(
      () => logged.progress(),
      ({ reapply }) => reapply !== undefined && reapply.state !== 'applying',
    );

  const positions = (logged: LoggedTable) =>
    harness.sql(
      `SELECT "shard", "checkpoint", "ended" FROM "${logged.pipeline.schema}"."_tributary_positions" ORDER BY 1`,
    );

  async function damage(logged: LoggedTable, ids: readonly string[]): Promise<void> {
    const { schema } = logged.pipeline;
    const [root, ...children] = (await logged.manifest()).tables;
    const those = `WHERE "id" IN (${ids.map((id) => `'${id}'`).join(', ')})`;
    await harness.sql(`UPDATE "${schema}"."${root!.name}" SET "n" = -1 ${those}`);
    for (const { name } of children) await harness.sql(`DELETE FROM "${schema}"."${name}" ${those}`);
  }

  test('brings back the last image of each key since a time, in parts, and never an older one', async () => {
    const logged = await LoggedTable.copied(harness, [item('untouched', 1), item('a', 1)], {
      warehouse: { applyBytes: 1500 },
    });
    await logged.addShard('shard-2', 'shard-1');
    await logged.record([put(item('before', 1))], { writtenAt: at(1) });
    await logged.record([put(item('a', 2)), put(item('b', 2)), put(item('c', 2))], { writtenAt: at(10) });
    await logged.record([remove(item('c', 2)), put(item('d', 3))], { writtenAt: at(20), ended: true });
    await logged.record([put(item('a', 4)), put(item('e', 4)), put(item('f', 4))], {
      shard: 'shard-2',
      writtenAt: at(30),
    });
    await logged.start();
    await logged.applied();
    const before = await positions(logged);
    expect(await logged.items()).toEqual(logged.expected());

    const dryRun = await rewind(logged, at(10), { dryRun: true });
    expect(dryRun).toMatch(
      /^would apply again since 2026-11-30 11:10:00Z: 8 changes in 3 checkpoints of 2 shards/,
    );
    expect((await logged.progress()).reapply).toBeUndefined();

    await damage(logged, ['a', 'b', 'd', 'e', 'f']);
    expect(
      await harness.sql(
        `SELECT 1 FROM "${logged.pipeline.schema}"."${(await logged.manifest()).tables[0]!.name}" WHERE "n" = -1`,
      ),
    ).toHaveLength(5);
    // A row that a removed key must not have.
    await harness.sql(
      `INSERT INTO "${logged.pipeline.schema}"."${(await logged.manifest()).tables[0]!.name}" ("id", "n") VALUES ('c', 7)`,
    );
    expect(await rewind(logged, at(10))).toMatch(/^rewinding to .*8 changes/);
    // The log grows meanwhile.
    await logged.record([put(item('b', 9))], { shard: 'shard-2', writtenAt: at(40) });
    const { reapply, state } = await rewound(logged);
    expect(reapply).toMatchObject({ state: 'done', left: 0 });
    expect(reapply!.done).toBeGreaterThan(1);
    expect(state).not.toBe('blocked');
    await logged.applied();
    expect(await logged.items()).toEqual(logged.expected());
    expect((await positions(logged)).map(({ shard }) => shard)).toEqual(before.map(({ shard }) => shard));
  });

  test('is refused if the log does not have all since then, or the destination cannot apply', async () => {
    const logged = await LoggedTable.copied(harness, [item('a', 1)]);
    await logged.record([put(item('a', 2))], { writtenAt: at(10) });
    await logged.record([put(item('a', 3))], { writtenAt: at(20) });
    await logged.start();
    await logged.applied();
    expect(await refusalOf(logged, '2099-01-01T00:00Z')).toContain('is in the future');
    expect(await refusalOf(logged, '2026-11-30T09:00Z')).toMatch(
      /does not reach back to .*from 2026-11-30T10:00:00.000Z on/,
    );
    await expect(rewind(logged, 'yesterday')).rejects.toThrow('Update');
    await logged.handle().executeUpdate('pause');
    expect(await refusalOf(logged, at(10))).toMatch(/paused.*Resume it/);
    await logged.handle().executeUpdate('resume');
    expect(await rewind(logged, at(20))).toMatch(/^rewinding/);
    expect((await rewound(logged)).reapply).toMatchObject({ state: 'done', changes: 1 });
    await harness.store.delete(
      [
        `${logged.log.at.prefix}/${logged.log.at.pipeline}/changes/${logged.log.at.epoch}/shards/shard-1/checkpoint-00000001.json`,
      ],
      { signal },
    );
    expect(await refusalOf(logged, '2026-11-30T10:30Z')).toMatch(/from 2026-11-30T11:20:00.001Z on/);
    await claimGap(
      logged.log,
      {
        ...{ version: 1, id: 'lost', reason: 'trimmed', shard: 'shard-1', message: 'changes were lost' },
        noticedAt: at(15),
      },
      signal,
    );
    expect(await refusalOf(logged, at(10))).toMatch(
      /changes were lost since .*gap was noticed at 2026-11-30 11:15/,
    );
  });
});
