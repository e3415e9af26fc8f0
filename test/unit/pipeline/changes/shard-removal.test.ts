import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LogReader } from '../../../../src/pipeline/changes/retention.ts';
import { forgettable, removableShards } from '../../../../src/pipeline/changes/shard-removal.ts';
import type { Position } from '../../../../src/pipeline/load/positions.ts';
import { DAY_MS, HOUR_MS, KEEP_MS, Missing, ModelledLog } from './modelled-log.ts';

const OLD = { foundMs: 10, writtenMs: 20 };
const shard = (name: string, parent?: string, more: object = {}) => ({
  ...{ shard: name, parent, last: 2, ...OLD, ...more },
});
/** `root` has ended, and `a` and `b` after it, one after the other; `c` is open. */
const lineage = [shard('root'), shard('a', 'root'), shard('b', 'a'), shard('c', 'b', { writtenMs: 999 })];
const tables = (at: Record<string, number> | undefined): LogReader => ({
  ...{ what: 'live', kind: 'tables' },
  at: at && new Map(Object.entries(at)),
});
const log = (more: Partial<Parameters<typeof removableShards>[0]> = {}) => ({
  ...{ roots: ['root'], shards: lineage, listed: [], isOver: false, ...more },
});
const removable = (
  more: Partial<Parameters<typeof removableShards>[0]> = {},
  ...readers: readonly LogReader[]
) => removableShards(log(more), readers, 100);

describe('shards that have ended', () => {
  test('leave the log once they are old and every reader is past them; roots and what is open stay', () => {
    expect(removable({}, tables({ root: 2, a: 2, b: 2, c: 1 }))).toEqual(['a', 'b']);
  });

  test('stay while a destination, a backup or a run is not past them', () => {
    const readers = [tables({ root: 2, a: 2, b: 2 }), tables({ root: 2, a: 2, b: 1 })];
    expect(removable({}, ...readers)).toEqual(['a']);
    expect(removable({}, tables({ root: 2, b: 2 }))).toEqual(['b']);
  });

  test('stay while they, or what follows them, are young', () => {
    const young = [shard('root'), shard('a', 'root', { writtenMs: 101 }), shard('b', 'a'), shard('c', 'b')];
    expect(removable({ shards: young }, tables(undefined))).toEqual(['b']);
    const found = [shard('root'), shard('a', 'root'), shard('b', 'a', { foundMs: 101 })];
    expect(removable({ shards: found }, tables(undefined))).toEqual([]);
  });

  test('stay while the stream lists them or a child of them: they would be read again', () => {
    const past = tables({ root: 2, a: 2, b: 2, c: 1 });
    expect(removable({ listed: [{ id: 'c', parent: 'b' }] }, past)).toEqual(['a']);
    expect(removable({ listed: [{ id: 'b', parent: 'a' }] }, past)).toEqual([]);
  });

  test('all leave a log that another one has replaced, once no tables wait for a refresh', () => {
    const isOver = { isOver: true, shards: [...lineage.slice(0, 3), shard('c', 'b')] };
    expect(removable(isOver, tables(undefined))).toEqual(['root', 'a', 'b', 'c']);
    expect(removable(isOver, tables({ root: 2, a: 2, b: 2, c: 2 }))).toEqual(['a', 'b']);
    const history = (at: Record<string, number>): LogReader => ({ ...tables(at), kind: 'history' });
    expect(removable(isOver, history({ root: 2, a: 2, b: 2, c: 1 }))).toEqual(['root', 'a', 'b']);
  });
});

test('a position is forgotten once its shard has left the log and all that follow it have their own', () => {
  const at = (name: string, ended = true, epoch = 'e'): Position => ({
    ...{ epoch, shard: name, checkpoint: 2, ended },
  });
  const logged = [shard('root'), shard('b', 'a'), shard('c', 'a')];
  const names = (...rows: Position[]) => forgettable(rows, 'e', logged).map((row) => row.shard);
  expect(names(at('root'), at('a'), at('b', false), at('c'))).toEqual(['a']);
  expect(names(at('root'), at('a'), at('b', false))).toEqual([]);
  expect(names(at('root'), at('a', false), at('b'), at('c'))).toEqual([]);
  expect(names(at('a', true, 'other'), at('b'), at('c'))).toEqual([]);
});

