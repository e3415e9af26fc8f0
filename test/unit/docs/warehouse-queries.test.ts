import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { ApplyPlan } from '../../../src/pipeline/changes/apply-plan.ts';
import { applyStatements } from '../../../src/pipeline/changes/apply-statements.ts';
import { foundTablesQuery } from '../../../src/pipeline/changes/evolve-statements.ts';
import { createSetAside, logEntriesQuery, setAsideQuery } from '../../../src/pipeline/changes/set-aside.ts';
import { createPositions } from '../../../src/pipeline/load/positions.ts';
import { createState } from '../../../src/pipeline/load/schema-state.ts';
import { catalogueQueries } from '../../../src/pipeline/replace/catalogue.ts';
import { surroundingsQueries, unchangedConditions } from '../../../src/pipeline/replace/inventory-queries.ts';
import { liveStateQueries } from '../../../src/pipeline/replace/live-state.ts';
import { sqlOf } from '../../../src/pipeline/sql/guarded-statement.ts';

const page = readFileSync(new URL('../../../docs/warehouse-queries.md', import.meta.url), 'utf8');
const queries = Object.entries({
  ...liveStateQueries('<schema>'),
  ...catalogueQueries('<schema>'),
  ...surroundingsQueries('<schema>'),
});
const guards = unchangedConditions('<live>', { relations: 0, relationIds: 0, routines: 0, views: 0 });

test.each(queries)('docs/warehouse-queries.md has the query for %s as it is sent', (_, sql) => {
  expect(page).toContain(sql);
});

test.each(guards)('docs/warehouse-queries.md has the guard on $from', ({ from }) => {
  expect(page).toContain(`AS "guard" FROM ${from}`);
});

const applied: ApplyPlan = {
  ...{ schema: '<live>', attempt: '<attempt>' },
  marker: { pipeline: '<pipeline>', run: '<run>', extractedFrom: '<ISO 8601>' },
  before: [],
  after: [{ epoch: '<epoch>', shard: '<shard>', checkpoint: 7, ended: false }],
  key: [{ name: 'id', kind: 'S' }],
  keys: { manifestKey: '<keys>', count: 2, setAside: 1 },
  tables: [
    {
      name: '<table>',
      key: [{ name: 'id', type: { type: 'VARCHAR', bytes: 64 } }],
      copies: [{ manifestKey: '<key>', columns: ['id', '<column>'], rows: 3 }],
    },
  ],
  ...{ bucket: '<bucket>', nullText: '<sentinel>', compression: 'zstd', iamRole: '<arn>' },
};
/** With `<n>` in place of counts and hashes. */
const counted = (sql: string) =>
  sql.replaceAll(/(count\((?:\*|"reason")\)|, 0\)) = \d+/g, (_, what: string) => `${what} = <n>`);

test.each([
  ...sqlOf(applyStatements(applied)).map(counted),
  setAsideQuery('<live>', 51),
  logEntriesQuery('<live>', '<epoch>', { atMost: 1000 }),
  ...[createPositions, createSetAside, createState].map((create) => create('<staging>')),
  foundTablesQuery('<live>'),
])('docs/warehouse-queries.md has the statement of changes %s', (sql) => {
  expect(page).toContain(sql);
});
