import { compareBytes, giveName, legalCharacters, legalName } from './identifier.ts';
import { type Path, ROOT, stepsOf } from './path.ts';
import { LEDGER_TABLE, MARKER_TABLE } from './system-tables.ts';

/**
 * Names the tables of a schema. The root has the DynamoDB table's name made legal; a list's table is
 * `<root>__<steps of its path joined by __>`, a list inside a list adding `value`. Named in byte order of their
 * paths, the root first; of two that meet, the later one has a short hash of its path after its name. A name that
 * was given stays, and children that come later are named after the root's.
 * @param tables paths in any order; the root is always named.
 * @param given names by path
 */
export function nameTables(
  dynamoTable: string,
  tables: Iterable<Path>,
  given: ReadonlyMap<Path, string> = new Map(),
): Map<Path, string> {
  const taken = new Set<string>([MARKER_TABLE, LEDGER_TABLE, ...given.values()]);
  const root = given.get(ROOT) ?? giveName(legalName(dynamoTable), `table:${dynamoTable}`, taken);
  const names = new Map<Path, string>([[ROOT, root]]);
  const children = [...new Set(tables)].filter((table) => table !== ROOT).sort(compareBytes);
  for (const table of children) {
    const wanted = [root, ...listNames(table)].join('__');
    names.set(table, given.get(table) ?? giveName(wanted, `table:${table}`, taken));
  }
  return names;
}

/** A table's path ends in the member step of its own list, which the list's name stands for. */
function listNames(table: Path): string[] {
  const names: string[] = [];
  const steps = stepsOf(table);
  steps.forEach((step, i) => {
    if (step !== 'member') names.push(legalCharacters(step.name) || '_');
    else if (steps[i - 1] === 'member') names.push('value');
  });
  return names;
}
