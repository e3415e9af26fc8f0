import { markdown } from '../../contract/failed-parts.ts';
import type { Check } from '../../contract/maintenance.ts';
import { firstSentences } from '../../pipeline/text/sentences.ts';

/** Checks as a Markdown table, for the Web UI. */
export const checksTable = (checks: readonly Check[]): string =>
  [
    '| | area | what | found | what to do |',
    '|---|---|---|---|---|',
    ...checks.map(
      ({ state, area, what, found, whatToDo }) =>
        `| ${state} | ${area} | ${what} | ${cell(found)} | ${cell(whatToDo ?? '')} |`,
    ),
  ].join('\n');

const cell = (text: string) => markdown(firstSentences(text, 600));
