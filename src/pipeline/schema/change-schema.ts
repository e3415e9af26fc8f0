import { columnIdentity, isSystemColumn, positionNames } from '../columns/column-names.ts';
import { isRoot, ROOT } from '../item/path.ts';
import { columnMapping, type Mapping, tableMapping } from '../mapping/mapping.ts';
import type { Seen, TableSeen } from '../seen/seen.ts';
import { isSystemTable } from '../sql/system-tables.ts';
import { type AgreedColumn, type AgreedSchema, type AgreedTable, runsWithout } from './agreed-schema.ts';
import { epochOf } from './epoch.ts';

/** What an operator changes in the agreed schema: each change begins a new epoch. Names are those of the warehouse. */

/** Why a change is not possible, and what to do. */
export class ImpossibleChange extends Error {
  override readonly name = 'ImpossibleChange';
}

/** Forgets everything. The next run agrees on a new schema, as the first run of a pipeline does. */
export function resetSchema(schema: AgreedSchema, nowMs: number): AgreedSchema {
  const { naming: _, ...rest } = schema;
  return inNewEpoch(schema, 'schema reset', nowMs, { ...rest, tables: [], seen: { tables: {} }, runs: [] });
}

/**
 * Forgets tables, with those below them, and columns: names, types, and what was ever seen there. What the items still
 * have comes back with the next run, as new.
 * @param names `orders` or `orders.total`
 * @throws ImpossibleChange
 */
export function forget(schema: AgreedSchema, names: readonly string[], nowMs: number): AgreedSchema {
  const tables = new Set<string>();
  const columns = new Set<AgreedColumn>();
  for (const name of names) {
    const { table, column } = find(schema, name);
    if (column === 'key')
      throw new ImpossibleChange(`${name} is a column of the primary key, which every table has.`);
    if (column !== undefined) columns.add(column);
    else if (table.path === ROOT)
      throw new ImpossibleChange(
        `${name} is the table of the items. Forget some of its columns, or reset the whole schema.`,
      );
    else
      for (const { path } of schema.tables)
        if (path === table.path || isBelow(path, table.path)) tables.add(path);
  }
  return inNewEpoch(schema, 'schema forget', nowMs, {
    ...schema,
    tables: schema.tables
      .filter(({ path }) => !tables.has(path))
      .map((table) => ({ ...table, columns: table.columns.filter((column) => !columns.has(column)) })),
    seen: seenWithout(schema, tables, columns),
  });
}

/** The columns, and the tables all of whose columns, had no value in at least so many of the latest runs in a row. */
export function goneFor(schema: AgreedSchema, runs: number): string[] {
  const isGone = (column: AgreedColumn) => (runsWithout(schema, column) ?? 0) >= runs;
  const isTableGone = ({ path, columns }: AgreedTable) =>
    path !== ROOT && columns.length > 0 && columns.every(isGone);
  return schema.tables.flatMap((table) =>
    isTableGone(table) &&
    schema.tables.every((below) => !isBelow(below.path, table.path) || isTableGone(below))
      ? [table.name]
      : table.columns.filter(isGone).map(({ name }) => `${table.name}.${name}`),
  );
}

/**
 * Renames a table, a column, or a column of the key in all tables.
 * @param from `orders` or `orders.total`
 * @param to the new name, without the table's
 * @throws ImpossibleChange
 */
export function rename(
  schema: AgreedSchema,
  mapping: Mapping,
  { from, to }: { readonly from: string; readonly to: string },
  nowMs: number,
): AgreedSchema {
  const { table, column } = find(schema, from);
  const by = 'schema rename';
  const change = (changed: Partial<AgreedSchema>) => inNewEpoch(schema, by, nowMs, { ...schema, ...changed });
  const tables = (renamed: (each: AgreedTable) => AgreedTable) => schema.tables.map(renamed);
  if (column === undefined) {
    const holder = schema.tables.find(({ name }) => name === to)?.path;
    refuseTaken(to, holder === undefined ? undefined : `table ${to}`);
    refuseTaken(to, isSystemTable(to) ? 'a table of Tributary itself' : undefined);
    refuseTaken(to, pathNamed(mapping.tables, to, table.path));
    refuseMapped(from, table.path, 'tables', tableMapping(mapping, table.path)?.name);
    return change({
      tables: tables((each) =>
        each === table ? { ...each, name: to, renamed: { by, from: each.name } } : each,
      ),
    });
  }
  for (const each of column === 'key' ? schema.tables : [table]) refuseTaken(to, holderIn(schema, each, to));
  if (column === 'key') {
    return change({
      key: schema.key.map((each) =>
        each.columnName === columnNameOf(from) ? { ...each, columnName: to } : each,
      ),
    });
  }
  refuseTaken(to, pathNamed(mapping.columns, to, column.path));
  refuseMapped(from, column.path, 'columns', columnMapping(mapping, column.path)?.name);
  return change({
    tables: tables((each) =>
      each === table
        ? {
            ...each,
            columns: each.columns.map((one) =>
              one === column ? { ...one, name: to, renamed: { by, from: one.name } } : one,
            ),
          }
        : each,
    ),
  });
}

