import { describe, expect, test } from '@jest/globals';
import { nobelItems } from '../../../local/demo/nobel.ts';
import { UNIVERSITIES_BY_PRIZES } from '../../../src/cli/demo/queries.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { codeBlocks, read, section, tableRows } from './pages.ts';

const readme = read('README.md');
const whatYouGet = section(readme, 'What you get');

describe('README', () => {
  test('has its sections in their order', () => {
    expect([...readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      'Quick start',
      'What you get',
      'Guarantees',
      'What happens when',
      'Your own table, step by step',
      'Configuration',
      'Type mapping',
      'S3 key grammar',
      'Operating',
      'Running on AWS',
      'Performance',
      'Limits',
      'Tests',
    ]);
  });

  test("shows the demo's query", () => {
    expect(codeBlocks(whatYouGet)[0]?.text).toBe(UNIVERSITIES_BY_PRIZES);
  });

  test("shows the query's answer, as counted from the source", () => {
    const answer = codeBlocks(whatYouGet)[1]?.text.split('\n').slice(1);
    expect(answer?.map((line) => line.trim().split(/\s{2,}/))).toEqual(universities());
  });

  test("counts the demo's rows", () => {
    const rows = tableRows(whatYouGet).map(([, n]) => Number(n?.replace(',', '')));
    expect(rows).toEqual([
      nobelItems().length,
      members('prizes').length,
      affiliations().length,
      members('laureates').length,
    ]);
  });

  test('gives a valid configuration', () => {
    const [block] = codeBlocks(section(readme, 'Configuration'));
    expect(Object.keys(parseConfig(block?.text ?? '', 'README.md').pipelines)).toEqual(['orders']);
  });
});

/** The members of a list of all items, as DynamoDB has them. */
function members(name: string): Record<string, { S?: string; N?: string; L?: unknown[] }>[] {
  return nobelItems().flatMap((item) => (item[name]?.L ?? []).map((member) => member.M as never));
}

function affiliations(): { name: string | undefined; year: number }[] {
  return members('prizes').flatMap((prize) =>
    ((prize.affiliations?.L ?? []) as { M?: { name?: { S: string } } }[]).map(({ M }) => ({
      name: M?.name?.S,
      year: Number(prize.year?.N),
    })),
  );
}

/** The README's query, computed without any of our code except the demo's items. */
function universities(): string[][] {
  const years = new Map<string, number[]>();
  for (const { name, year } of affiliations()) {
    if (name !== undefined) years.set(name, [...(years.get(name) ?? []), year]);
  }
  return [...years]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .slice(0, 10)
    .map(([name, all]) => [name, String(all.length), String(Math.min(...all)), String(Math.max(...all))]);
}
