import { type Path, parentTable } from '../item/path.ts';
import { positionNames } from './column-names.ts';

/** How the rows of a child table find the row they belong to. */
export interface Join {
  /** Name of the table above. */
  readonly table: string;
  /** Columns that both tables have: the key, then the positions of the table above. */
  readonly on: readonly string[];
}

/** The join of a table with the one above it. Undefined for a root table. */
export function joinOf(
  table: Path,
  tables: readonly { readonly path: Path; readonly name: string }[],
  keyNames: readonly string[],
): Join | undefined {
  for (let above = parentTable(table); above !== undefined; above = parentTable(above)) {
    const found = tables.find(({ path }) => path === above);
    if (found !== undefined) return { table: found.name, on: [...keyNames, ...positionNames(above)] };
  }
  return undefined;
}