/** What a change removed: one line each. */
export function removedLines(before: AgreedSchema, after: AgreedSchema): string[] {
  const left = new Map(after.tables.map((table) => [table.path, table]));
  return before.tables.flatMap(({ path, name, columns }) => {
    const table = left.get(path);
    if (table === undefined) return [`forgotten: table ${name}${path === '' ? '' : ` (${path})`}`];
    const kept = new Set(table.columns.map(columnIdentity));
    return columns
      .filter((column) => !kept.has(columnIdentity(column)))
      .map((column) => `forgotten: column ${name}.${column.name} (${column.path})`);
  });
}

function inNewEpoch(before: AgreedSchema, by: string, nowMs: number, changed: AgreedSchema): AgreedSchema {
  return {
    ...changed,
    epoch: epochOf(before) + 1,
    revision: before.revision + 1,
    // Later than every earlier change, whatever the clocks say, because these times are the keys of the history.
    changedAt: new Date(Math.max(nowMs, Date.parse(before.changedAt) + 1)).toISOString(),
    changedBy: by,
  };
}

const columnNameOf = (name: string) => name.split('.')[1];

/** @throws ImpossibleChange if there is no such table or column */
function find(
  schema: AgreedSchema,
  name: string,
): { readonly table: AgreedTable; readonly column: AgreedColumn | 'key' | undefined } {
  const [tableName = '', columnName] = name.split('.');
  const table = schema.tables.find((each) => each.name === tableName);
  if (table === undefined) {
    throw new ImpossibleChange(
      `The agreed schema has no table ${tableName}. It has ${schema.tables.map((each) => each.name).join(', ')}.`,
    );
  }
  if (columnName === undefined) return { table, column: undefined };
  if (schema.key.some((each) => each.columnName === columnName)) return { table, column: 'key' };
  const column = table.columns.find((each) => each.name === columnName);
  if (column === undefined) throw new ImpossibleChange(`Table ${tableName} has no column ${columnName}.`);
  return { table, column };
}

function holderIn(schema: AgreedSchema, table: AgreedTable, name: string): string | undefined {
  if (schema.key.some(({ columnName }) => columnName === name)) return `the key of ${table.name}`;
  if (table.columns.some((column) => column.name === name)) return `column ${table.name}.${name}`;
  if (positionNames(table.path).includes(name)) return `a position of ${table.name}`;
  return isSystemColumn(name) ? 'a system column of the warehouse' : undefined;
}

function refuseTaken(name: string, holder: string | undefined): void {
  if (holder !== undefined) throw new ImpossibleChange(`The name ${name} is taken: ${holder} has it.`);
}

/** What else the mapping gives this name to. */
function pathNamed(
  settings: Readonly<Record<string, { readonly name?: string | undefined }>>,
  name: string,
  path: string,
): string | undefined {
  const other = Object.entries(settings).find(([at, setting]) => at !== path && setting.name === name);
  return other && `the mapping gives it to ${other[0]}, which`;
}

function refuseMapped(
  name: string,
  path: string,
  setting: 'tables' | 'columns',
  wanted: string | undefined,
): void {
  if (wanted === undefined) return;
  throw new ImpossibleChange(
    `mapping.${setting}."${path}" names ${name}, and would name it again. Change the mapping instead.`,
  );
}

/** Whether a table's rows are inside those of another one. */
const isBelow = (path: string, above: string) =>
  path !== above && path.startsWith(above) && !(above === ROOT && isRoot(path));

function seenWithout(
  { tables: agreed, seen }: AgreedSchema,
  tables: ReadonlySet<string>,
  columns: ReadonlySet<AgreedColumn>,
): Seen {
  const without = <T>(record: Readonly<Record<string, T>>, paths: ReadonlySet<string>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([path]) => !paths.has(path)));
  const ofForm = (path: string, form: AgreedColumn['form']) =>
    new Set(
      agreed
        .filter((table) => table.path === path)
        .flatMap((table) => table.columns)
        .filter((column) => column.form === form && columns.has(column))
        .map((column) => column.path),
    );
  return {
    tables: Object.fromEntries(
      Object.entries(seen.tables)
        .filter(([path]) => !tables.has(path))
        .map(([path, table]): [string, TableSeen] => [
          path,
          {
            ...table,
            scalars: without(table.scalars, ofForm(path, 'scalar')),
            bytes: without(table.bytes, ofForm(path, 'bytes')),
            counts: without(table.counts, ofForm(path, 'count')),
          },
        ]),
    ),
  };
}
