import type { Page } from 'playwright-core';

/*
 * Scripts for the page under test. They are text because they run in the browser, not in Node.
 */

const FAINT_TEXTS = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => channels(colour)
    .slice(0, 3)
    .map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    if (element === null) return 'rgb(255, 255, 255)';
    const { backgroundColor } = getComputedStyle(element);
    return (channels(backgroundColor)[3] ?? 1) === 1 ? backgroundColor : behind(element.parentElement);
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent.trim();
    if (text === '' || element.closest('svg, script')) continue;
    const a = luminance(getComputedStyle(element).color);
    const b = luminance(behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.add(text.slice(0, 40) + ': ' + ratio.toFixed(2));
  }
  return [...found];
})()`;

const NAMELESS = `(() => {
  const found = [];
  for (const table of document.querySelectorAll('table')) {
    if (!table.caption?.textContent) found.push('a table has no caption');
    if (table.querySelector('tbody tr > :first-child:not(th)')) found.push('a row has no header');
  }
  for (const section of document.querySelectorAll('main > section')) {
    const title = document.getElementById(section.getAttribute('aria-labelledby') ?? '');
    if (!title?.textContent) found.push('section ' + section.id + ' has no title');
  }
  for (const svg of document.querySelectorAll('svg')) {
    if (svg.ariaHidden !== 'true' && !svg.ariaLabel) found.push('a picture has no words');
  }
  if (document.querySelectorAll('h1').length !== 1) found.push('there is not one h1');
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) found.push('an id is given twice');
  return found;
})()`;

/** Text whose colour is less than 4.5:1 against what is behind it (WCAG 2.1, 1.4.3), as `text: ratio`. */
export const faintTexts = (page: Page): Promise<string[]> => page.evaluate<string[]>(FAINT_TEXTS);

/** Problems for a screen reader, as sentences. */
export const nameless = (page: Page): Promise<string[]> => page.evaluate<string[]>(NAMELESS);

/** The number of pixels by which the page is wider than its window. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

export async function unfoldAll(page: Page): Promise<void> {
  await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true;");
}

/** The sort values of a column's cells, in the order of the rows. */
export const sortedBy = (page: Page, table: string, column: number): Promise<number[]> =>
  page.evaluate<number[]>(
    `[...document.querySelector('${table}').tBodies[0].rows].map((row) => Number(row.cells[${column}].dataset.n))`,
  );

export const paper = (page: Page): Promise<string> =>
  page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
