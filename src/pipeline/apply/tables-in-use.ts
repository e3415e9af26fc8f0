import { columnIdentity } from '../columns/column-names.ts';
import { compareColumns, compareLayouts, type Form, type Layout } from '../columns/layout.ts';
import type { Path } from '../item/path.ts';
import type { Manifest } from '../run/manifest.ts';
import type { Evolved, TableColumn } from './evolved.ts';

/** A table of the schema that changes are applied to. */
export interface TableInUse {
  readonly path: Path;
  readonly name: string;
  readonly distKey?: string | undefined;
  readonly sortKey?: readonly string[] | undefined;
  /** In DDL order: key, positions, values. */
  readonly columns: readonly TableColumn[];
}

/** Identifies a column of a table, whatever its role. */
export const inUseIdentity = ({ role, name, path, form }: TableColumn): string =>
  role === 'value' && form !== undefined ? columnIdentity({ path, form }) : `${role}:${name}`;

/** The tables of a run's schema: those of its manifest, with what changes have added to them. */
export function tablesInUse(
  { tables }: Pick<Manifest, 'tables'>,
  evolved: Evolved | undefined,
): TableInUse[] {
  const all = new Map<Path, TableInUse>(
    tables.map(({ path, name, distKey, sortKey, columns }) => [
      path,
      {
        ...{ path, name, distKey, sortKey },
        columns: columns.map(({ name: column, type, role, path: at, form, notNull }) => ({
          ...{ name: column, type, role, path: at, notNull },
          ...(form === undefined ? {} : { form }),
        })),
      },
    ]),
  );
  for (const { path, name, distKey, sortKey, columns } of evolved?.tables ?? []) {
    const known = all.get(path) ?? { path, name, distKey, sortKey, columns: [] };
    all.set(path, { ...known, columns: withColumns(known.columns, columns) });
  }
  return [...all.values()].sort((a, b) =>
    compareLayouts({ table: a.path, columns: [] }, { table: b.path, columns: [] }),
  );
}

/** The columns with others, which take the place of those they identify. */
function withColumns(columns: readonly TableColumn[], more: readonly TableColumn[]): TableColumn[] {
  const all = new Map(columns.map((column) => [inUseIdentity(column), column]));
  for (const column of more) all.set(inUseIdentity(column), column);
  return [...all.values()];
}

/** The layouts of all columns of the tables: what of an item has no column in them is new. */
export function layoutsInUse(tables: readonly TableInUse[]): Layout[] {
  return tables
    .map(({ path: table, columns }): Layout => {
      const values = columns.flatMap(({ role, path, form }) =>
        role === 'value' && form !== undefined ? [{ path, form }] : [],
      );
      return { table, columns: values.sort(compareColumns) };
    })
    .sort(compareLayouts);
}

/** The name of a value's column in a table. @throws Error if it has none */
export function nameInUse({ columns, name }: TableInUse, column: { path: Path; form: Form }): string {
  const identity = columnIdentity(column);
  const found = columns.find((each) => each.role === 'value' && inUseIdentity(each) === identity);
  if (found === undefined) throw new Error(`table ${name} has no column for ${identity}`);
  return found.name;
}
