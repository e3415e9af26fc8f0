import { isRoot, type Path, ROOT, rootOf, stepsBelow } from '../item/path.ts';
import { compareBytes, giveName, legalCharacters, legalName } from '../sql/identifier.ts';
import { LEDGER_TABLE, MARKER_TABLE } from '../sql/system-tables.ts';

/**
 * Names the tables of a schema. The root has the DynamoDB table's name made legal; a list's table is
 * `<root>__<steps of its path joined by __>`, a list inside a list adding `value`; an entity's root has the entity's
 * name. Named in byte order of their
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
  const others = [...new Set(tables)].filter((table) => table !== ROOT);
  const entities = others.map(rootOf).filter((table) => table !== ROOT);
  // Roots before all children: an entity's name is a person's choice.
  for (const table of new Set([...entities.sort(compareBytes), ...others.sort(compareBytes)])) {
    const wanted = isRoot(table)
      ? entityOf(table)
      : [names.get(rootOf(table)), ...listNames(table)].join('__');
    names.set(table, given.get(table) ?? giveName(wanted, `table:${table}`, taken));
  }
  return names;
}

/** A table's path ends in the level of its own list or map, which the list's or map's name stands for. */
function listNames(table: Path): string[] {
  const names: string[] = [];
  const steps = stepsBelow(rootOf(table), table);
  steps.forEach((step, i) => {
    if (typeof step === 'object') names.push('name' in step ? legalCharacters(step.name) || '_' : '_');
    else if (typeof steps[i - 1] === 'string') names.push('value');
  });
  return names;
}

const entityOf = (root: Path) => root.slice(1, -1);
