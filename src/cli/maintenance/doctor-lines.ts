import type { Check } from '../../contract/maintenance.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';

/** A check, and its pipeline, if it belongs to one. */
export type ReportedCheck = Check & { readonly pipeline?: string };

const SIGNS: Readonly<Record<Check['state'], (colours: Palette) => string>> = {
  ok: (colours) => colours.green('✓'),
  warning: (colours) => colours.yellow('!'),
  problem: (colours) => colours.red('✗'),
  unknown: (colours) => colours.dim('?'),
};

/** Prints checks as they arrive, each once, grouped by pipeline. */
export class ReportedChecks {
  readonly #out: NodeJS.WriteStream;
  readonly #checks: ReportedCheck[] = [];

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** Prints the checks that were not printed before. */
  add(checks: readonly ReportedCheck[]): void {
    const fresh = checks.filter((check) => !this.#checks.includes(check));
    this.#checks.push(...fresh);
    this.#write(groupLines(fresh, paletteFor(this.#out)));
  }

  /** Prints what was removed and kept, and the totals. */
  end({ removed, kept }: { readonly removed: readonly string[]; readonly kept: readonly string[] }): void {
    const count = (state: Check['state']) => this.#checks.filter((check) => check.state === state).length;
    const unknown = count('unknown');
    const end =
      `${counted(count('problem'), 'problem')}, ${counted(count('warning'), 'warning')}` +
      `${unknown === 0 ? '' : `, ${unknown} unknown`}`;
    const colours = paletteFor(this.#out);
    this.#write([
      ...removed.map((what) => `removed ${what}`),
      ...kept.map((what) => `kept ${what}`),
      count('problem') === 0 ? colours.green(end) : colours.red(end),
    ]);
  }

  #write(lines: readonly string[]): void {
    for (const line of lines) this.#out.write(`${line}\n`);
  }
}

function groupLines(checks: readonly ReportedCheck[], colours: Palette): string[] {
  const groups = new Map<string, ReportedCheck[]>();
  for (const check of checks) {
    const group = check.pipeline === undefined ? 'This machine' : `Pipeline ${check.pipeline}`;
    groups.set(group, [...(groups.get(group) ?? []), check]);
  }
  return [...groups].flatMap(([group, some]) => {
    const table = textTable(
      [{ title: '' }, { title: '' }, { title: '' }, { title: '' }],
      some.map(({ state, area, what, found }) => [SIGNS[state](colours), area, what, found.split('\n')[0]!]),
    );
    return [
      colours.bold(group),
      ...table.flatMap((line, i) => [line, ...more(some[i]!).map((text) => `    ${text}`)]),
      '',
    ];
  });
}

const more = ({ found, whatToDo }: ReportedCheck): string[] => [
  ...found.split('\n').slice(1),
  ...(whatToDo === undefined ? [] : [`→ ${asTypedHere(whatToDo)}`]),
];
