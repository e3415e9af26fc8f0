import { bytesAt, keySeen, scalarAt } from '../columns/seen-column.ts';
import { holds } from '../columns/widen.ts';
import { aspectPath, type Path, stepsOf } from '../item/path.ts';
import { type ScalarSeen, type Seen, tableSeen } from '../seen/seen.ts';
import type { TableColumn } from './evolved.ts';
import type { TableInUse } from './tables-in-use.ts';

/** A column of a table in use that cannot hold everything seen. */
export interface UnfitColumn {
  readonly table: TableInUse;
  readonly column: TableColumn;
  /**
   * A longer VARCHAR would hold it, and the column can become one in place: it is not part of a primary key.
   * https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
   */
  readonly isTooShort: boolean;
}

/** The columns whose types cannot hold exactly what the images showed, in the order of the tables. */
export function unfitColumns(tables: readonly TableInUse[], seen: Seen): UnfitColumn[] {
  return tables.flatMap((table) =>
    table.columns
      .filter((column) => !fits(table, column, seen))
      .map((column) => ({
        ...{ table, column },
        isTooShort: column.role === 'value' && column.form === 'scalar' && column.type.type === 'VARCHAR',
      })),
  );
}

function fits({ path: table }: TableInUse, { role, path, form, type }: TableColumn, seen: Seen): boolean {
  const ofTable = tableSeen(seen, table);
  const isHeld = (scalar: ScalarSeen | undefined) => scalar === undefined || holds(type, scalar);
  if (role === 'key') return isHeld(keySeen(seen, keyName(path)));
  // The names of a map's entries. Those of the maps above are checked in their own tables.
  if (role === 'position')
    return type.type !== 'VARCHAR' || isHeld(scalarAt(ofTable, aspectPath(table, 'key')));
  if (form === 'count') return true;
  if (form === 'scalar') return isHeld(scalarAt(ofTable, path));
  const bytes = bytesAt(ofTable, path);
  return bytes === undefined || !('bytes' in type) || bytes.maxBytes <= type.bytes;
}

/** The attribute of a key column. */
function keyName(path: Path): string {
  const [step] = stepsOf(path);
  if (typeof step !== 'object' || !('name' in step)) throw new Error(`${path} is not a key attribute`);
  return step.name;
}
