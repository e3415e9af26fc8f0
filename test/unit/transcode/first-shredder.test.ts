import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fieldsOf, type Layout } from '../../../src/pipeline/columns/layout.ts';
import { finalLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { FIRST_NULL_TEXT, NULL_TEXT } from '../../../src/pipeline/item/csv.ts';
import { parseExactly } from '../../../src/pipeline/item/exact-json.ts';
import type { Path } from '../../../src/pipeline/item/path.ts';
import { type Mapping, NO_MAPPING } from '../../../src/pipeline/mapping/mapping.ts';
import { createShredder } from '../../../src/pipeline/mapping/shred.ts';
import { items as anyItems, mappings } from '../pipeline/mapping/any-mapping.ts';
import { alikeItems, HOSTILE_KEY, hostileItems } from '../pipeline/mapping/hostile-items.ts';
import { readCsv } from '../pipeline/mapping/read-csv.ts';
import { jsonOf } from './any-json.ts';
import { transcoded } from './both-ways.ts';
import { createShredder as createFirstShredder } from './first-shredder/mapping/shred.ts';
import { generator, someShapes } from './some-shapes.ts';

/** `TRIBUTARY_FUZZ=100` runs the fuzz a hundred times as long. */
const LONGER = Number(process.env.TRIBUTARY_FUZZ ?? 1);

const key = HOSTILE_KEY;

/** What the items of a page became: rows by table, each with its values only; and the path where an item was refused. */
interface Values {
  readonly rows: Readonly<Record<Path, readonly string[]>>;
  readonly rejected: readonly { readonly item: Item; readonly path: Path }[];
}

/**
 * The layouts with columns for the bytes of every text: each version has its own text for NULL, and writes as bytes
 * what equals it.
 */
function layoutsOf(items: readonly Item[], mapping: Mapping): Layout[] {
  const shredder = createShredder({ key, layouts: [], mapping });
  for (const item of items) shredder.shred(item);
  return finalLayouts(shredder.takeSeen(), key).map(({ table, columns }) => {
    const paths = new Set(columns.flatMap(({ path, form }) => (form === 'count' ? [] : [path])));
    const counts = columns.filter(({ form }) => form === 'count');
    const values = [...paths].flatMap((path) => [
      { path, form: 'bytes' as const },
      { path, form: 'scalar' as const },
    ]);
    return { table, columns: [...values, ...counts] };
  });
}

/** The rows of part files as text, so that they can be compared: sorted, without NULLs, and texts that mean NULL somewhere as bytes. */
function valuesOf(files: readonly { layout: Layout; text: string }[], nullText: string): Values['rows'] {
  const rows: Record<Path, string[]> = {};
  for (const { layout, text } of files) {
    const fields = fieldsOf(layout, key);
    for (const record of readCsv(text, nullText)) {
      const values = fields.flatMap((field, i): [string, string][] => {
        const cell = record[i] ?? null;
        if (cell === null) return [];
        if (field.role === 'key') return [[`key ${field.path}`, cell]];
        if (field.role === 'position') return [[`position ${field.level}`, cell]];
        const form = field.form === 'scalar' && MEANS_NULL.has(cell) ? 'bytes' : field.form;
        return [[`${form} ${field.path}`, form === field.form ? cell : Buffer.from(cell).toString('hex')]];
      });
      rows[layout.table] ??= [];
      rows[layout.table]?.push(JSON.stringify(values.sort(([a], [b]) => (a < b ? -1 : 1))));
    }
  }
  for (const ofTable of Object.values(rows)) ofTable.sort();
  return rows;
}

const MEANS_NULL: ReadonlySet<string> = new Set([FIRST_NULL_TEXT, NULL_TEXT]);

function byFirstShredder(items: readonly Item[], layouts: readonly Layout[], mapping: Mapping): Values {
  const texts = layouts.map(() => '');
  const sinks = layouts.map((_, i) => ({ append: (text: string) => (texts[i] += text) }));
  const shredder = createFirstShredder({ key, layouts, mapping, sinks });
  const rejected = items.flatMap((item) => {
    const result = shredder.shred(item);
    if (result.kind === 'odd')
      throw new Error(`the layouts have no column for something in ${jsonText(item)}`);
    return result.kind === 'rejected' ? [{ item, path: result.path }] : [];
  });
  const files = layouts.map((layout, i) => ({ layout, text: texts[i] as string }));
  return { rows: valuesOf(files, FIRST_NULL_TEXT), rejected };
}

function byTranscoder(
  page: Buffer,
  { layouts, shapes, mapping }: { layouts: Layout[]; shapes: Layout[]; mapping: Mapping },
): Values {
  const { rows, odd, rejected } = transcoded({ key, layouts, shapes, mapping }, page);
  expect(odd).toEqual([]);
  const files = [...layouts, ...shapes].map((layout, i) => ({ layout, text: rows[i]?.text as string }));
  return { rows: valuesOf(files, NULL_TEXT), rejected: rejected.map(({ item, path }) => ({ item, path })) };
}

const jsonText = (value: unknown) => JSON.stringify(value);

/** A key that is one version's text for NULL is set aside by that version alone. */
const hasOrdinaryKey = (item: Item) => !MEANS_NULL.has((item['p.k'] as { S: string }).S);

describe('the transcoder writes the values that the first shredder wrote', () => {
  const seed = fc.integer({ min: 1 });
  test.each([
    ['hostile items', hostileItems, fc.constant(NO_MAPPING)],
    ['items that are alike', alikeItems, fc.constant(NO_MAPPING)],
    ['any mapping', anyItems, mappings],
  ] as const)('%s', (_what, someItems, mapping) => {
    let rows = 0;
    fc.assert(
      fc.property(someItems, mapping, seed, (some, mapped, randomSeed) => {
        const items = some.filter(hasOrdinaryKey);
        const random = generator(randomSeed);
        const layouts = layoutsOf(items, mapped);
        const json = items.map((item) => jsonOf(item, random));
        const parsed = json.map((one) => parseExactly(one) as Item);
        const expected = byFirstShredder(parsed, layouts, mapped);
        const shapes = someShapes(layouts, random);
        const actual = byTranscoder(Buffer.from(json.join(','), 'utf8'), {
          layouts,
          shapes,
          mapping: mapped,
        });
        expect(actual).toEqual(expected);
        rows += Object.values(actual.rows).flat().length;
      }),
      { numRuns: 200 * LONGER },
    );
    expect(rows).toBeGreaterThan(200);
  });
});