const ACTIONS = [
  ...['write', 'write', 'close', 'close', 'look', 'look', 'pass', 'pass', 'apply', 'apply', 'stage'],
  ...['refresh', 'swap', 'swap', 'roll back', 'drop backup', 'history', 'history', 'all is read'],
  ...['all is read', 'prune', 'prune', 'prune in part'],
] as const;
type Action = (typeof ACTIONS)[number];

/** An unfinished run may be older than the log: then it has to start over. */
function tryStaging(model: ModelledLog, atMost: number): void {
  const { staging } = model;
  if (staging === undefined) return;
  try {
    model.apply(staging, atMost);
  } catch (error) {
    if (!(error instanceof Missing) || model.nowMs - staging.plannedMs <= KEEP_MS) throw error;
    model.staging = undefined;
  }
}

function act(model: ModelledLog, action: Action, n: number): void {
  const { open } = model;
  switch (action) {
    case 'write':
      if (open.length > 0) model.write(open[n % open.length]!);
      break;
    case 'close':
      if (open.length > 0) model.close(open[n % open.length]!, 1 + (n % 2), n % 3 === 0);
      break;
    case 'look':
      model.look();
      break;
    case 'pass':
      model.nowMs += 1 + (n % 60) * HOUR_MS;
      break;
    case 'apply':
      model.apply(model.live, n % 12);
      break;
    case 'stage':
      tryStaging(model, n % 12);
      break;
    case 'refresh':
      model.refresh();
      break;
    case 'swap':
      tryStaging(model, Number.POSITIVE_INFINITY);
      model.swap();
      break;
    case 'roll back':
      model.rollBack();
      break;
    case 'drop backup':
      model.backup = undefined;
      break;
    case 'all is read':
      model.apply(model.live, Number.POSITIVE_INFINITY);
      model.readIntoHistory();
      break;
    case 'history':
      model.readIntoHistory();
      break;
    case 'prune':
    case 'prune in part':
      model.prune(action === 'prune in part');
  }
}

describe('whatever happens, in any order,', () => {
  test('no destination or backup misses a change, what is young stays, and what is old leaves', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.tuple(fc.constantFrom(...ACTIONS), fc.nat(1000)), {
          minLength: 100,
          maxLength: 300,
          size: 'max',
        }),
        fc.boolean(),
        (partitions, actions, isStream) => {
          const model = new ModelledLog(partitions, isStream);
          for (const [action, n] of actions) {
            const before = model.removed.length;
            act(model, action, n);
            for (const { writtenMs } of model.removed.slice(before))
              expect(model.nowMs - writtenMs).toBeGreaterThan(KEEP_MS);
          }
          // A backup that a rollback restores gets all as well.
          for (const tables of [model.backup, model.live]) {
            if (tables === undefined) continue;
            model.look();
            model.apply(tables, Number.POSITIVE_INFINITY);
            expect(tables.has.size).toBe(model.records);
          }
          model.backup = undefined;
          expectBounded(model);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Once all have read everything, the log has its roots, what is open, and what is young. */
function expectBounded(model: ModelledLog): void {
  for (let day = 0; day < 6; day++) {
    for (const each of model.open) model.close(each, 1, day % 2 === 0);
    model.look();
    for (const each of model.open) model.write(each);
    model.apply(model.live, Number.POSITIVE_INFINITY);
    model.readIntoHistory();
    model.nowMs += DAY_MS;
    model.prune();
  }
  const open = model.open.length;
  // Of each lineage: the days that stay, and what is listed.
  expect(model.logged.length).toBeLessThanOrEqual(model.roots.length + open * 5);
  expect(model.live.positions.length).toBeLessThanOrEqual(model.logged.length);
}
