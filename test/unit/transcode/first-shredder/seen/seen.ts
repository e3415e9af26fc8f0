import { z } from 'zod';
import { aspectPath } from '../item/path.ts';
import { isBelowAny } from './seen-bounds.ts';

/**
 * What extraction saw: the shape (kinds, maximum lengths and digits), from which the DDL follows, and the counts that
 * prove the load. Joining shapes is associative, commutative and idempotent. Counts add up: every checkpoint counts
 * exactly once, which its number in the run directory guarantees.
 */

const count = z.number().int().nonnegative();

/** The form of a string, which decides between VARCHAR, DATE and TIMESTAMPTZ. */
export const TextForm = z.enum(['date', 'timestamp', 'other']);
export type TextForm = z.infer<typeof TextForm>;

/**
 * What a cell can hold: the scalar kinds; `JSON`, a value kept whole; and `emptyB`, empty binary. COPY may read empty
 * binary as NULL in a VARBYTE column, so its column becomes VARCHAR, like a column of several kinds.
 */
export const SCALAR_KINDS = ['S', 'N', 'B', 'emptyB', 'BOOL', 'JSON'] as const;

/** The scalars seen at one path that went into the column itself, not into its `__bytes` column. */
export const ScalarSeen = z.object({
  /** In the order of `SCALAR_KINDS`. */
  kinds: z.array(z.enum(SCALAR_KINDS)).readonly(),
  textForms: z.array(TextForm).readonly(),
  /** UTF-8 bytes of the longest text, as written to the part file, before CSV quoting. */
  maxBytes: count,
  /** The most digits before the point, among numbers written without exponent. */
  maxIntegerDigits: count,
  /** The most digits after the point, among numbers written without exponent. */
  maxScale: count,
  /** Every number so far is an integer that fits in 64 bits. True if there was no number. */
  allInt64: z.boolean(),
  /** At least one number does not fit in 38 digits and was written with an exponent. */
  hasExponent: z.boolean(),
  /** Count: cells that are not NULL. */
  values: count,
  /** Count: total UTF-8 bytes of their texts. */
  textBytes: count,
});
export type ScalarSeen = z.infer<typeof ScalarSeen>;

/**
 * The values seen at one path that are kept as bytes because VARCHAR cannot hold them: strings that are longer than
 * 65,535 bytes, contain U+0000 or equal the NULL sentinel, and binary whose hexadecimal is longer than 65,535
 * characters. At the path of a value kept whole, they are DynamoDB-JSON. `maxBytes` counts the value's bytes, not its
 * hexadecimal digits.
 */
export const BytesSeen = z.object({ maxBytes: count, values: count });
export type BytesSeen = z.infer<typeof BytesSeen>;

/** The lists, sets, and maps whose entries become rows, seen at one path. `members` is the sum of their lengths. */
export const CountSeen = z.object({ values: count, members: count });
export type CountSeen = z.infer<typeof CountSeen>;

export const TableSeen = z.object({
  rows: count,
  scalars: z.record(z.string(), ScalarSeen),
  bytes: z.record(z.string(), BytesSeen),
  counts: z.record(z.string(), CountSeen),
  /** The table showed more paths than are listed here: see seen-bounds.ts. */
  summarised: z.literal(true).optional(),
});
export type TableSeen = z.infer<typeof TableSeen>;

/** By table path. The root table's path is the empty text (see path.ts for entities), and its rows are the items. */
export const Seen = z.object({ tables: z.record(z.string(), TableSeen) });
export type Seen = z.infer<typeof Seen>;

/** Nothing seen: the neutral element of `mergeSeen`. */
export function emptySeen(): Seen {
  return { tables: {} };
}

/** Nothing seen of a table, as for the root table of an empty DynamoDB table. */
function emptyTableSeen(): TableSeen {
  return { rows: 0, scalars: {}, bytes: {}, counts: {} };
}

/**
 * What two parts of the data showed together: shapes joined, counts added. Associative and commutative, with
 * `emptySeen()` as the neutral element; for shapes alone, also idempotent. The result's tables and paths are sorted by
 * code unit, so that the same data gives the same JSON however it was split.
 */
export function mergeSeen(a: Seen, b: Seen): Seen {
  return { tables: mergeRecords(a.tables, b.tables, mergeTables) };
}

/** What was seen, with every count set to zero: the idempotent part, the only one names and types may depend on. */
export function shapeOf(seen: Seen): Seen {
  return {
    tables: mapRecord(seen.tables, (table) => ({
      rows: 0,
      scalars: mapRecord(table.scalars, (scalar) => ({ ...scalar, values: 0, textBytes: 0 })),
      bytes: mapRecord(table.bytes, (bytes) => ({ ...bytes, values: 0 })),
      counts: mapRecord(table.counts, () => ({ values: 0, members: 0 })),
    })),
  };
}

/** What was seen of one table; empty if its path was not seen, even a path such as `constructor`. */
export function tableSeen(seen: Seen, table: string): TableSeen {
  return Object.hasOwn(seen.tables, table) ? (seen.tables[table] as TableSeen) : emptyTableSeen();
}

