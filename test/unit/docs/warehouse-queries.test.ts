import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { catalogueQueries } from '../../../src/pipeline/replace/catalogue.ts';
import { liveStateQueries } from '../../../src/pipeline/replace/live-state.ts';
import { stopperQueries } from '../../../src/pipeline/replace/stoppers.ts';

const page = readFileSync(new URL('../../../docs/warehouse-queries.md', import.meta.url), 'utf8');
const queries = Object.entries({
  ...liveStateQueries('<schema>'),
  ...catalogueQueries('<schema>'),
  ...stopperQueries('<schema>'),
});

test.each(queries)('docs/warehouse-queries.md has the query for %s as it is sent', (_, sql) => {
  expect(page).toContain(sql);
});
