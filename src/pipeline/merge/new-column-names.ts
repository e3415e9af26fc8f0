import { isSystemColumn } from '../columns/column-names.ts';
import { byteLength, MAX_NAME_BYTES } from '../sql/identifier.ts';
import { MAX_STAGED_COLUMNS } from './staging.ts';

/** What the names of Tributary's own tables and columns begin with. */
const OWN_PREFIX = '_tributary_';

/**
 * Why no column of this name is added to a table, although files have it: the table would no longer work, or the name cannot
 * be a column's. Undefined if it can be added.
 */
function whyNotAdded(name: string): string | undefined {
  if (name.startsWith(OWN_PREFIX) || isSystemColumn(name)) return 'the name is reserved';
  if (name === '') return 'the name is empty';
  if (name.includes('\0')) return 'the name has a NUL character';
  return byteLength(name) > MAX_NAME_BYTES ? `the name is longer than ${MAX_NAME_BYTES} bytes` : undefined;
}

/** How a table's new columns are divided: what can be added, and why the others cannot. */
export interface AddableColumns<Column> {
  readonly addable: readonly Column[];
  readonly others: readonly { readonly name: string; readonly why: string }[];
}

/** @param existing how many columns the table has: a loader takes no table with more than it can stage */
export function addableColumns<Column extends { readonly name: string }>(
  columns: readonly Column[],
  existing: number,
): AddableColumns<Column> {
  const addable: Column[] = [];
  const others: { name: string; why: string }[] = [];
  for (const column of columns) {
    const why = whyNotAdded(column.name);
    if (why !== undefined) others.push({ name: column.name, why });
    else if (existing + addable.length < MAX_STAGED_COLUMNS) addable.push(column);
    else
      others.push({ name: column.name, why: `a loader's table has at most ${MAX_STAGED_COLUMNS} columns` });
  }
  return { addable, others };
}
