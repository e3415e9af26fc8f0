import type { Check } from '../../contract/maintenance.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

/** What a check may belong to. */
const OWNERS = ['pipeline', 'loader', 'dataset'] as const;
type Owner = (typeof OWNERS)[number];

/** A check, and its pipeline, loader or dataset, if it belongs to one. */
export type ReportedCheck = Check & { readonly [owner in Owner]?: string };

interface Findings {
  readonly checks: readonly ReportedCheck[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

const SIGNS: Readonly<Record<Check['state'], (colours: Palette) => string>> = {
  ok: (colours) => colours.green('✓'),
  warning: (colours) => colours.yellow('!'),
  problem: (colours) => colours.red('✗'),
  unknown: (colours) => colours.dim('?'),
};

/**
 * The findings as lines: problems first, each once, with what has it; then everything else, by pipeline, loader and dataset;
 * last what was removed and kept, and the totals.
 */
export function doctorLines(
  { checks, removed, kept }: Findings,
  { problemsOnly, colours }: { readonly problemsOnly: boolean; readonly colours: Palette },
): string[] {
  const problems = together(checks.filter(({ state }) => state === 'problem'));
  const others = Map.groupBy(
    checks.filter(({ state }) => state !== 'problem' && !problemsOnly),
    titleOf,
  );
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const unknown = count('unknown');
  const end =
    `${counted(problems.length, 'problem')}, ${counted(count('warning'), 'warning')}` +
    `${unknown === 0 ? '' : `, ${unknown} unknown`}`;
  return [
    ...groupLines('Problems', problems, colours),
    ...[...others].flatMap(([title, some]) => groupLines(title, some, colours)),
    ...removed.map((what) => `removed ${what}`),
    ...kept.map((what) => `kept ${what}`),
    problems.length === 0 ? colours.green(end) : colours.red(end),
  ];
}

const TITLES: Readonly<Record<Owner, string>> = {
  pipeline: 'Pipeline',
  loader: 'Loader',
  dataset: 'Dataset',
};

const ownerOf = (check: ReportedCheck): Owner | undefined =>
  OWNERS.find((owner) => check[owner] !== undefined);

function titleOf(check: ReportedCheck): string {
  const owner = ownerOf(check);
  return owner === undefined ? 'This machine' : `${TITLES[owner]} ${check[owner]}`;
}

interface Shown extends Check {
  /** Where it was found. Absent under a title that says so. */
  readonly where?: string;
}

/** The same finding in several pipelines, loaders or datasets becomes one. */
function together(checks: readonly ReportedCheck[]): Shown[] {
  const same = Map.groupBy(checks, ({ area, what, found, whatToDo }) =>
    JSON.stringify([area, what, found, whatToDo]),
  );
  return [...same.values()].map((some): Shown => {
    const { pipeline: _, loader: __, dataset: ___, ...check } = some[0]!;
    const where = OWNERS.flatMap((owner) => {
      const names = some.flatMap((each) => each[owner] ?? []);
      return names.length === 0 ? [] : `${owner}${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
    });
    return where.length === 0 ? check : { ...check, where: where.join('; ') };
  });
}

function groupLines(title: string, checks: readonly Shown[], colours: Palette): string[] {
  if (checks.length === 0) return [];
  const table = textTable(
    [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
    checks.map(({ state, area, what, found }) => [SIGNS[state](colours), area, what, found.split('\n')[0]!]),
  );
  return [
    colours.bold(title),
    ...table.flatMap((line, i) => [line, ...more(checks[i]!).map((text) => `    ${text}`)]),
    '',
  ];
}

const more = ({ found, whatToDo, where }: Shown): string[] => [
  ...found.split('\n').slice(1),
  ...(whatToDo === undefined ? [] : [`→ ${asTypedHere(whatToDo)}`]),
  ...(where === undefined ? [] : [`in ${where}`]),
];
