import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { anchor, inlineCode, inRepository, PAGES, prose, read } from './pages.ts';

const linksOf = (page: string) =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string);

const anchorsOf = (page: string) =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading as string));

/** The missing target of a link inside the repository. */
function broken(path: string, target: string): string | undefined {
  const [file = '', fragment] = target.split('#');
  const found = file === '' ? path : normalize(join(dirname(path), file));
  if (!existsSync(inRepository(found))) return `${target}: no such file`;
  if (fragment === undefined || !found.endsWith('.md')) return undefined;
  return anchorsOf(read(found)).includes(fragment) ? undefined : `${target}: no such heading`;
}

describe.each(PAGES)('%s', (path) => {
  test('links to files and headings that exist', () => {
    const inside = linksOf(read(path)).filter((target) => !/^https?:/.test(target));
    expect(inside.flatMap((target) => broken(path, target) ?? [])).toEqual([]);
  });

  test('names only files and folders that exist', () => {
    const named = inlineCode(read(path)).filter((word) =>
      /^(src|test|local|packages|examples|docs|bin|\.ci)\/[\w./-]*$|^[A-Z]\w+\.md$|^docker-compose\.yml$|^Dockerfile$/.test(
        word,
      ),
    );
    expect(named.filter((word) => !existsSync(inRepository(word)))).toEqual([]);
  });
});

test('the README leads to every other page', () => {
  const pages = [...PAGES, 'docs/cli.md', 'docs/configuration.md'].filter((path) => path !== 'README.md');
  const linked = linksOf(read('README.md')).map((target) => target.split('#')[0]);
  expect(pages.filter((path) => !linked.includes(path))).toEqual([]);
});
