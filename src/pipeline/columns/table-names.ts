import { isRoot, type Path, ROOT, rootOf, stepsBelow } from '../item/path.ts';
import { compareBytes, giveName, legalName } from '../sql/identifier.ts';
import { legalCharacters, type Naming } from '../sql/naming.ts';
import { SCHEMA_TABLES } from '../sql/system-tables.ts';
import type { NamesGiven } from './column-names.ts';

/**
 * Names the tables of a schema: the root first, then the others in byte order of their paths.
 *
 * - The root is named after the DynamoDB table, with illegal characters replaced. An entity's root has the entity's
 *   name.
 * - A list's table is `<root>__<steps of its path joined by __>`. A list inside a list adds `value`.
 * - In a collision, the later table gets a short hash of its path as a suffix.
 * - Existing names never change. New child tables are named after their root's existing name.
 * @param tables paths in any order; the root is always named
 */
export function nameTables(
  dynamoTable: string,
  tables: Iterable<Path>,
  { naming, given = new Map(), reserved = [] }: NamesGiven,
): Map<Path, string> {
  const taken = new Set<string>([...SCHEMA_TABLES, ...reserved, ...given.values()]);
  const root = given.get(ROOT) ?? giveName(legalName(dynamoTable, naming), `table:${dynamoTable}`, taken);
  const names = new Map<Path, string>([[ROOT, root]]);
  const others = [...new Set(tables)].filter((table) => table !== ROOT);
  const entities = others.map(rootOf).filter((table) => table !== ROOT);
  // Roots come before all children, because users choose the names of entities.
  for (const table of new Set([...entities.sort(compareBytes), ...others.sort(compareBytes)])) {
    const wanted = isRoot(table)
      ? entityOf(table)
      : [names.get(rootOf(table)), ...listNames(table, naming)].join('__');
    names.set(table, given.get(table) ?? giveName(wanted, `table:${table}`, taken));
  }
  return names;
}

/** A table's path ends in the level of its own list or map. The list's or map's name covers that level. */
function listNames(table: Path, naming: Naming): string[] {
  const names: string[] = [];
  const steps = stepsBelow(rootOf(table), table);
  steps.forEach((step, i) => {
    if (typeof step === 'object')
      names.push('name' in step ? legalCharacters(step.name, naming) || '_' : '_');
    else if (typeof steps[i - 1] === 'string') names.push('value');
  });
  return names;
}

const entityOf = (root: Path) => root.slice(1, -1);
