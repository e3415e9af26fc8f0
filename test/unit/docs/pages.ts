import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The pages written by hand. Pages that are generated from code have separate tests. */
export const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/mapping.md',
  'docs/data-kept.md',
  'docs/operating.md',
  'docs/aws.md',
  'docs/schema.md',
  'docs/exports.md',
  'docs/loaders.md',
  'docs/datasets.md',
  'docs/coming-from-a-glue-job.md',
  'docs/reports.md',
  'docs/chaos.md',
  'docs/performance.md',
  'examples/README.md',
  'examples/single-table/README.md',
  'examples/nested-documents/README.md',
  'examples/time-series/README.md',
  'examples/access-records/README.md',
  'examples/ledger/README.md',
];

const root = new URL('../../../', import.meta.url);

/** An absolute path from one below the repository's root. */
export const inRepository = (path: string) => fileURLToPath(new URL(path, root));

export const read = (path: string) => readFileSync(inRepository(path), 'utf8');

interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, also those indented in lists. */
export function codeBlocks(page: string): CodeBlock[] {
  return [...page.matchAll(/^( *)```(\w*)\n(.*?)\n\1```$/gms)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** The page with its fenced blocks taken out. */
export const prose = (page: string) => page.replaceAll(/^( *)```.*?\n\1```$/gms, '');

/** Commands and other words in single backticks. */
export const inlineCode = (page: string) =>
  [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string);

/** The lines of shell blocks, continued lines joined, without comments; and inline code. */
export function shellLines(page: string): string[] {
  const blocks = codeBlocks(page).filter(({ language }) => language === 'sh');
  const lines = blocks.flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, '').split('\n'));
  return [...lines, ...inlineCode(page)].map((line) => line.replace(/(^|\s)#.*$/, '').trim());
}

/** The part of a page below a heading, up to the next heading of any level. */
export function section(page: string, heading: string): string {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (from < 0) throw new Error(`no heading "${heading}"`);
  const to = lines.findIndex((line, i) => i > from && /^#+ /.test(line));
  return lines.slice(from + 1, to < 0 ? undefined : to).join('\n');
}

/** The cells of the first Markdown table in a text, without its head. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** The first text in backticks in a cell. */
export const code = (cell: string | undefined) => /`([^`]+)`/.exec(cell ?? '')?.[1] ?? '';

/** GitHub's anchor of a heading. */
export const anchor = (heading: string) =>
  heading
    .replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
