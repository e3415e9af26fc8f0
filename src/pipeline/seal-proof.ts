import type { PartFile } from './checkpoint.ts';
import type { Key } from './key.ts';
import { attributePath, listOf, type Path, parentTable, ROOT } from './path.ts';
import { type Seen, tableSeen } from './seen.ts';

/**
 * What must add up before a run is sealed: the scan's own counts, what was seen, and what the files say they
 * hold. @returns what does not, each as a sentence.
 */
export function sealDisagreements(sealed: {
  readonly items: number;
  readonly rejects: number;
  readonly key: Key;
  readonly seen: Seen;
  readonly tables: Iterable<Path>;
  readonly files: readonly PartFile[];
}): string[] {
  const { items, rejects, seen } = sealed;
  const found: string[] = [];
  const expect = (what: string, expected: number, actual: number) => {
    if (expected !== actual) found.push(`${what}: ${expected} expected, ${actual} found`);
  };
  const root = tableSeen(seen, ROOT);
  expect('items of the scan, and root rows with the items set aside', items, root.rows + rejects);
  for (const { name } of sealed.key) {
    const path = attributePath(ROOT, name);
    const values = Object.hasOwn(root.scalars, path) ? (root.scalars[path]?.values ?? 0) : 0;
    expect(`root rows, and values of the key ${name}`, root.rows, values);
  }
  const rowsInFiles = new Map<Path, number>();
  for (const { table, rows } of sealed.files) rowsInFiles.set(table, (rowsInFiles.get(table) ?? 0) + rows);
  for (const table of sealed.tables) {
    const { rows } = tableSeen(seen, table);
    const title = table === ROOT ? 'the root table' : table;
    expect(`rows of ${title}, and rows in its files`, rows, rowsInFiles.get(table) ?? 0);
    const parent = parentTable(table);
    if (parent !== undefined) {
      const counts = tableSeen(seen, parent).counts;
      const list = listOf(table);
      const members = Object.hasOwn(counts, list) ? (counts[list]?.members ?? 0) : 0;
      expect(`members of the lists at ${list}, and rows of ${table}`, members, rows);
    }
  }
  return found;
}
