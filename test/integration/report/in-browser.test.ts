import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { reportPageKey } from '../../../src/pipeline/run/run-directory.ts';
import { reportHtml } from '../../../src/report/report-html.ts';
import { madeUpReport } from '../../unit/report/made-up-report.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { findChromium } from './chromium.ts';
import { LONGEST_MS, openPage, type PageOptions, SCREENS } from './open-page.ts';
import { faintTexts, nameless, paper, sideways, sortedBy, unfoldAll } from './page-check.ts';

const executablePath = findChromium();
const LONG = `a_name_without_a_break_${'x'.repeat(104)}`;

const small = () => madeUpReport({ segments: 6, tables: 3 });

/** Pages that are created here; `nobel` is the page of a run, from its directory. */
const madeUp = {
  big: () => madeUpReport({ segments: 1000, tables: 300 }),
  failed: () => ({
    ...small(),
    outcome: 'waiting' as const,
    status: 'load',
    pipeline: LONG,
    error: { type: 'LoadFailed', message: `${LONG}: line 7` },
    unfinished: [{ child: LONG, workflowId: `refresh/${LONG}`, state: 'failed', error: LONG }],
    rejects: 3,
    rejectReasons: { 'the key holds NUL': 3 },
    tables: small().tables.map((table) => ({
      ...table,
      table: LONG,
      columns: table.columns.map((column) => ({ ...column, name: LONG, path: LONG })),
    })),
    statements: small().statements.map((statement) => ({ ...statement, name: LONG })),
  }),
};
const PAGES = ['nobel', 'big', 'failed'] as const;

if (executablePath === undefined) {
  process.stderr.write(
    'The report is not tested in a browser: neither the PATH nor TRIBUTARY_CHROMIUM has a Chromium.\n',
  );
}
const lookAt = executablePath === undefined ? describe.skip : describe;

lookAt('the report in a browser', () => {
  const harness = withHarness();
  const fileOf = (page: string) => join(harness.directory(), `${page}.html`);
  let browser: Browser | undefined;

  beforeAll(async () => {
    const table = uniqueName('nobel');
    await harness.createTable(table, nobelItems());
    await harness.startWorkers();
    const { pipeline, definition } = harness.define(table);
    const { run } = await (await harness.start({ pipeline })).result();
    const page = await harness.store.get(reportPageKey({ prefix: definition.staging.prefix, pipeline, run }));
    writeFileSync(fileOf('nobel'), page?.body ?? '');
    for (const [name, make] of Object.entries(madeUp)) writeFileSync(fileOf(name), reportHtml(make()));
    browser = await chromium.launch({ executablePath: executablePath as string, timeout: LONGEST_MS });
  });
  afterAll(async () => {
    await browser?.close();
  });

  const opened = (name: string, options?: PageOptions) =>
    openPage(browser as Browser, pathToFileURL(fileOf(name)).href, options);

  const cases = PAGES.flatMap((name) =>
    (['desktop', 'phone'] as const).flatMap((screen) =>
      (['light', 'dark'] as const).map((colours) => ({ name, screen, colours })),
    ),
  );

  test.each(cases)('$name on a $screen, $colours: fits, is legible, and requests nothing', async (where) => {
    const { page, misdeeds } = await opened(where.name, {
      viewport: SCREENS[where.screen],
      colorScheme: where.colours,
    });
    expect(await page.locator('h1').isVisible()).toBe(true);
    expect(await sideways(page)).toBe(0);
    expect(await faintTexts(page)).toEqual([]);
    expect(await nameless(page)).toEqual([]);
    await unfoldAll(page);
    expect(await sideways(page)).toBe(0);
    expect(misdeeds).toEqual([]);
    await page.close();
  });

  test('sorts its tables by number on a click on a heading, and by keyboard', async () => {
    const { page, misdeeds } = await opened('nobel', { viewport: SCREENS.desktop });
    const rows = () => sortedBy(page, '#tables > table', 1);
    const title = page.getByRole('button', { name: 'Rows' }).first();
    await title.click();
    expect(await rows()).toEqual([1680, 1094, 1012, 1012]);
    await title.press('Enter');
    expect(await rows()).toEqual([1012, 1012, 1094, 1680]);
    expect(misdeeds).toEqual([]);
    await page.close();
  });

  test('shows everything without JavaScript, including folded parts', async () => {
    const { page } = await opened('nobel', { javaScriptEnabled: false, viewport: SCREENS.phone });
    const fold = page.locator('#statements details', { hasText: 'load' }).first();
    await fold.locator('summary').first().click();
    expect(await fold.locator('ol').first().isVisible()).toBe(true);
    expect(await page.getByText('1,680 items became 4,798 rows').isVisible()).toBe(true);
    await page.close();
  });

  test('prints dark on white, whatever colours the screen has', async () => {
    const { page } = await opened('nobel', { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await paper(page)).toBe('rgb(255, 255, 255)');
    expect(await faintTexts(page)).toEqual([]);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    await page.close();
  });
});
