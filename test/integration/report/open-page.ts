import type { Browser, Page } from 'playwright-core';

export const SCREENS = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
} as const;
/** The longest that a browser step may take on a busy machine. */
export const LONGEST_MS = 300_000;

export type PageOptions = NonNullable<Parameters<Browser['newPage']>[0]>;

/** Opens a page and records what it should not do: print, throw, and request anything but itself. */
export async function openPage(
  browser: Browser,
  address: string,
  options: PageOptions = {},
): Promise<{ readonly page: Page; readonly misdeeds: string[] }> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(LONGEST_MS);
  const misdeeds: string[] = [];
  page.on('console', (message) => misdeeds.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => misdeeds.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== address) misdeeds.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  return { page, misdeeds };
}
