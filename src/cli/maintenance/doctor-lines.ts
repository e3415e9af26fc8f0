import type { Check } from '../../contract/maintenance.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import type { Palette } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

/** A check, and its pipeline or loader, if it belongs to one. */
export type ReportedCheck = Check & { readonly pipeline?: string; readonly loader?: string };

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
 * The findings as lines: problems first, each once, with the pipelines that have it; then everything else, by pipeline;
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

function titleOf({ pipeline, loader }: ReportedCheck): string {
  if (loader !== undefined) return `Loader ${loader}`;
  return pipeline === undefined ? 'This machine' : `Pipeline ${pipeline}`;
}

interface Shown extends Check {
  /** Where it was found. Absent under a title that says so. */
  readonly where?: string;
}

/** The same finding in several pipelines becomes one. */
function together(checks: readonly ReportedCheck[]): Shown[] {
  const same = Map.groupBy(checks, ({ area, what, found, whatToDo }) =>
    JSON.stringify([area, what, found, whatToDo]),
  );
  return [...same.values()].map((some): Shown => {
    const { pipeline, loader, ...check } = some[0]!;
    const kind = loader === undefined ? 'pipeline' : 'loader';
    const names = some.flatMap((each) => each[kind] ?? []);
    if (pipeline === undefined && loader === undefined) return check;
    return { ...check, where: `${kind}${names.length === 1 ? '' : 's'} ${names.join(', ')}` };
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
