import { expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { parseConfig } from '../../../src/config/parse-config.ts';

/** The problems of pipeline `a` with these settings, as `path: message`. */
function problems(settings: object): string[] {
  const a = {
    source: { kind: 'dynamodb', table: 'aaa' },
    staging: { bucket: 'tributary' },
    warehouse: { kind: 'redshift', workgroup: 'local', database: 'dev', schema: 'a', iamRole: 'default' },
    ...settings,
  };
  try {
    parseConfig(stringify({ pipelines: { a } }), 'f');
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^f:\d+:\d+ pipelines\.a\./, ''));
  }
  return [];
}

test.each<[string, object, string]>([
  ['a check', { checks: { r: { rows: 't' } } }, 'checks.r: expected rows with min, max or change'],
  [
    'an entity',
    { mapping: { entities: { e: {} } } },
    'mapping.entities.e: expected at least one of keyPrefix, sortKeyPrefix, or attribute with equals',
  ],
  ['a condition', { mapping: { where: [{ attribute: 'a' }] } }, 'mapping.where[0]: expected '],
])('settings that do not fit together name their member: %s', (_, settings, problem) => {
  expect(problems(settings)).toEqual([expect.stringContaining(problem)]);
});

test.each<[string, object, string]>([
  [
    'no values',
    { checks: { v: { accepted: 't.b', values: [] } } },
    'checks.v.values: expected a list that is not empty, got an empty list',
  ],
  [
    'too many values',
    { checks: { v: { accepted: 't.b', values: Array.from({ length: 1001 }, (_, n) => n) } } },
    'checks.v.values: expected a list of at most 1000 values, got a list',
  ],
  [
    'no sort key',
    { mapping: { tables: { '': { sortKey: [] } } } },
    'sortKey: expected a list that is not empty, got an empty list',
  ],
  ['no query', { checks: { q: { sql: '' } } }, 'checks.q.sql: expected text that is not empty, got ""'],
])('a list or text of a wrong length is described by its length: %s', (_, settings, problem) => {
  expect(problems(settings)).toEqual([expect.stringContaining(problem)]);
});

test.each([
  'delete from events',
  'select 1; select 2',
  'select 1; -- a\nselect 2',
  'explain select 1',
  '-- a',
])('the query of a check is one query, and %j is not', (sql) => {
  expect(problems({ checks: { q: { sql } } })).toEqual([
    expect.stringContaining('checks.q.sql: expected one query, which begins with select or with, got '),
  ]);
});

test.each(['select 1;', '-- a\n(SELECT 1)', "with a as (select ';') select * from a"])(
  'the query of a check may be %j',
  (sql) => {
    expect(problems({ checks: { q: { sql } } })).toEqual([]);
  },
);
