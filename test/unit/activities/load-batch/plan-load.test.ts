import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { matchColumns, stagedOf } from '../../../../src/activities/load-batch/plan-load.ts';
import { copyGroups } from '../../../../src/pipeline/loader/copy-groups.ts';
import { FileFormat } from '../../../../src/pipeline/loader/file-format.ts';

const TEXT = 'varchar(65535)';
const target = {
  schema: 'landing',
  table: 'quakes',
  columns: [
    { name: 'id', type: 'character varying(20)' },
    { name: 'mag', type: 'numeric(4,2)' },
    { name: 'updated', type: 'bigint' },
    { name: 'tags', type: 'super' },
  ],
};
const merge = { key: ['id'], newest: 'updated', deletes: { column: 'Op', values: ['D'] } };
const settings = { merge, onDrift: 'report' as const };

const groupOf = (format: z.input<typeof FileFormat>, columns: Readonly<Record<string, string>>) =>
  copyGroups([
    {
      file: { bucket: 'b', key: 'k', etag: 'e', bytes: 1, at: '2026-11-01T00:00:00Z', loader: 'quakes' },
      format: FileFormat.parse(format),
      columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    },
  ]);

const staged = (format: z.input<typeof FileFormat>, columns: Readonly<Record<string, string>>) =>
  stagedOf(groupOf(format, columns)[0]!, target, merge);

describe('columns of files that the table does not have', () => {
  test('are found by name, except the one that marks deletes', () => {
    const groups = groupOf({ kind: 'csv' }, { Op: TEXT, ID: TEXT, Depth: TEXT, updated: TEXT });
    expect(matchColumns(groups, target, settings)).toEqual({
      newColumns: [{ name: 'depth', type: TEXT }],
      unfitColumns: [],
      unmatchedKeys: [],
    });
  });

  test('are keys of JSON that no column can match, because they are not in lower case', () => {
    const columns = { id: TEXT, updated: TEXT, Mag: TEXT, at: 'super' };
    expect(matchColumns(groupOf({ kind: 'json' }, columns), target, settings)).toEqual({
      newColumns: [{ name: 'at', type: 'super' }],
      unfitColumns: [],
      unmatchedKeys: ['Mag'],
    });
    expect(
      matchColumns(groupOf({ kind: 'json', paths: 'auto ignorecase' }, columns), target, settings),
    ).toEqual({
      newColumns: [{ name: 'at', type: 'super' }],
      unfitColumns: [],
      unmatchedKeys: [],
    });
  });

  test('are not to be added if their names are reserved, or cannot be those of columns', () => {
    const names = ['depth', '_tributary_X', 'ctid', 'x'.repeat(128)];
    const columns = Object.fromEntries(['id', 'updated', ...names].map((name) => [name, TEXT]));
    expect(matchColumns(groupOf({ kind: 'csv' }, columns), target, settings)).toEqual({
      newColumns: [{ name: 'depth', type: TEXT }],
      unfitColumns: [
        { name: '_tributary_x', why: 'the name is reserved' },
        { name: 'ctid', why: 'the name is reserved' },
        { name: 'x'.repeat(128), why: 'the name is longer than 127 bytes' },
      ],
      unmatchedKeys: [],
    });
  });

  test('are not to be added beyond what a loader can read', () => {
    const wide = Array.from({ length: 1_575 }, (_, n) => ({ name: `c${n}`, type: 'bigint' }));
    const columns = { id: TEXT, updated: TEXT, y1: TEXT, y2: TEXT };
    const full = { ...target, columns: [...target.columns, ...wide] };
    const { newColumns, unfitColumns } = matchColumns(groupOf({ kind: 'csv' }, columns), full, settings);
    expect(newColumns.map(({ name }) => name)).toEqual(['y1']);
    expect(unfitColumns.map(({ name }) => name)).toEqual(['y2']);
  });

  test('may hide that the key is spelled otherwise', () => {
    const groups = groupOf({ kind: 'json' }, { Id: TEXT, updated: TEXT });
    expect(() => matchColumns(groups, target, settings)).toThrow('set `format.paths: auto ignorecase`');
  });
});

test('deletes that COPY would not see are refused', () => {
  const columns = { id: TEXT, updated: TEXT, Op: TEXT };
  expect(() => matchColumns(groupOf({ kind: 'json' }, columns), target, settings)).toThrow(
    'marks deletes with the key Op',
  );
  expect(
    matchColumns(groupOf({ kind: 'json', paths: 'auto ignorecase' }, columns), target, settings),
  ).toEqual({
    newColumns: [],
    unfitColumns: [],
    unmatchedKeys: [],
  });
});

describe('what COPY reads', () => {
  test('of text are all columns, in the order of the file', () => {
    expect(staged({ kind: 'csv' }, { depth: TEXT, ID: TEXT, Op: TEXT })).toEqual([
      { name: 'depth', type: TEXT },
      { name: 'ID', column: 'id' },
      { name: 'Op', type: TEXT },
    ]);
  });

  test('of JSON are only the keys that the table has, and the one that marks deletes', () => {
    expect(staged({ kind: 'json', paths: 'auto ignorecase' }, { depth: TEXT, id: TEXT, Op: TEXT })).toEqual([
      { name: 'Op' },
      { name: 'id', column: 'id' },
    ]);
  });

  test('of Parquet has the types of the file where they differ from those of the table', () => {
    expect(
      staged(
        { kind: 'parquet' },
        { id: TEXT, mag: 'decimal(10,4)', updated: 'integer', tags: 'super', depth: 'real' },
      ),
    ).toEqual([
      { name: 'id', column: 'id' },
      { name: 'mag', column: 'mag', type: 'decimal(10,4)' },
      { name: 'updated', column: 'updated', type: 'integer' },
      { name: 'tags', column: 'tags' },
      { name: 'depth', type: 'real' },
    ]);
  });
});