/** The fixed order of text forms in a `ScalarSeen`. */
export const TEXT_FORMS = ['date', 'timestamp', 'other'] as const;

function mergeTables(a: TableSeen, b: TableSeen): TableSeen {
  return {
    rows: a.rows + b.rows,
    scalars: mergeRecords(a.scalars, b.scalars, mergeScalars),
    bytes: mergeRecords(a.bytes, b.bytes, (x, y) => ({
      maxBytes: Math.max(x.maxBytes, y.maxBytes),
      values: x.values + y.values,
    })),
    counts: mergeRecords(a.counts, b.counts, (x, y) => ({
      values: x.values + y.values,
      members: x.members + y.members,
    })),
    ...(a.summarised || b.summarised ? { summarised: true } : {}),
  };
}

/**
 * What the other items showed, if `part` is what some of the items of `seen` showed: the difference of the counts,
 * without what only those items had. The shapes are those of `seen`.
 */
export function withoutCounts(seen: Seen, part: Seen): Seen {
  const tables = Object.entries(seen.tables).flatMap(([path, table]): [string, TableSeen][] => {
    const less = tableSeen(part, path);
    const rows = table.rows - less.rows;
    if (rows === 0) return [];
    const scalars = subtract(table.scalars, less.scalars, (x, y) => ({
      ...x,
      values: x.values - y.values,
      textBytes: x.textBytes - y.textBytes,
    }));
    const bytes = subtract(table.bytes, less.bytes, (x, y) => ({ ...x, values: x.values - y.values }));
    const counts = subtract(table.counts, less.counts, (x, y) => ({
      values: x.values - y.values,
      members: x.members - y.members,
    }));
    return [[path, { ...table, rows, scalars, bytes, counts }]];
  });
  return { tables: Object.fromEntries(tables) };
}

function subtract<T extends { readonly values: number }>(
  from: Readonly<Record<string, T>>,
  part: Readonly<Record<string, T>>,
  less: (x: T, y: T) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(from)
      .map(([path, x]): [string, T] => [path, Object.hasOwn(part, path) ? less(x, part[path] as T) : x])
      .filter(([, { values }]) => values > 0),
  );
}

/** Only what went into the `rest` columns of these tables. */
export function onlyRest(seen: Seen, tables: readonly string[]): Seen {
  const rest = tables.map((table): [string, TableSeen] => {
    const path = aspectPath(table, 'rest');
    const only = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(record).filter(([each]) => each === path));
    const { scalars, bytes } = tableSeen(seen, table);
    return [table, { rows: 0, scalars: only(scalars), bytes: only(bytes), counts: {} }];
  });
  return { tables: Object.fromEntries(rest) };
}

/** What two parts of the values at one path showed together. */
export function mergeScalars(a: ScalarSeen, b: ScalarSeen): ScalarSeen {
  return {
    kinds: SCALAR_KINDS.filter((kind) => a.kinds.includes(kind) || b.kinds.includes(kind)),
    textForms: TEXT_FORMS.filter((form) => a.textForms.includes(form) || b.textForms.includes(form)),
    maxBytes: Math.max(a.maxBytes, b.maxBytes),
    maxIntegerDigits: Math.max(a.maxIntegerDigits, b.maxIntegerDigits),
    maxScale: Math.max(a.maxScale, b.maxScale),
    allInt64: a.allInt64 && b.allInt64,
    hasExponent: a.hasExponent || b.hasExponent,
    values: a.values + b.values,
    textBytes: a.textBytes + b.textBytes,
  };
}

/** Uses Object.entries and a Map because attributes may be called `constructor` or `toString`. */
function mergeRecords<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  merge: (x: T, y: T) => T,
): Record<string, T> {
  const merged = new Map(Object.entries(a));
  for (const [path, y] of Object.entries(b)) {
    const x = merged.get(path);
    merged.set(path, x === undefined ? y : merge(x, y));
  }
  return Object.fromEntries([...merged].sort(byPath));
}

function mapRecord<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record)
      .sort(byPath)
      .map(([path, value]) => [path, map(value)]),
  );
}

const byPath = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) =>
  a < b ? -1 : a > b ? 1 : 0;

/**
 * What was seen, without these columns, whose values went elsewhere. Removing the column of a list's length also
 * removes the list's members and everything below them.
 */
export function withoutColumns(
  seen: Seen,
  columns: readonly { readonly path: string; readonly form: 'scalar' | 'bytes' | 'count' }[],
): Seen {
  const removed = { scalar: new Set<string>(), bytes: new Set<string>(), count: new Set<string>() };
  for (const { path, form } of columns) removed[form].add(path);
  const kept = <T>(record: Readonly<Record<string, T>>, form: keyof typeof removed): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([path]) => !removed[form].has(path)));
  return {
    tables: Object.fromEntries(
      Object.entries(seen.tables)
        .filter(([table]) => !isBelowAny(table, removed.count))
        .map(([table, { scalars, bytes, counts, ...others }]) => [
          table,
          {
            ...others,
            scalars: kept(scalars, 'scalar'),
            bytes: kept(bytes, 'bytes'),
            counts: kept(counts, 'count'),
          },
        ]),
    ),
  };
}
