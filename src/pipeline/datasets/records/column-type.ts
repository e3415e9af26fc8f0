/** The types of columns, as a record module writes them, and as the rest of the program takes them. */

type Scalar = 'string' | 'bigint' | 'double' | 'boolean' | 'timestamp' | 'date' | 'binary';

/** As a module writes it: a word, `decimal(p,s)`, or a list or struct of these. */
export type WrittenType =
  | Scalar
  | `decimal(${number},${number})`
  | { readonly list: WrittenType }
  | { readonly struct: { readonly [field: string]: WrittenType } };

/** What a function returns for a column of this type. `null` and `undefined` are NULL. */
export type ValueOf<T> = T extends 'string'
  ? string | null | undefined
  : T extends 'bigint'
    ? bigint | number | null | undefined
    : T extends 'double'
      ? number | null | undefined
      : T extends 'boolean'
        ? boolean | null | undefined
        : T extends 'timestamp' | 'date'
          ? Date | string | null | undefined
          : T extends 'binary'
            ? Uint8Array | null | undefined
            : T extends `decimal(${string})`
              ? string | bigint | number | null | undefined
              : T extends { readonly list: infer Member }
                ? readonly ValueOf<Member>[] | null | undefined
                : T extends { readonly struct: infer Fields }
                  ? { readonly [F in keyof Fields]?: ValueOf<Fields[F]> } | null | undefined
                  : never;

/** A type as data. */
export type ColumnType =
  | { readonly kind: Scalar }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'list'; readonly of: ColumnType }
  | {
      readonly kind: 'struct';
      readonly fields: readonly { readonly name: string; readonly type: ColumnType }[];
    };

const SCALARS: ReadonlySet<string> = new Set<Scalar>([
  'string',
  'bigint',
  'double',
  'boolean',
  'timestamp',
  'date',
  'binary',
]);

/** Parquet's, Athena's and Redshift's limit. */
const MAX_PRECISION = 38;
/** Engines nest no deeper than a few levels; a list of a list of a struct has three. */
const MAX_DEPTH = 16;

const FIELD_NAME = /^[a-z_][a-z0-9_]{0,126}$/;

/** @throws TypeError with what is expected */
export function columnType(written: unknown, depth = 0): ColumnType {
  if (depth > MAX_DEPTH) throw new TypeError(`a type with at most ${MAX_DEPTH} levels of lists and structs`);
  if (typeof written === 'string') return scalarType(written);
  const { list, struct, ...more } = mapOf(written);
  if (Object.keys(more).length === 0 && list !== undefined && struct === undefined)
    return { kind: 'list', of: columnType(list, depth + 1) };
  if (Object.keys(more).length > 0 || struct === undefined || list !== undefined)
    throw new TypeError('{ list: type } or { struct: { field: type } }');
  const fields = Object.entries(mapOf(struct)).map(([name, type]) => {
    if (!FIELD_NAME.test(name))
      throw new TypeError(
        `fields with lower-case letters, digits and _ in their names, not ${JSON.stringify(name)}`,
      );
    return { name, type: columnType(type, depth + 1) };
  });
  if (fields.length === 0) throw new TypeError('a struct with at least one field');
  return { kind: 'struct', fields };
}

function scalarType(written: string): ColumnType {
  if (SCALARS.has(written)) return { kind: written as Scalar };
  const [, p, s] = /^decimal\((\d{1,2}),\s*(\d{1,2})\)$/.exec(written) ?? [];
  const [precision, scale] = [Number(p), Number(s)];
  if (p !== undefined && precision >= 1 && precision <= MAX_PRECISION && scale <= precision)
    return { kind: 'decimal', precision, scale };
  throw new TypeError(
    `string, bigint, double, decimal(p,s) with at most ${MAX_PRECISION} digits, boolean, timestamp, date, binary, ` +
      `{ list: … } or { struct: … }, not ${JSON.stringify(written)}`,
  );
}

function mapOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('the name of a type, { list: type } or { struct: { field: type } }');
  return value as Record<string, unknown>;
}

/** For people: `list(decimal(10,2))`. */
export function typeText(type: ColumnType): string {
  if (type.kind === 'decimal') return `decimal(${type.precision},${type.scale})`;
  if (type.kind === 'list') return `list(${typeText(type.of)})`;
  if (type.kind === 'struct')
    return `struct(${type.fields.map(({ name, type: of }) => `${name} ${typeText(of)}`).join(', ')})`;
  return type.kind;
}
