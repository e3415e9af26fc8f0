import { scalarAt } from '../columns/seen-column.ts';
import type { Key } from '../item/key.ts';
import { attributePath, isRoot, listOf, memberPath, type Path, ROOT } from '../item/path.ts';
import { type Seen, tableSeen } from '../seen/seen.ts';

/** The figures of a checkpoint, of a segment or of a whole run, from places that know nothing of each other. */
export interface Counted {
  /** Sum of the pages' Count. */
  readonly items: number;
  /** Items kept whole because they did not fit the layouts. Zero once they have been encoded. */
  readonly odd: number;
  readonly rejected: number;
  /** Table path → rows in its part files. */
  readonly rowsInFiles: ReadonlyMap<Path, number>;
  /** What the items showed, odd ones too, rejected ones not. */
  readonly seen: Seen;
  /** Table path → rows the odd items will make; left out where that is not known. */
  readonly oddRows?: ReadonlyMap<Path, number>;
}

/**
 * What does not add up on the way from pages to part files, each as a sentence; nothing, where
 * - items = rows of the root tables + odd items + rejected ones,
 * - items looked at = items − rejected ones,
 * - of each list, set and map of rows: the sum of its lengths = rows of its table,
 * - of each table: rows in files + rows of odd items = rows seen; where the latter are not known, no more than
 *   were seen, and just as many where there is no odd item.
 */
export function disagreements(counted: Counted): string[] {
  const { items, odd, rejected, rowsInFiles, seen } = counted;
  const found: string[] = [];
  const inFiles = (table: Path) => rowsInFiles.get(table) ?? 0;
  const equal = (table: Path, a: string, x: number, b: string, y: number) => {
    if (x !== y) found.push(`${titleOf(table)}: ${a} ${x}, ${b} ${y}`);
  };
  const rootRows = sumOverRoots(rowsInFiles.keys(), inFiles);
  const rootRowsSeen = sumOverRoots(Object.keys(seen.tables), (table) => tableSeen(seen, table).rows);
  const all = rootRows + odd + rejected;
  equal(ROOT, "the pages' Count is", items, 'but rows, odd items and rejected items together are', all);
  equal(ROOT, 'items looked at are', rootRowsSeen, 'but items less rejected are', items - rejected);

  for (const [list, { members, rows }] of membersOf(seen)) {
    equal(memberPath(list), 'members of the list are', members, 'but rows seen are', rows);
  }
  const isOnlyRoot = rootRowsSeen === tableSeen(seen, ROOT).rows;
  for (const table of new Set([...rowsInFiles.keys(), ...Object.keys(seen.tables)])) {
    const rowsSeen = tableSeen(seen, table).rows;
    const oddRows =
      odd === 0
        ? 0
        : table === ROOT && isOnlyRoot
          ? odd
          : counted.oddRows && (counted.oddRows.get(table) ?? 0);
    if (oddRows !== undefined) {
      const rows = inFiles(table) + oddRows;
      equal(table, 'rows in files and of odd items are', rows, 'but rows seen are', rowsSeen);
    } else if (inFiles(table) > rowsSeen) {
      found.push(
        `${titleOf(table)}: rows in files are ${inFiles(table)}, more than the rows seen, ${rowsSeen}`,
      );
    }
  }
  return found;
}

/** Every root row has every attribute of the key. @returns what does not, each as a sentence */
export function keyDisagreements(key: Key, seen: Seen): string[] {
  const roots = Object.keys(seen.tables);
  const rows = sumOverRoots(roots, (table) => tableSeen(seen, table).rows);
  return key.flatMap(({ name }) => {
    const values = sumOverRoots(
      roots,
      (table) => scalarAt(tableSeen(seen, table), attributePath(table, name))?.values ?? 0,
    );
    return values === rows
      ? []
      : [`the root table: rows are ${rows}, but values of the key ${name} ${values}`];
  });
}

/**
 * Proves that nothing was lost or doubled on the way from pages to part files.
 * @param what the counts are of
 * @throws Error naming the table and both figures.
 */
export function proveCounts(counted: Counted, what: string): void {
  const found = disagreements(counted);
  if (found.length === 0) return;
  throw new Error(
    `${what}, ${found.join('; ')}. Rows were lost or doubled on the way; nothing of this may be loaded. ` +
      'Extract it anew, and report this with the checkpoint.',
  );
}

/**
 * Path of each list, set and map of rows → sum of its lengths, and the rows seen of its members and entries. Rows
 * of a list without lengths are told too.
 */
function membersOf(seen: Seen): Map<Path, { members: number; rows: number }> {
  const lists = new Map<Path, { members: number; rows: number }>();
  const at = (list: Path) => {
    const known = lists.get(list) ?? { members: 0, rows: 0 };
    lists.set(list, known);
    return known;
  };
  for (const [table, { rows, counts }] of Object.entries(seen.tables)) {
    if (!isRoot(table)) at(listOf(table)).rows += rows;
    for (const [list, count] of Object.entries(counts)) at(list).members += count.members;
  }
  return lists;
}

function sumOverRoots(tables: Iterable<Path>, of: (table: Path) => number): number {
  return [...tables].filter(isRoot).reduce((sum, table) => sum + of(table), 0);
}

const titleOf = (table: Path) => (isRoot(table) ? 'the root table' : `the table of ${listOf(table)}`);
