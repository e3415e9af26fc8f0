import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../../src/config/parse-config.ts';

const dataset = (changes: Readonly<Record<string, unknown>> = {}) => ({
  source: { bucket: 'logs', prefix: 'records/' },
  records: './records.ts',
  partition: { column: 'record_date' },
  store: { bucket: 'lake', prefix: 'records/' },
  ...changes,
});

/** The problems of a text, without the file's name. */
function problems(content: string | object): string[] {
  try {
    parseConfig(typeof content === 'string' ? content : stringify(content), 'f');
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^f:/, ''));
  }
  return [];
}
const withoutPositions = (content: object) => problems(content).map((line) => line.replace(/^\d+:\d+ /, ''));

test('a file may have datasets only', () => {
  const { datasets } = parseConfig(stringify({ datasets: { access_records: dataset() } }), 'f');
  expect(datasets.access_records?.partition).toEqual({
    column: 'record_date',
    unit: 'day',
    timezone: 'UTC',
  });
});

test('every problem is reported at once, where it is', () => {
  const text = [
    'datasets:',
    '  records:',
    '    source: { bucket: logs, prefix: records/, mach: "*" }',
    '    records: ./records',
    '    partition: { column: record_date, unit: week }',
    '    store: { bucket: logs, prefix: records/table }',
    '    deduplicate: { key: [id] }',
    '    bounds: { from: 2011-01-01, until: yesterday }',
  ].join('\n');
  expect(problems(text)).toEqual([
    '3:47 datasets.records.source: Unrecognized key: "mach" (did you mean "match"?)',
    '4:14 datasets.records.records: expected the path of a TypeScript or JavaScript module, relative to this file, e.g. ./access-records.ts, got "./records"',
    '5:45 datasets.records.partition.unit: expected "day" or "hour" or "all", got "week"',
    '8:40 datasets.records.bounds.until: expected a date, e.g. 2026-12-31, or today or tomorrow, got "yesterday"',
  ]);
});

test('contradictions are reported beside other problems, once', () => {
  const contradicting = {
    store: { bucket: 'logs', prefix: 'records/table' },
    deduplicate: { key: ['id'] },
  };
  const both = [
    expect.stringContaining('.store.prefix: expected a prefix apart from the files in s3://logs/records/'),
    expect.stringContaining('.deduplicate.key: expected a key with record_date'),
  ];
  expect(withoutPositions({ datasets: { a: dataset(contradicting) } })).toEqual(both);
  expect(withoutPositions({ datasets: { a: dataset({ ...contradicting, more: 1 }) } })).toEqual(
    expect.arrayContaining([...both, expect.stringContaining('Unrecognized key: "more"')]),
  );
});

describe('a table is', () => {
  test('not inside that of another dataset', () => {
    const inside = dataset({ store: { bucket: 'lake', prefix: 'records/more' } });
    expect(withoutPositions({ datasets: { a: dataset(), b: inside } })).toEqual([
      'datasets.b.store.prefix: expected a prefix apart from s3://lake/records/, the table of dataset a',
    ]);
  });

  test('written by one dataset', () => {
    const catalogue = { kind: 'glue', database: 'dw', table: 'records' };
    const a = dataset({ store: { bucket: 'lake', prefix: 'a', catalogue } });
    const b = dataset({ store: { bucket: 'lake', prefix: 'b', catalogue } });
    expect(withoutPositions({ datasets: { a, b } })).toEqual([
      'datasets.b.store.catalogue.table: expected a table of its own, because dataset a writes dw.records',
    ]);
  });

  test('apart from what others write and read', () => {
    const pipeline = {
      source: { table: 'nobel' },
      staging: { bucket: 'tributary', prefix: 'runs' },
      warehouse: { workgroup: 'analytics', database: 'dev', schema: 'nobel', iamRole: 'default' },
    };
    const inRuns = dataset({ store: { bucket: 'tributary', prefix: 'runs/lake' } });
    expect(withoutPositions({ pipelines: { nobel: pipeline }, datasets: { a: inRuns } })).toEqual([
      'datasets.a.store.prefix: expected a prefix apart from s3://tributary/runs/, the staging of pipeline nobel',
    ]);
    const reader = dataset({ source: { bucket: 'lake' }, store: { bucket: 'other', prefix: 'x' } });
    expect(withoutPositions({ datasets: { a: dataset(), b: reader } })).toEqual([
      'datasets.a.store.prefix: expected a prefix apart from s3://lake/, the files of dataset b',
    ]);
  });
});
