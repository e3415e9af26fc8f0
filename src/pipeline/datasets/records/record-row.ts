/**
 * Rows as the record module makes them, and as what writes Parquet takes them. Every value is exact.
 *
 * | type | cell |
 * |---|---|
 * | any | `null` for NULL; an empty text is not NULL |
 * | `string` | the text; it has no lone surrogates, so it can be written as UTF-8 |
 * | `bigint` | decimal text without a plus or leading zeros, from -9223372036854775808 to 9223372036854775807 |
 * | `decimal(p,s)` | decimal text with exactly `s` digits after the dot, e.g. `-12.50` |
 * | `double` | a finite number |
 * | `boolean` | a boolean |
 * | `timestamp` | whole microseconds since 1970 in UTC, as decimal text; negative before 1970; years 1 to 9999 |
 * | `date` | `YYYY-MM-DD`, years 0001 to 9999 |
 * | `binary` | the bytes |
 * | a list | one cell per member |
 * | a struct | one cell per field, in the order of the type |
 */
export type Cell = null | string | boolean | number | Uint8Array | readonly Cell[];

/** One row: a cell per column, in the order of the definition's columns, the partition column included if the module has it. */
export interface RecordRow {
  readonly cells: readonly Cell[];
}
