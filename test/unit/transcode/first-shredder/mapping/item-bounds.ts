/**
 * What one item may cost, whichever way it is encoded. An item that costs more is set aside as soon as the walk finds
 * out: docs/mapping.md, "Set aside". DynamoDB's limit for an item, 400 KB, does not bound its rows, because each row
 * repeats the key, and each value in `_rest` its path.
 */

/**
 * The most bytes of a row in a part file. "The maximum size of a single input row from any source is 4 MB":
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-source.html
 */
export const MAX_ROW_BYTES = 4_000_000;

/** The most characters that the keys, positions and NULLs of an item's rows may have in total. */
export const MAX_ROWS_CHARACTERS = 32_000_000;

/** The most characters that the paths of an item's values may have in total. */
export const MAX_PATHS_CHARACTERS = 32_000_000;

export const ROW_TOO_LONG = 'it has a row of more than 4 MB, which COPY cannot read';
export const ROWS_TOO_LONG =
  'its rows repeat more than 32 MB of keys, positions and NULLs: it has too many members or columns for its key';
export const PATHS_TOO_LONG =
  'the paths of its values have more than 32 MB: it has too many values below long names';
/** For errors of the JavaScript engine such as "Invalid string length". The engine's text does not quote data. */
export const tooLarge = (error: RangeError) => `it is too large to encode: ${error.message}`;

/** Thrown inside the walk to end it: the item is set aside. */
export class TooCostly extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}
