import { scalarAt } from '../../columns/seen-column.ts';
import type { Key } from '../../item/key.ts';
import { attributePath, isRoot, listOf, memberPath, type Path, ROOT } from '../../item/path.ts';
import { type Seen, tableSeen } from '../../seen/seen.ts';
import { count } from '../../text/measures.ts';

/** The figures of a checkpoint, a segment or a whole run, which come from independent sources. */
export interface Counted {
  /** Sum of the pages' Count. */
  readonly items: number;
  /** Items kept whole because they did not fit the layouts. Zero once they are encoded. */
  readonly odd: number;
  readonly rejected: number;
  /** Items that do not meet the conditions of `where`; default: none. */
  readonly filtered?: number;
  /** Rows in part files, by table path. */
  readonly rowsInFiles: ReadonlyMap<Path, number>;
  /** What was seen in the items, including odd ones but not rejected ones. */
  readonly seen: Seen;
  /** Rows that the odd items will have, by table path; absent if not known. */
  readonly oddRows?: ReadonlyMap<Path, number>;
}

/**
 * Messages about what does not add up between pages and part files. There are none if
 * - items = rows of the root tables + odd items + rejected items + filtered items,
 * - items seen = items − rejected items − filtered items,
 * - for each list, set and map with asRows: the sum of its lengths = the rows of its table,
 * - for each table: rows in files + rows of odd items = rows seen. If the rows of odd items are not known, rows in files
 *   must not exceed rows seen.
 */
export function disagreements(counted: Counted): string[] {
  const { items, odd, rejected, filtered = 0, rowsInFiles, seen } = counted;
  const found: string[] = [];
  const inFiles = (table: Path) => rowsInFiles.get(table) ?? 0;
  const equal = (table: Path, x: number, a: string, y: number, b: string) => {
    if (x !== y) found.push(`${titleOf(table)}: ${count(x)} ${a}, but ${count(y)} ${b}`);
  };
  const rootRows = sumOverRoots(rowsInFiles.keys(), inFiles);
  const rootRowsSeen = sumOverRoots(Object.keys(seen.tables), (table) => tableSeen(seen, table).rows);
  const all = rootRows + odd + rejected + filtered;
  equal(ROOT, items, 'items in the pages', all, 'rows, odd items, rejected items and filtered items');
  equal(
    ROOT,
    rootRowsSeen,
    'items seen',
    items - rejected - filtered,
    'items read and neither rejected nor filtered',
  );

  for (const [list, { members, rows }] of membersOf(seen)) {
    equal(memberPath(list), members, 'members of the list', rows, 'rows seen');
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
      equal(table, rows, 'rows in files and of odd items', rowsSeen, 'rows seen');
    } else if (inFiles(table) > rowsSeen) {
      found.push(
        `${titleOf(table)}: ${count(inFiles(table))} rows in files, but only ${count(rowsSeen)} rows seen`,
      );
    }
  }
  return found;
}

/** Checks that every root row has every attribute of the key. @returns messages about what is missing */
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
      : [`the root table: ${count(rows)} rows, but ${count(values)} values of the key attribute ${name}`];
  });
}

/**
 * Proves that nothing was lost or duplicated between pages and part files.
 * @param what names the object that the counts belong to, for the message
 * @throws Error that names the table and both figures.
 */
export function proveCounts(counted: Counted, what: string): void {
  const found = disagreements(counted);
  if (found.length === 0) return;
  throw new Error(
    `${what}, ${found.join('; ')}. Rows were lost or duplicated during extraction, so none of them may be loaded. ` +
      'Extract again in a new run, and report this with the checkpoint.',
  );
}

/**
 * For each list, set and map with asRows, by path: the sum of its lengths, and the rows seen for its members or entries.
 * Lists that have rows but no lengths are included.
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
    for (const [list, counted] of Object.entries(counts)) at(list).members += counted.members;
  }
  return lists;
}

function sumOverRoots(tables: Iterable<Path>, of: (table: Path) => number): number {
  return [...tables].filter(isRoot).reduce((sum, table) => sum + of(table), 0);
}

const titleOf = (table: Path) => (isRoot(table) ? 'the root table' : `the table of ${listOf(table)}`);
