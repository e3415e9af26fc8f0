import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { catalogueQueries } from '../../../src/pipeline/replace/catalogue.ts';
import { surroundingsQueries, unchangedConditions } from '../../../src/pipeline/replace/inventory-queries.ts';
import { liveStateQueries } from '../../../src/pipeline/replace/live-state.ts';

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
