import { expect, test } from '@jest/globals';
import { SHAPES } from '../../../bench/speed/shapes.ts';
import { AWS_LIMITS } from '../../../src/clients/redshift/data-api-limits.ts';
import { DataApiShare } from '../../../src/clients/redshift/data-api-share.ts';
import { MAX_GROWTHS, MAX_LAYOUTS } from '../../../src/pipeline/columns/layout-growth.ts';
import { MAX_SHAPES } from '../../../src/pipeline/columns/row-shapes.ts';
import { MAX_TABLES_AT_ONCE, TABLES_AT_ONCE } from '../../../src/pipeline/definition/tables-at-once.ts';
import { MAX_FILES } from '../../../src/pipeline/load/load-plan.ts';
import { read, section, tableRows } from './pages.ts';

test('docs/performance.md describes the shapes of the benchmark', () => {
  const rows = tableRows(section(read('docs/performance.md'), 'What is measured'));
  expect(rows).toEqual(SHAPES.map(({ name, is }) => [`\`${name}\``, is]));
});

test('docs/performance.md states the bounds that the code has', async () => {
  const text = section(read('docs/performance.md'), 'Files and loads');
  expect([MAX_LAYOUTS, MAX_SHAPES, MAX_GROWTHS]).toEqual([16, 7, 7]);
  expect(text).toContain(
    '16: one in the plan, seven for shapes, seven that grew while it was read, one for odd items',
  );
  expect(text).toContain(`| ${MAX_FILES}, and the ledger's rows`);
  expect(text).toContain(`(default ${TABLES_AT_ONCE}, at most ${MAX_TABLES_AT_ONCE})`);
  expect(text).toContain(`at most ${await longStatementsAtOnce()} long statements at once`);
});

/** As many as the only worker starts before one of them has ended. */
async function longStatementsAtOnce(): Promise<number> {
  const { slots } = new DataApiShare(AWS_LIMITS);
  const ended = new AbortController();
  let started = 0;
  const statements = Array.from({ length: AWS_LIMITS.activeStatements }, () =>
    slots.inSlot(
      () => {
        started++;
        return new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve()));
      },
      'long',
      ended.signal,
    ),
  );
  await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  const most = started;
  ended.abort();
  await Promise.allSettled(statements);
  return most;
}
