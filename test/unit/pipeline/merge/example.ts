import type { BatchLoad } from '../../../../src/pipeline/merge/batch-load.ts';
import type { MergeRule, Target, TargetColumn } from '../../../../src/pipeline/merge/target.ts';

export const column = (name: string, type: string, more: Partial<TargetColumn> = {}): TargetColumn => ({
  name,
  type,
  ...more,
});

export const TARGET: Target = {
  schema: 'landing',
  table: 'quakes',
  columns: [
    column('id', 'character varying(20)'),
    column('updated', 'timestamp without time zone'),
    column('price', 'numeric(10,2)'),
    column('notes', 'super'),
    column('depth', 'double precision'),
  ],
};

export const RULE: MergeRule = {
  key: ['id'],
  newest: 'updated',
  deletes: { column: 'Op', values: ['D'] },
};

/** One file with the columns of the target and the one that marks deletes. */
export const LOAD: BatchLoad = {
  target: TARGET,
  merge: RULE,
  batch: 12,
  attempt: 'attempt',
  version: 7,
  tableId: 4711,
  files: [{ bucket: 'landing', key: 'quakes/a.csv', etag: 'e', bytes: 10 }],
  groups: [
    {
      format: 'csv',
      columns: [{ name: 'Op' }, ...TARGET.columns.map(({ name }) => ({ name, column: name }))],
      copyOptions: ['FORMAT AS CSV', 'IGNOREHEADER 1'],
      manifestKey: 'm/1.manifest',
    },
  ],
  bucket: 'tributary',
  iamRole: 'default',
};
