import type { PartFile } from './checkpoint.ts';
import type { Key } from './key.ts';
import {
  attributePath,
  entryPath,
  isRoot,
  listOf,
  memberPath,
  type Path,
  parentTable,
  ROOT,
} from './path.ts';
import { type Seen, tableSeen } from './seen.ts';
import { scalarAt } from './seen-column.ts';

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
  const tables = new Set([...sealed.tables, ...Object.keys(seen.tables)]);
  const roots = [...tables].filter(isRoot);
  const sumOver = (some: readonly Path[], of: (table: Path) => number) =>
    some.reduce((sum, table) => sum + of(table), 0);
  const rootRows = sumOver(roots, (table) => tableSeen(seen, table).rows);
  expect('items of the scan, and root rows with the items set aside', items, rootRows + rejects);
  for (const { name } of sealed.key) {
    const values = sumOver(
      roots,
      (table) => scalarAt(tableSeen(seen, table), attributePath(table, name))?.values ?? 0,
    );
    expect(`root rows, and values of the key ${name}`, rootRows, values);
  }
  const rowsInFiles = new Map<Path, number>();
  for (const { table, rows } of sealed.files) rowsInFiles.set(table, (rowsInFiles.get(table) ?? 0) + rows);
  for (const table of tables) {
    const { rows } = tableSeen(seen, table);
    const title = table === ROOT ? 'the root table' : table;
    expect(`rows of ${title}, and rows in its files`, rows, rowsInFiles.get(table) ?? 0);
    const parent = parentTable(table);
    if (parent !== undefined) {
      const list = listOf(table);
      const { counts } = tableSeen(seen, parent);
      const members = Object.hasOwn(counts, list) ? (counts[list]?.members ?? 0) : 0;
      // A path can hold lists here and, its entries being rows, maps there.
      const all = sumOver([memberPath(list), entryPath(list)], (each) => tableSeen(seen, each).rows);
      expect(`members of the lists at ${list}, and rows of ${table}`, members, all);
    }
  }
  return found;
}
