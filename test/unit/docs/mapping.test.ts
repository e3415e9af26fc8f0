import { describe, expect, test } from '@jest/globals';
import { nameColumns } from '../../../src/pipeline/columns/column-names.ts';
import { fieldsOf } from '../../../src/pipeline/columns/layout.ts';
import { finalLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import { nameTables } from '../../../src/pipeline/columns/table-names.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { numberText } from '../../../src/pipeline/item/number.ts';
import { attributePath, memberPath, ROOT } from '../../../src/pipeline/item/path.ts';
import { createShredder } from '../../../src/pipeline/mapping/shred.ts';
import { textForm } from '../../../src/pipeline/seen/text-form.ts';
import { mappingExamples } from './mapping-examples.ts';
import { code, codeBlocks, read, section, tableRows } from './pages.ts';

const page = read('docs/mapping.md');
const key: Key = [{ name: 'id', kind: 'S' }];

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
    const given = new Map(nameColumns(ROOT, key, columns).values.map(({ path, name }) => [path, name]));
    expect(columns.map(({ path }) => given.get(path))).toEqual(rows.map(([, name]) => code(name)));
    expect(rows.length).toBeGreaterThan(5);
  });

  test("a member's attribute that meets the key", () => {
    const lines = memberPath(attributePath(ROOT, 'lines'));
    const { values } = nameColumns(lines, key, [{ path: attributePath(lines, 'id'), form: 'scalar' }]);
    expect(section(page, 'Columns (checked)')).toContain(`\`${values[0]?.name}\``);
  });

  test('names of tables', () => {
    const lines = memberPath(attributePath(ROOT, 'lines'));
    const tags = memberPath(attributePath(attributePath(ROOT, 'customer'), 'tags'));
    const paths = [ROOT, lines, memberPath(attributePath(lines, 'options')), memberPath(lines), tags];
    const names = nameTables('Orders-2024', paths);
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
    expect(shown).toEqual(rowsOf(item));
  });
});

/** An item's rows as `table: column=value …`. */
function rowsOf(item: Item): string[] {
  const look = createShredder({ key, layouts: [] });
  look.shred(item);
  const layouts = finalLayouts(look.takeSeen(), key);
  const names = nameTables(
    'orders',
    layouts.map(({ table }) => table),
  );
  const made: string[] = [];
  const append = (layout: (typeof layouts)[number], text: string) => {
    const columns = nameColumns(layout.table, key, layout.columns);
    const named = new Map(columns.values.map(({ path, form, name }) => [`${form}:${path}`, name]));
    const fields = fieldsOf(layout, key).map((field) => {
      if (field.role === 'key') return columns.key[0];
      if (field.role === 'position') return columns.positions[field.level];
      return named.get(`${field.form}:${field.path}`);
    });
    for (const row of text.trimEnd().split('\n')) {
      const cells = row.split(',').map((cell, i) => `${fields[i]}=${cell.replaceAll('"', '')}`);
      made.push(`${names.get(layout.table)}: ${cells.join(' ')}`);
    }
  };
  const sinks = layouts.map((layout) => ({ append: (text: string) => append(layout, text) }));
  createShredder({ key, layouts, sinks }).shred(item);
  return made.sort();
}
