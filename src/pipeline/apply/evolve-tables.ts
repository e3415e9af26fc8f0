import { columnIdentity } from '../columns/column-names.ts';
import type { Column, Layout } from '../columns/layout.ts';
import type { RedshiftType } from '../columns/redshift-type.ts';
import { joinTypes } from '../columns/widen.ts';
import { aspectPath, type Path } from '../item/path.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { distributionOf } from '../run/seal/distribution.ts';
import { positionsOf } from '../run/seal/seal.ts';
import { type AgreedSchema, agreedTable } from '../schema/agreed-schema.ts';
import type { Evolved, EvolvedTable, TableColumn } from './evolved.ts';
import { inUseIdentity, type TableInUse } from './tables-in-use.ts';
import type { UnfitColumn } from './unfit-columns.ts';

/** Holds what of any item has no column, as DynamoDB-JSON: an item has at most 400 KB. */
const REST_BYTES: RedshiftType = { type: 'VARBYTE', bytes: 1_024_000 };

export interface Evolution {
  /** See `wantedLayouts`. */
  readonly layouts: readonly Layout[];
  /** Columns that are too short for their texts. */
  readonly tooShort: readonly UnfitColumn[];
  /** What was agreed on with everything that the images showed: names and types come from it. */
  readonly agreed: AgreedSchema;
  readonly mapping: Mapping;
  /** Today, by S3's clock: `2026-11-30`. */
  readonly day: string;
}

/** A name that the agreed schema gives to a path, but that something else has in the schema in use. */
export class NameInUse extends Error {
  override readonly name = 'NameInUse';
}

/**
 * What the tables in use lack, as `evolved.json` records it.
 * @param inUse with what earlier changes have added
 * @throws NameInUse if the agreed names changed since the run: only a refresh brings the tables up to them
 */
export function evolveTables(inUse: readonly TableInUse[], evolution: Evolution): EvolvedTable[] {
  const known = new Map(inUse.map((table) => [table.path, table]));
  const key = (inUse[0] as TableInUse).columns.filter(({ role }) => role === 'key');
  return evolution.layouts.flatMap((layout): EvolvedTable[] => {
    const table = known.get(layout.table);
    if (table === undefined) return [newTable(layout, key, inUse, evolution)];
    const added = addedColumns(table, layout, evolution);
    const widened = widenedColumns(table, evolution);
    if (added.length + widened.length === 0) return [];
    const { path, name, distKey, sortKey } = table;
    return [
      {
        ...{ path, name },
        ...(distKey === undefined ? {} : { distKey }),
        ...(sortKey === undefined ? {} : { sortKey: [...sortKey] }),
        columns: [...added, ...widened],
        added: { day: evolution.day, columns: added.length },
      },
    ];
  });
}

/** The record of everything that changes have added, with more. What it has already stays. */
export function withEvolved(
  before: Evolved | undefined,
  run: string,
  more: readonly EvolvedTable[],
): Evolved {
  const tables = new Map<Path, EvolvedTable>((before?.tables ?? []).map((table) => [table.path, table]));
  for (const table of more) {
    const known = tables.get(table.path);
    tables.set(table.path, known === undefined ? table : joined(known, table));
  }
  return { version: 1, run, tables: [...tables.values()] };
}

/** The columns that a table got on this day. */
export function addedOn(evolved: Evolved | undefined, day: string): (table: Path) => number {
  const counts = new Map(
    evolved?.tables.map(({ path, added }) => [path, added?.day === day ? added.columns : 0]),
  );
  return (table) => counts.get(table) ?? 0;
}

function joined(known: EvolvedTable, more: EvolvedTable): EvolvedTable {
  const columns = new Map(known.columns.map((column) => [inUseIdentity(column), column]));
  let fresh = 0;
  for (const column of more.columns) {
    const before = columns.get(inUseIdentity(column));
    if (before === undefined) fresh++;
    columns.set(
      inUseIdentity(column),
      before === undefined ? column : { ...before, type: joinTypes(before.type, column.type) },
    );
  }
  const { added } = more;
  const onThatDay = known.added?.day === added?.day ? (known.added?.columns ?? 0) : 0;
  return {
    ...known,
    columns: [...columns.values()],
    ...(added === undefined
      ? {}
      : { added: { day: added.day, columns: onThatDay + Math.min(fresh, added.columns) } }),
  };
}

function addedColumns(table: TableInUse, layout: Layout, evolution: Evolution): TableColumn[] {
  const known = new Set(table.columns.map(inUseIdentity));
  const names = new Set(table.columns.map(({ name }) => name));
  const fresh = layout.columns.filter((column) => !known.has(columnIdentity(column)));
  const added = valueColumns({ table: layout.table, columns: fresh }, evolution);
  const rival = added.find(({ name }) => names.has(name));
  if (rival === undefined) return added;
  throw new NameInUse(
    `${rival.path} would be ${rival.name}, but ${table.name} has that column for another path`,
  );
}

function widenedColumns(table: TableInUse, { tooShort, agreed }: Evolution): TableColumn[] {
  return tooShort
    .filter((each) => each.table.path === table.path)
    .map(({ column }): TableColumn => {
      const { type } = agreedColumn(agreed, table.path, column as TableColumn & Column);
      if (type.type !== 'VARCHAR') {
        throw new NameInUse(
          `${table.name}.${column.name} is VARCHAR, but the agreed schema has ${type.type} for ${column.path}`,
        );
      }
      return { ...column, type: joinTypes(column.type, type) };
    });
}

function newTable(
  layout: Layout,
  key: readonly TableColumn[],
  inUse: readonly TableInUse[],
  evolution: Evolution,
): EvolvedTable {
  const { agreed, mapping } = evolution;
  const path = layout.table;
  const name = agreedTable(agreed, path)?.name;
  if (name === undefined) throw new Error(`the agreed schema has no table for ${path}`);
  if (inUse.some((table) => table.name === name)) {
    throw new NameInUse(`the table of ${path} would be ${name}, but another table has that name`);
  }
  const positions = positionsOf(path, agreed.seen).map(
    ({ name: column, type }): TableColumn => ({ name: column, type, role: 'position', path, notNull: true }),
  );
  const columns = [...key, ...positions, ...valueColumns(layout, evolution)];
  const { distKey, sortKey } = distributionOf(
    path,
    name,
    columns.map((column) => ({ ...column, values: 0 })),
    mapping,
  );
  return {
    ...{ path, name, columns },
    ...(distKey === undefined ? {} : { distKey }),
    ...(sortKey === undefined ? {} : { sortKey }),
  };
}

/** The layout's columns with agreed names and types, in the order of the agreed schema. */
function valueColumns({ table, columns }: Layout, { agreed }: Evolution): TableColumn[] {
  const wanted = new Set(columns.map(columnIdentity));
  const found = (agreedTable(agreed, table)?.columns ?? []).filter((column) =>
    wanted.has(columnIdentity(column)),
  );
  if (found.length < wanted.size) throw new Error(`the agreed schema lacks columns of the table of ${table}`);
  return found.map(({ path, form, name, type }) => {
    const isRest = path === aspectPath(table, 'rest') && form === 'bytes';
    return { name, type: isRest ? REST_BYTES : type, role: 'value', path, form, notNull: false };
  });
}

function agreedColumn(agreed: AgreedSchema, table: Path, column: Column) {
  const identity = columnIdentity(column);
  const found = agreedTable(agreed, table)?.columns.find((each) => columnIdentity(each) === identity);
  if (found === undefined) throw new Error(`the agreed schema lacks ${identity}`);
  return found;
}
