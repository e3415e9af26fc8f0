import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { parse, stringify } from 'yaml';
import { loadItems, nobelItems } from '../../../local/demo/nobel.ts';
import { command, type Ended } from '../cli/command-line.ts';
import { uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { seriousFindings } from './axe.ts';
import { findChromium } from './chromium.ts';
import { LONGEST_MS, openPage, type PageOptions, SCREENS } from './open-page.ts';
import { faintTexts, nameless, sideways, unfoldAll } from './page-check.ts';

const executablePath = findChromium();
const inBrowser = executablePath === undefined ? describe.skip : describe;

describe('tributary docs', () => {
  const harness = withHarness();
  const table = uniqueName('nobel');
  const { pipeline, schema, definition } = harness.define(table, {
    descriptions: {
      schema: 'Who won a Nobel prize',
      columns: { bornCountryCode: 'ISO 3166 code of the country of birth' },
    },
  });
  const directory = harness.directory();
  const out = join(directory, 'site');
  const config = join(directory, 'tributary.yaml');
  const fileOf = (page: string) => join(out, page);
  const read = (page: string) => readFileSync(fileOf(page), 'utf8');
  const docs = (...words: string[]) =>
    command(['docs', '--config', config, '--out', out, ...words], harness.environment);

  let browser: Browser | undefined;
  let written: Ended | undefined;

  beforeAll(async () => {
    if (executablePath !== undefined)
      browser = await chromium.launch({ executablePath, timeout: LONGEST_MS });
    writeFileSync(config, stringify({ pipelines: { [pipeline]: definition } }));
    const items = nobelItems();
    await harness.createTable(table, items.slice(0, -10));
    await harness.startWorkers();
    await harness.runToEnd({ pipeline, run: 'first' });
    await loadItems(harness.dynamodb, table, items.slice(-10));
    await harness.runToEnd({ pipeline, run: 'second' });
    written = await docs('--web-ui', 'http://127.0.0.1:9/');
  });

  afterAll(async () => {
    await browser?.close();
  });

  test('writes what the live tables hold, with values of them', () => {
    expect(written).toMatchObject({ code: 0, stderr: '' });
    expect(written?.stdout).toContain('catalogue.html  4 tables of 1 pipeline\n');
    const page = read('catalogue.html');
    expect(page).toContain('4 tables with');
    for (const text of [
      'Who won a Nobel prize',
      'ISO 3166 code of the country of birth',
      `FROM ${table}__prizes t JOIN ${table} a\n  ON a.pk = t.pk AND a.sk = t.sk`,
      '1901 … 2024',
    ]) {
      expect(page).toContain(text.replaceAll('>', '&gt;'));
    }
  });

  test('shows no value of an item without samples, and queries nothing without profiles', async () => {
    const without = join(directory, 'without');
    const withoutSamples = await docs('--no-samples', '--out', without);
    expect(withoutSamples).toMatchObject({ code: 0, stderr: '' });
    const page = readFileSync(join(without, 'catalogue.html'), 'utf8');
    expect(page).not.toContain('1901 … ');
    expect(page).toContain('distinct, about');

    const closed = { ...harness.environment, TRIBUTARY_REDSHIFT_DATA_ENDPOINT: 'http://127.0.0.1:9' };
    const offline = await command(['docs', '--config', config, '--out', without, '--no-profiles'], closed);
    expect(offline).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(without, 'catalogue.html'), 'utf8')).not.toContain('distinct, about');
  });

  test('shows no value of a pipeline with redactValues', async () => {
    const redacted = join(directory, 'redacted');
    const other = join(directory, 'redacted.yaml');
    writeFileSync(other, stringify({ pipelines: { [pipeline]: { ...definition, redactValues: true } } }));
    expect(await docs('--config', other, '--out', redacted)).toMatchObject({ code: 0, stderr: '' });
    const page = readFileSync(join(redacted, 'catalogue.html'), 'utf8');
    expect(page).not.toContain('1901 … ');
    expect(page).toContain('distinct, about');
  });

  test('compares each run with the one before', () => {
    const page = read(`reports/${pipeline}/second.html`);
    expect(page).toContain('Since the run before');
    expect(page).toMatch(/Compared with run <a href="[^"]*first\.html"><code>first<\/code><\/a>/);
    expect(page).toMatch(/1,670<\/td>[\s\S]{0,200}1,680<\/td>[\s\S]{0,200}\+0\.6%/);
    expect(read(`reports/${pipeline}/first.html`)).not.toContain('Since the run before');
  });

  test('schema show has the joins and positions as well', async () => {
    const { stdout } = await command(['schema', 'show', pipeline, '--config', config], harness.environment);
    expect(stdout).toMatch(
      new RegExp(
        `${table}__prizes__affiliations prizes\\[\\]\\.affiliations\\[\\]\n` +
          `  join ${table}__prizes using \\(pk, sk, _pos\\)\n[\\s\\S]* _pos2 +INTEGER +position\n`,
      ),
    );
  });

  test('writes sources for dbt', () => {
    const { sources } = parse(read('sources.yml')) as { sources: { tables: { name: string }[] }[] };
    expect(sources[0]).toMatchObject({ name: schema, schema, loader: 'tributary' });
    expect(sources[0]?.tables.map(({ name }) => name).sort()).toEqual(
      [table, `${table}__laureates`, `${table}__prizes`, `${table}__prizes__affiliations`].sort(),
    );
  });

  inBrowser('in a browser', () => {
    const opened = (page: string, options?: PageOptions) =>
      openPage(browser as Browser, pathToFileURL(fileOf(page)).href, options);

    const cases = ['catalogue.html', 'index.html', `reports/${pipeline}/second.html`].flatMap((name) =>
      (['desktop', 'phone'] as const).flatMap((screen) =>
        (['light', 'dark'] as const).map((colours) => ({ name, screen, colours })),
      ),
    );

    test.each(cases)(
      '$name on a $screen, $colours: fits, is legible and accessible, requests nothing',
      async ({ name, screen, colours }) => {
        const { page, misdeeds } = await opened(name, {
          viewport: SCREENS[screen],
          colorScheme: colours,
          bypassCSP: true,
        });
        await unfoldAll(page);
        expect(await sideways(page)).toBe(0);
        expect(await faintTexts(page)).toEqual([]);
        expect(await nameless(page)).toEqual([]);
        expect(await seriousFindings(page)).toEqual([]);
        expect(misdeeds).toEqual([]);
        await page.close();
        const strict = await opened(name, { viewport: SCREENS[screen], colorScheme: colours });
        expect(strict.misdeeds).toEqual([]);
        await strict.page.close();
      },
    );

    test('the catalogue is searched, sorted and unfolded by keyboard alone', async () => {
      const { page, misdeeds } = await opened('catalogue.html', { viewport: SCREENS.desktop });
      await page.keyboard.press('/');
      await page.keyboard.type('prizes year');
      expect(await page.locator('#found').textContent()).toBe('1 table, 1 column');
      expect(await page.locator('details.entry:visible summary').allTextContents()).toEqual([
        expect.stringContaining(`${table}__prizes`),
      ]);
      expect(await page.locator('details.entry:visible tbody tr:visible').count()).toBe(1);
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.press('Delete');
      expect(await page.locator('details.entry:visible').count()).toBe(4);
      const first = page.locator('details.entry').first();
      await first.locator('summary').focus();
      const before = await first.getAttribute('open');
      await page.keyboard.press('Enter');
      expect((await first.getAttribute('open')) === null).toBe(before !== null);
      expect(misdeeds).toEqual([]);
      await page.close();
    });

    test('pages lead to each other, and to the Web UI', async () => {
      const { page } = await opened('index.html');
      expect(await page.getByRole('link', { name: 'Web UI' }).first().getAttribute('href')).toMatch(
        /^http:\/\/127\.0\.0\.1:9\/namespaces\/[^/]+\/workflows\/refresh/,
      );
      await page.getByRole('link', { name: 'second' }).click();
      await page.getByRole('link', { name: 'first' }).click();
      expect(page.url()).toMatch(/reports\/[^/]+\/first\.html$/);
      await page.getByRole('link', { name: 'Catalogue' }).click();
      await page.getByRole('link', { name: 'second' }).click();
      await page.getByRole('link', { name: 'All runs' }).click();
      expect(await page.locator('h1').textContent()).toBe('Runs');
      await page.close();
    });
  });
});
