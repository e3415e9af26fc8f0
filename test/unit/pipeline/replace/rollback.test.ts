import { describe, expect, test } from '@jest/globals';
import type { Marker } from '../../../../src/pipeline/load/marker.ts';
import { backupsToDrop } from '../../../../src/pipeline/replace/backups.ts';
import type { LiveState } from '../../../../src/pipeline/replace/live-state.ts';
import { chooseBackup } from '../../../../src/pipeline/replace/rollback.ts';

const relations = [{ name: '_tributary_marker', kind: 'table' as const, owner: 'loader' }];
const marker = (run: string, pipeline = 'nobel'): Marker => ({
  pipeline,
  run,
  extractedFrom: `2026-11-0${run.slice(1)}T00:00:00.000Z`,
});
const backup = (run: string, ending = '_backup', pipeline = 'nobel') => ({
  name: `nobel__${run}${ending}`,
  relations,
  marker: marker(run, pipeline),
});
const live: LiveState = { schemas: ['nobel'], relations, routines: [], marker: marker('r5') };
const choose = (candidates: ReturnType<typeof backup>[], to?: string, changed: Partial<LiveState> = {}) =>
  chooseBackup({ schema: 'nobel', pipeline: 'nobel', live: { ...live, ...changed }, candidates, to });

describe('a rollback goes back to', () => {
  test('the newest backup', () => {
    expect(choose([backup('r2'), backup('r4'), backup('r3')])).toMatchObject({ name: 'nobel__r4_backup' });
  });

  test('the requested run', () => {
    expect(choose([backup('r2'), backup('r4')], 'r2')).toMatchObject({ name: 'nobel__r2_backup' });
  });

  test('no backup that was rolled back, unless it is requested', () => {
    const backups = [backup('r2'), backup('r6', '_undone_backup')];
    expect(choose(backups)).toMatchObject({ name: 'nobel__r2_backup' });
    expect(choose(backups, 'r6')).toMatchObject({ name: 'nobel__r6_undone_backup' });
    expect(choose([backup('r6', '_undone_backup')])).toMatchObject({ kind: 'refuse', code: 'NoBackup' });
  });

  test('one of several, as a command to paste, if it cannot be chosen', () => {
    const whatToDo = 'Name one of these runs, for example: `tributary rollback nobel --to r4 --wait`';
    expect(choose([backup('r4'), backup('r2')], 'r1')).toMatchObject({ whatToDo });
    expect(choose([backup('r4', '_undone_backup')])).toMatchObject({ whatToDo });
  });

  test("no other pipeline's", () => {
    expect(choose([backup('r4', '_backup', 'other')])).toMatchObject({ kind: 'refuse', code: 'NoBackup' });
  });

  test('nothing if live already holds it, or is not ours', () => {
    expect(choose([], 'r5')).toMatchObject({ kind: 'already' });
    expect(choose([backup('r4')], undefined, { marker: marker('r5', 'other') })).toMatchObject({
      kind: 'refuse',
      code: 'OtherPipeline',
    });
  });

  test('a backup, after live was dropped', () => {
    expect(
      choose([backup('r4')], undefined, { schemas: [], relations: [], marker: undefined }),
    ).toMatchObject({
      kind: 'backup',
      name: 'nobel__r4_backup',
    });
  });
});

test('of the backups, rolled-back ones are dropped first, however new', () => {
  const backups = [backup('r6', '_undone_backup'), backup('r3'), backup('r4')];
  const dropped = backupsToDrop('nobel', marker('r7'), backups, 1).map(({ name }) => name);
  expect(dropped).toEqual(['nobel__r3_backup', 'nobel__r6_undone_backup']);
});
