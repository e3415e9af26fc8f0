import { describe, expect, test } from '@jest/globals';
import { columnIdentity, nameColumns, nameKey } from '../../../src/pipeline/columns/column-names.ts';
import { fieldsOf } from '../../../src/pipeline/columns/layout.ts';
import { finalLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import { nameTables } from '../../../src/pipeline/columns/table-names.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { numberText } from '../../../src/pipeline/item/number.ts';
import { attributePath, memberPath, ROOT } from '../../../src/pipeline/item/path.ts';
import { Mapping, NO_MAPPING } from '../../../src/pipeline/mapping/mapping.ts';
import { textForm } from '../../../src/pipeline/seen/text-form.ts';
import { legalName } from '../../../src/pipeline/sql/identifier.ts';
import { seenOf, write } from '../pipeline/load/part-files.ts';
import { readCsv } from '../pipeline/mapping/read-csv.ts';
import { mappingExamples } from './mapping-examples.ts';
import { code, codeBlocks, read, section, tableRows } from './pages.ts';

const page = read('docs/mapping.md');
const key: Key = [{ name: 'id', kind: 'S' }];
/** That of new pipelines. */
const naming = 'snake_case';
const keyNames = nameKey(key, naming);

describe('docs/mapping.md is what the code does', () => {
  const numbers = tableRows(section(page, 'Numbers (checked)'));
  test.each(numbers)('number %s is %s', (n, text) => {
    expect(numberText(code(n)).text).toBe(code(text));
  });

  const texts = tableRows(section(page, 'Dates and timestamps (checked)'));
  test.each(texts)('text %s is a %s', (text, form) => {
    expect(textForm(code(text))).toBe(form);
  });

  test('names of columns', () => {
    const rows = tableRows(section(page, 'Columns (checked)'));
    const columns = rows.map(([attribute = '']) => {
      const names = [...attribute.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
      return { path: names.reduce(attributePath, ROOT), form: 'scalar' as const };
    });
    const { values } = nameColumns(ROOT, keyNames, columns, { naming });
    const given = new Map(values.map(({ path, name }) => [path, name]));
    expect(columns.map(({ path }) => given.get(path))).toEqual(rows.map(([, name]) => code(name)));
    expect(rows.length).toBeGreaterThan(5);
  });

  const words = tableRows(section(page, 'Words (checked)'));
  test.each(words)('the attribute %s is %s, and %s', (attribute, snake, lower) => {
    expect(legalName(code(attribute), 'snake_case')).toBe(code(snake));
    expect(legalName(code(attribute), 'lower')).toBe(code(lower));
  });

  test("a member's attribute that meets the key", () => {
    const lines = memberPath(attributePath(ROOT, 'lines'));
    const id = { path: attributePath(lines, 'id'), form: 'scalar' as const };
    const { values } = nameColumns(lines, keyNames, [id], { naming });
    expect(section(page, 'Columns (checked)')).toContain(`\`${values[0]?.name}\``);
  });

  test('names of tables', () => {
    const lines = memberPath(attributePath(ROOT, 'lines'));
    const tags = memberPath(attributePath(attributePath(ROOT, 'customer'), 'tags'));
    const paths = [ROOT, lines, memberPath(attributePath(lines, 'options')), memberPath(lines), tags];
    const names = nameTables('Orders-2024', paths, { naming });
    const rows = tableRows(section(page, 'Tables (checked)'));
    expect(rows.map(([, name]) => code(name))).toEqual(paths.map((path) => names.get(path)));
  });

  test('every fixture is up to date; if not, run node test/unit/docs/write-mapping-examples.ts', () => {
    expect(page.endsWith(`\n${mappingExamples().trimEnd()}\n`)).toBe(true);
  });

  test("the example's rows", () => {
    const [block] = codeBlocks(section(page, 'Rows'));
    const item = JSON.parse(block?.text ?? '') as Item;
    const rows = tableRows(section(page, 'Rows').split('makes, for a table')[1] ?? '');
    const shown = rows.map(([table, cells = '']) => {
      const values = [...cells.matchAll(/`(\w+)` (\w+)/g)].map(([, name, value]) => `${name}=${value}`);
      return `${code(table)}: ${values.join(' ')}`;
    });
    const made = rowsOf(item, 'orders').map(({ table, cells }) => {
      return `${table}: ${cells.map(([name, value]) => `${name}=${value}`).join(' ')}`;
    });
    expect(shown).toEqual(made);
  });

  const precedence = section(page, 'Which setting decides (checked)');
  test.each(tableRows(precedence))('with the mapping %s, the rows are %s', (mapping, rows = '') => {
    const item = JSON.parse(codeBlocks(precedence)[0]?.text ?? '') as Item;
    const shown = rows.split('<br>').map((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, text]) => text));
    const made = rowsOf(item, 't', Mapping.parse(JSON.parse(code(mapping))));
    expect(shown).toEqual(made.map(({ table, cells }) => [table, ...cells.flat()]));
  });
});

interface Row {
  readonly table: string | undefined;
  /** Names and values of the cells that are not NULL. */
  readonly cells: readonly (readonly [string | undefined, string])[];
}

/** An item's rows, in the order of the tables' paths. */
function rowsOf(item: Item, tableName: string, mapping: Mapping = NO_MAPPING): Row[] {
  const layouts = finalLayouts(seenOf([item], key, mapping), key);
  const names = nameTables(
    tableName,
    layouts.map(({ table }) => table),
    { naming },
  );
  return write([item], key, layouts, mapping).files.flatMap(({ layout, text }) => {
    const columns = nameColumns(layout.table, keyNames, layout.columns, { naming });
    const named = new Map(columns.values.map((column) => [columnIdentity(column), column.name]));
    const titles = fieldsOf(layout, key).map((field) => {
      if (field.role === 'key') return columns.key[0];
      if (field.role === 'position') return columns.positions[field.level];
      return named.get(columnIdentity(field));
    });
    return readCsv(text, NULL_TEXT).map((row) => ({
      table: names.get(layout.table),
      cells: row.flatMap((cell, i) => (cell === null ? [] : [[titles[i], cell] as const])),
    }));
  });
}
