import { readdirSync, readFileSync } from 'node:fs';
import { columnIdentity, positionNames } from '../../../src/pipeline/columns/column-names.ts';
import { fieldsOf } from '../../../src/pipeline/columns/layout.ts';
import { finalLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import { typeSql } from '../../../src/pipeline/columns/redshift-type.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../src/pipeline/item/csv.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import { agree } from '../../../src/pipeline/schema/agree.ts';
import { withNaming } from '../../../src/pipeline/schema/with-naming.ts';
import { seenOf, write } from '../pipeline/load/part-files.ts';
import { readCsv } from '../pipeline/mapping/read-csv.ts';

/** The mapping fixtures as a section of docs/mapping.md: the rows that the code makes from each item. */

const directory = new URL('../../fixtures/items/', import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, directory), 'utf8'));

/** Longest JSON and text shown. */
const ITEM_WIDTH = 700;
const CELL_WIDTH = 48;

interface Expected {
  readonly key?: Key;
  readonly mapping?: unknown;
  readonly rejected?: string;
}

export const EXAMPLES_TITLE = 'Every edge case (generated)';

export function mappingExamples(): string {
  const names = readdirSync(directory)
    .filter((file) => file.endsWith('.item.json'))
    .map((file) => file.slice(0, -'.item.json'.length))
    .sort();
  return [
    `## ${EXAMPLES_TITLE}`,
    '',
    '`node test/unit/docs/write-mapping-examples.ts` writes this section from `test/fixtures/items`. The DynamoDB table',
    'is called `t`. Each item is alone in it, so types are as narrow as that one item allows. NULLs are not shown.',
    '',
    ...names.flatMap(example),
  ].join('\n');
}

function example(name: string): string[] {
  const item: Item = read(`${name}.item.json`);
  const { key = [{ name: 'id', kind: 'S' }], mapping, rejected }: Expected = read(`${name}.expected.json`);
  const said = mapping === undefined ? [] : ['', `With the mapping \`${JSON.stringify(mapping)}\`:`];
  const outcome =
    rejected === undefined ? rowsTable(item, key, Mapping.parse(mapping ?? {})) : [`Set aside: ${rejected}.`];
  return [
    `### ${name.replaceAll('-', ' ')}`,
    '',
    '```json',
    clipped(JSON.stringify(item), ITEM_WIDTH),
    '```',
    ...said,
    '',
    ...outcome,
    '',
  ];
}

function rowsTable(item: Item, key: Key, mapping: Mapping): string[] {
  const seen = seenOf([item], key, mapping);
  const { files } = write([item], key, finalLayouts(seen, key), mapping);
  const schema = agree(
    undefined,
    {
      pipeline: 't',
      by: 'example',
      at: '2026-01-01T00:00:00Z',
      whole: true,
      tableName: 't',
      key,
      seen,
      layouts: [],
      mapping: withNaming(mapping, undefined),
    },
    0,
  );
  const lines = files.flatMap(({ layout, text }) => {
    const table = schema.tables.find(({ path }) => path === layout.table);
    if (table === undefined) return [];
    const columns = new Map(table.columns.map((column) => [columnIdentity(column), column]));
    let keys = 0;
    const titles = fieldsOf(layout, key).map((field) => {
      if (field.role === 'position') return `\`${positionNames(layout.table)[field.level]}\``;
      if (field.role === 'key') return `\`${schema.key[keys++]?.columnName}\``;
      const column = columns.get(columnIdentity(field));
      return column === undefined ? '' : `\`${column.name}\` ${typeSql(column.type)}`;
    });
    return readCsv(text, NULL_TEXT).map((row) => {
      const cells = row.flatMap((cell, i) => (cell === null ? [] : [`${titles[i]} ${shown(cell)}`]));
      return `| \`${table.name}\` | ${cells.join('<br>')} |`;
    });
  });
  return ['| table | row |', '|---|---|', ...lines];
}

/** As JSON, so that blanks and control characters are visible, and safe in a Markdown cell. */
const shown = (cell: string) =>
  `\`\` ${clipped(JSON.stringify(cell), CELL_WIDTH).replaceAll('|', '\\|').replaceAll('`', "'")} \`\``;

function clipped(text: string, width: number): string {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join('')}…`;
}
