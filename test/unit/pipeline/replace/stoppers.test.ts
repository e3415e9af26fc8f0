import { describe, expect, test } from '@jest/globals';
import type { LiveState } from '../../../../src/pipeline/replace/live-state.ts';
import { type StopperRows, stoppersOf } from '../../../../src/pipeline/replace/stoppers.ts';

const none: StopperRows = {
  boundViews: [],
  materializedViews: [],
  rowPolicies: [],
  maskingPolicies: [],
  datashares: [],
  views: [],
};
const table = (name: string) => ({ name, kind: 'table' as const, owner: 'loader' });
const live: LiveState = {
  schemas: ['nobel'],
  relations: ['nobel', 'nobel__old', 'nobel__new', '_tributary_marker', '_tributary_ledger'].map(table),
  routines: [],
  marker: {
    pipeline: 'nobel',
    run: 'r',
    extractedFrom: '2026-11-21T06:00:00.000Z',
    tables: ['nobel', 'nobel__old'],
  },
};
const what = (rows: Partial<StopperRows>, state: Partial<LiveState> = {}) =>
  stoppersOf('nobel', { ...live, ...state }, ['nobel', 'nobel__new'], { ...none, ...rows }).map(
    (s) => s.what,
  );

describe('a replacement', () => {
  test('does not stop for its own tables, old or new, or for late-binding views', () => {
    const views = [{ view_name: 'v', definition: 'create view v as select 1 with no schema binding' }];
    expect(what({ views })).toEqual([]);
  });

  test.each<[Partial<StopperRows>, string]>([
    [
      { boundViews: [{ view_schema: 'bi', view_name: 'v', relation_name: 'nobel' }] },
      'view bi.v, bound to nobel.nobel',
    ],
    [{ materializedViews: [{ view_schema: 'nobel   ', view_name: 'mv  ' }] }, 'materialized view nobel.mv'],
    [
      { rowPolicies: [{ relation_name: 'nobel', policy_name: 'p' }] },
      'row-level security policy p on nobel.nobel',
    ],
    [{ maskingPolicies: [{ relation_name: 'nobel', policy_name: 'm' }] }, 'masking policy m on nobel.nobel'],
    [
      { datashares: [{ share_name: 's', object_name: 'nobel.nobel' }] },
      'datashare s, which shares nobel.nobel',
    ],
    [
      { views: [{ view_name: 'v', definition: '-- x\ncreate view v as select 1 with no schema binding' }] },
      'view nobel.v, whose definition cannot be copied',
    ],
  ])('stops for what depends on the tables: %j', (rows, expected) => {
    expect(what(rows)).toEqual([expected]);
  });

  test('stops for foreign tables and for routines, which would be lost with the schema', () => {
    expect(what({}, { relations: [...live.relations, table('mine')], routines: ['f'] })).toEqual([
      'table nobel.mine, which Tributary did not create',
      'function or procedure nobel.f',
    ]);
  });

  test('names a materialized view once, not its inner view and table as well', () => {
    const rows = {
      materializedViews: [{ view_schema: 'nobel', view_name: 'mv' }],
      boundViews: [{ view_schema: 'nobel', view_name: 'mv', relation_name: 'nobel' }],
    };
    expect(what(rows, { relations: [...live.relations, table('mv_tbl__mv__0')] })).toEqual([
      'materialized view nobel.mv',
    ]);
  });

  test('says what to do with each', () => {
    const stoppers = stoppersOf('nobel', { ...live, routines: ['f'] }, [], none);
    for (const stopper of stoppers) expect(stopper.whatToDo).not.toBe('');
  });
});
