import type { AttributeValue, Item } from '../../../src/pipeline/item/attribute.ts';

/**
 * The tables that a set of items becomes according to the documentation of the mapping. Slow and obvious; shares no code
 * with the pipeline. For documents whose names are in camelCase and do not collide and whose numbers need no canonical form.
 */
type ExpectedRow = Record<string, string>;
type ExpectedTables = Map<string, ExpectedRow[]>;

export function expectedTables(root: string, key: readonly string[], items: readonly Item[]): ExpectedTables {
  const tables: ExpectedTables = new Map([[root, []]]);

  const rowsOf = (table: string): ExpectedRow[] => {
    if (!tables.has(table)) tables.set(table, []);
    return tables.get(table) as ExpectedRow[];
  };

  function fill(
    row: ExpectedRow,
    column: string,
    table: string,
    positions: ExpectedRow,
    keys: ExpectedRow,
    value: AttributeValue,
  ) {
    if ('S' in value) row[column] = value.S;
    if ('N' in value) row[column] = value.N;
    if ('BOOL' in value) row[column] = String(value.BOOL);
    if ('B' in value) row[column] = Buffer.from(value.B, 'base64').toString('hex');
    if ('M' in value) {
      for (const [name, member] of Object.entries(value.M)) {
        const below = inWords(name);
        fill(row, column === 'value' ? below : `${column}__${below}`, table, positions, keys, member);
      }
    }
    if ('L' in value) {
      row[`${column}__count`] = String(value.L.length);
      const childTable = `${table}__${column}`;
      value.L.forEach((member, index) => {
        const levels = Object.keys(positions).length;
        const childPositions = { ...positions, [levels === 0 ? '_pos' : `_pos${levels + 1}`]: String(index) };
        const child: ExpectedRow = { ...keys, ...childPositions };
        fill(child, 'value', childTable, childPositions, keys, member);
        rowsOf(childTable).push(child);
      });
    }
  }

  for (const item of items) {
    const keys: ExpectedRow = {};
    for (const name of key) keys[inWords(name)] = Object.values(item[name] as AttributeValue)[0] as string;
    const row: ExpectedRow = {};
    for (const [name, value] of Object.entries(item)) fill(row, inWords(name), root, {}, keys, value);
    rowsOf(root).push(row);
  }
  return tables;
}

/** `bornCountryCode` → `born_country_code` */
const inWords = (name: string) => name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

/** Rows in a form that can be compared: without NULLs, names sorted, rows sorted. */
export function comparable(rows: readonly Record<string, string | null>[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .filter(([, value]) => value !== null)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    )
    .sort();
}
