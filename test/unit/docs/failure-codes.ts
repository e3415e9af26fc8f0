import { type ExplainedCode, FAILURE_CODES } from '../../../src/pipeline/failure/failure-codes.ts';

/** The table of failure codes in docs/operating.md, between its two comments. */

const BEGIN =
  '<!-- Made by test/unit/docs/write-failure-codes.ts from src/pipeline/failure/failure-codes.ts: change that file, not this table. -->';
const END = '<!-- End of the generated table. -->';

const RETRIED = { transient: 'yes', terminal: 'no', 'transient at first': 'for 15 minutes' } as const;

function failureCodesTable(): string {
  // Pages write commands as they are typed in a checkout.
  const cell = (text: string) => text.replaceAll('`tributary ', '`npx tributary ');
  return [
    BEGIN,
    '',
    '| code | retried | means | do |',
    '|---|---|---|---|',
    ...Object.entries<ExplainedCode>(FAILURE_CODES).map(
      ([code, { class: kind, attempts, means, help }]) =>
        `| \`${code}\` | ${attempts === undefined ? RETRIED[kind] : `${attempts - 1} times`} | ${cell(means)} | ${cell(help)} |`,
    ),
    '',
    END,
  ].join('\n');
}

/** The page with the table as the code has it now. */
export function withFailureCodes(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/operating.md has no place for the table');
  return `${before}${failureCodesTable()}${after}`;
}
