import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { DocumentedSchema } from '../../../src/pipeline/documentation/documented-schema.ts';
import { pipelineHistory } from '../../../src/pipeline/documentation/run-history.ts';
import { asPreviousRun } from '../../../src/pipeline/run/previous-run.ts';
import { catalogueHtml } from '../../../src/report/catalogue-html.ts';
import { indexHtml } from '../../../src/report/index-html.ts';
import { reportHtml } from '../../../src/report/report-html.ts';
import { madeUpReport } from './made-up-report.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&\u202e`;
const column = {
  ...{
    name: HOSTILE,
    type: HOSTILE,
    role: 'value' as const,
    origin: HOSTILE,
    kinds: [HOSTILE],
    facts: [HOSTILE],
    values: 3,
  },
  ...{ description: HOSTILE, notNull: false },
};
const schema: DocumentedSchema = {
  ...{ pipeline: 'p', source: HOSTILE, database: HOSTILE, schema: HOSTILE, where: HOSTILE },
  ...{ description: HOSTILE, run: undefined, revision: 1 },
  tables: [
    {
      ...{ name: HOSTILE, path: '', rowOf: HOSTILE, description: HOSTILE, rows: 3, join: undefined },
      ...{ distKey: HOSTILE, sortKey: [HOSTILE], columns: [column] },
    },
  ],
  history: [{ revision: 1, changedAt: '2026-11-29T00:00:00Z', changedBy: HOSTILE, changes: [HOSTILE] }],
};
const profile = { distinct: 1, least: HOSTILE, greatest: HOSTILE, samples: [HOSTILE] };
const writtenAt = '2026-11-29T00:00:00.000Z';
const run = madeUpReport({ segments: 2, tables: 2 });

const pages = {
  catalogue: () =>
    catalogueHtml(
      [{ schema, profiles: new Map([[HOSTILE, new Map([[HOSTILE, profile]])]]), report: undefined }],
      { writtenAt, index: 'index.html', notes: [HOSTILE] },
    ),
  index: () =>
    indexHtml([pipelineHistory('p', [{ ...run, error: { type: HOSTILE, message: HOSTILE } }], undefined)], {
      ...{ writtenAt, catalogue: undefined, reportOf: () => 'r.html', webUiOf: () => HOSTILE },
    }),
  report: () =>
    reportHtml({ ...run, previous: { ...asPreviousRun(run), run: HOSTILE } }, undefined, {
      webUi: HOSTILE,
    }),
};

describe.each(Object.entries(pages))('the page of the %s', (_, page) => {
  test('shows hostile names as what they are', () => {
    expect(page().match(/<script/g)).toHaveLength(1);
    expect(page()).not.toMatch(/<img|\u202e/);
    expect(page()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('allows only its own style and script', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page())?.[1] ?? '';
    expect(policy).toMatch(/^default-src 'none'; /);
    for (const element of ['style', 'script']) {
      const content = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page())?.[1] ?? '';
      const hash = createHash('sha256').update(content).digest('base64');
      expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
    }
  });
});

test('the index marks an unusual run, and says in words what its trends show', () => {
  const day = (n: number, rows: number) => ({
    ...run,
    ...{ run: `r${n}`, rows, seconds: 60, plannedAt: `2026-11-0${n}T00:00:00.000Z` },
  });
  const page = indexHtml([pipelineHistory('p', [day(1, 10), day(2, 10), day(3, 10), day(4, 2)], undefined)], {
    ...{
      writtenAt,
      catalogue: undefined,
      reportOf: ({ run: name }) => `${name}.html`,
      webUiOf: () => undefined,
    },
  });
  expect(page).toContain('80% fewer rows than usual');
  expect(page).toContain('aria-label="rows: 10 at first, now 2, at most 10"');
  expect(page).toContain('<a href="r4.html">');
});
