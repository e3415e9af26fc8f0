import { z } from 'zod';
import { columnIdentity } from '../columns/column-names.ts';
import { type Column, Form } from '../columns/layout.ts';
import type { Item } from '../item/attribute.ts';
import type { Path } from '../item/path.ts';
import type { AgreedSchema } from './agreed-schema.ts';
import type { Drift } from './drift.ts';

/** Which item a change of the schema comes from. */

export const Cause = z.object({
  /** The path of the column's table; of a key attribute, of the table of the items. */
  table: z.string(),
  path: z.string(),
  form: Form,
  /** The item's key. Not `z.record`, which would drop an attribute named `__proto__`. */
  key: z.custom<Item>((value) => typeof value === 'object' && value !== null),
});
export type Cause = z.infer<typeof Cause>;

/** The text of the item that changed a column; undefined if it is not known or must not be shown. */
export type Because = (table: Path, column: Column) => string | undefined;

/** No item is known. */
export const NO_CAUSE: Because = () => undefined;

/** @param itemText the text of an item's key; undefined if it must not be shown */
export function becauseOf(causes: readonly Cause[], itemText: (key: Item) => string | undefined): Because {
  if (causes.length === 0) return NO_CAUSE;
  const first = new Map<string, Item>();
  for (const { table, key, ...column } of causes) {
    const id = causeIdentity(table, column);
    if (!first.has(id)) first.set(id, key);
  }
  return (table, column) => {
    const key = first.get(causeIdentity(table, column));
    return key && itemText(key);
  };
}

export const causeIdentity = (table: Path, column: Column): string => `${table} ${columnIdentity(column)}`;

/** The drift with the items that caused it, as far as they are known. */
export function withCauses(drift: Drift, schema: AgreedSchema, because: Because): Drift {
  if (because === NO_CAUSE) return drift;
  const root = schema.tables[0]?.name;
  const columnOf = (tableName: string, name: string) => {
    const table = schema.tables.find((each) => each.name === tableName);
    const key = tableName === root ? schema.key.find(({ columnName }) => columnName === name) : undefined;
    const column: Column | undefined =
      key === undefined
        ? table?.columns.find((each) => each.name === name)
        : { path: key.path, form: 'scalar' };
    return table && column && because(table.path, column);
  };
  const explained = <T extends { readonly table: string; readonly column: string }>(change: T): T => {
    const item = columnOf(change.table, change.column);
    return item === undefined ? change : { ...change, because: item };
  };
  return {
    ...drift,
    newTables: drift.newTables.map((change) => {
      const table = schema.tables.find(({ path }) => path === change.path);
      const item = table?.columns
        .map((column) => because(table.path, column))
        .find((text) => text !== undefined);
      return item === undefined ? change : { ...change, because: item };
    }),
    newColumns: drift.newColumns.map(explained),
    widened: drift.widened.map(explained),
    retyped: drift.retyped.map(explained),
  };
}
