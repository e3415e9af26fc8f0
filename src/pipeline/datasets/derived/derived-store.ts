import { z } from 'zod';
import { didYouMean } from '../../text/nearest.ts';
import type { Contradiction } from '../contradictions.ts';
import { DatasetStore } from '../definition.ts';
import { columnType } from '../records/column-type.ts';

/** Where a derived dataset is, and in which formats: as a table of Parquet files, as text for people and programs, or as both. */

const Format = z.enum(['parquet', 'tsv']);
export type Format = z.infer<typeof Format>;

const ORDER = /^([a-z_][a-z0-9_]{0,126})( asc| desc)?$/;

export const DerivedStore = DatasetStore.extend({
  format: z
    .union([
      Format,
      z
        .array(Format)
        .min(1)
        .refine((formats) => new Set(formats).size === formats.length, 'each format once'),
    ])
    .default('parquet')
    .describe(
      'The format of the files: `parquet`, `tsv` (text: one row per line, fields between tabs), or both: `[parquet, tsv]`.',
    ),
  header: z
    .boolean()
    .default(true)
    .describe('TSV: whether the first line of a file has the names of the columns.'),
  order: z
    .array(z.string().regex(ORDER, 'a column, and possibly its direction, e.g. day or amount desc'))
    .max(100)
    .default([])
    .describe(
      'TSV: the order of rows, by columns, each possibly with ` desc`. Rows that are equal there are ordered by all columns.',
    ),
  filePer: z
    .string()
    .optional()
    .describe(
      'TSV: a column; each of its values has a file of its own, and only files with other content are written.',
    ),
  maxFiles: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(100_000)
    .describe(
      'With `filePer`: the most files that one partition may have. If there are more, the plan or the build stops, before anything is written.',
    ),
});
export type DerivedStore = z.infer<typeof DerivedStore>;

export const hasFormat = ({ format }: Pick<DerivedStore, 'format'>, wanted: Format): boolean =>
  [format].flat().includes(wanted);

/** One column of an order. */
export interface OrderedBy {
  readonly column: string;
  readonly isDescending: boolean;
}

export const orderOf = ({ order }: Pick<DerivedStore, 'order'>): OrderedBy[] =>
  order.map((text) => {
    const [, column = '', direction] = ORDER.exec(text) ?? [];
    return { column, isDescending: direction === ' desc' };
  });

/** The settings that decide about the text; undefined if there is none. */
export const textSettings = (store: DerivedStore) =>
  hasFormat(store, 'tsv')
    ? {
        formats: [store.format].flat().toSorted(),
        header: store.header,
        order: store.order,
        filePer: store.filePer ?? null,
      }
    : undefined;

/** Types whose equal values have equal texts. */
const FILE_PER: ReadonlySet<string> = new Set([
  'string',
  'bigint',
  'decimal',
  'boolean',
  'date',
  'timestamp',
]);

/** Settings of the store that contradict each other, or the columns. */
export function storeContradictions(
  store: DerivedStore,
  columns: Readonly<Record<string, string>>,
): Contradiction[] {
  const { order, filePer, catalogue, header } = store;
  const at = (key: string, message: string): Contradiction => ({ path: ['store', key], message });
  if (!hasFormat(store, 'tsv')) {
    const only = 'no such setting without `tsv` in format';
    return [
      ...(filePer === undefined ? [] : [at('filePer', only)]),
      ...(order.length === 0 ? [] : [at('order', only)]),
      ...(header ? [] : [at('header', only)]),
    ];
  }
  const names = Object.keys(columns);
  const named = orderOf(store).map(({ column }) => column);
  const unknown = named.find((column) => !Object.hasOwn(columns, column));
  const twice = named.find((column, index) => named.indexOf(column) < index);
  return [
    ...(hasFormat(store, 'parquet') || catalogue.kind === 'none'
      ? []
      : [
          at(
            'catalogue',
            'format: [parquet, tsv], because engines read the Parquet files of a table in a catalogue; or catalogue: { kind: none }',
          ),
        ]),
    ...(unknown === undefined
      ? []
      : [
          at(
            'order',
            `columns of the result, not ${unknown}${didYouMean(unknown, names) || `: ${names.join(', ')}`}`,
          ),
        ]),
    ...(twice === undefined ? [] : [at('order', `each column once, got ${twice} again`)]),
    ...(filePer === undefined ? [] : filePerProblems(filePer, columns).map((text) => at('filePer', text))),
  ];
}

function filePerProblems(filePer: string, columns: Readonly<Record<string, string>>): string[] {
  const written = Object.hasOwn(columns, filePer) ? columns[filePer] : undefined;
  if (written === undefined)
    return [
      `a column of the result, not ${filePer}${didYouMean(filePer, Object.keys(columns)) || `: ${Object.keys(columns).join(', ')}`}`,
    ];
  const { kind } = columnType(written);
  return FILE_PER.has(kind) ? [] : [`a column of another type than ${kind}, such as string or bigint`];
}
