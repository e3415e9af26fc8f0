import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ExitCode } from '../../../src/cli/terminal/exit-code.ts';
import { PHASES } from '../../../src/contract/refresh.ts';
import { codeBlocks, inlineCode, inRepository, PAGES, read, section, tableRows } from './pages.ts';

/** All source text below a folder. */
const sources = (folder: string) =>
  readdirSync(inRepository(folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => read(`${folder}/${path}`))
    .join('\n');

const architecture = read('ARCHITECTURE.md');
const operating = read('docs/operating.md');
const aws = read('docs/aws.md');

test('phases are named in their order', () => {
  const inCode = PHASES.map((phase) => `\`${phase}\``).join(', ');
  expect(read('README.md')).toContain(inCode);
  expect(architecture).toContain(inCode);
  expect(operating).toContain(PHASES.join(', '));
});

test('every failure code that the page lists is in the code', () => {
  const listed = tableRows(section(operating, 'Failure codes')).flatMap(([words = '']) => inlineCode(words));
  const all = sources('src').replace(read('src/pipeline/failure/failure-codes.ts'), '');
  expect(listed.length).toBeGreaterThan(20);
  expect(listed.filter((word) => !all.includes(`'${word}'`))).toEqual([]);
});

test('exit codes are those of the CLI', () => {
  const [row = []] = tableRows(section(operating, 'Watch and alert'));
  const shown = [...(row[0] ?? '').matchAll(/`(\d+)`/g)].map(([, n]) => Number(n));
  const { done, failed, usage, waiting } = ExitCode;
  expect(shown).toEqual([done, failed, usage, waiting]);
});

test('the policies allow the actions that the clients call, and no others of those services', () => {
  const policies = codeBlocks(aws)
    .filter(({ language }) => language === 'json')
    .map(({ text }) => JSON.parse(text));
  const actions = (policies[0].Statement as { Action: string | string[] }[]).flatMap(({ Action }) => Action);
  const called = [...sources('src/clients').matchAll(/'((?:dynamodb|s3|redshift-data):[A-Z]\w+)'/g)].map(
    ([, action]) => action,
  );
  const needed = new Set(called);
  const allowed = actions.filter((action) => !action.startsWith('redshift-serverless:'));
  expect(new Set(allowed)).toEqual(needed);
  expect(allowed).toHaveLength(needed.size);
});

test('the terms come first in ARCHITECTURE.md, and each leads to a file', () => {
  expect(/^## (.+)$/m.exec(architecture)?.[1]).toBe('Terms');
  const rows = tableRows(section(architecture, 'Terms'));
  const words =
    'segment cut checkpoint layout|odd item|reject seal manifest staging generation ledger marker guard swap backup run phase';
  expect(rows.map(([word]) => word)).toEqual(expect.arrayContaining(words.split(/[ |](?!item)/)));
  expect(rows.filter(([, , file]) => !file?.includes('](src/'))).toEqual([]);
});

test('the changelog begins with the version of package.json', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
});

test('no page mentions this machine', () => {
  for (const path of PAGES) expect(read(path)).not.toMatch(/\/(?:root|tmp|home)\//);
});
