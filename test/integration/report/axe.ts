import axe from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * What axe-core calls serious or critical, as `rule: element`.
 * @param page opened with `bypassCSP`, because axe is a script that the page itself forbids
 */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe.source });
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`);
}
