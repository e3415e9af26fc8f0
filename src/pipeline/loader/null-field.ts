import type { FileFormat } from './file-format.ts';

/** COPY's own text for NULL, unless NULL AS names another. */
const DEFAULT_NULL_TEXT = '\\N';

/**
 * Whether COPY reads a field as NULL. A field of Parquet is NULL only if it is absent.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html
 *
 * @param field its text; undefined if the row has no such field
 * @param isText whether the column is CHAR or VARCHAR: in any other, a blank field is NULL
 */
export function isNullField(format: FileFormat, field: string | undefined, isText: boolean): boolean {
  if (field === undefined) return true;
  if (format.kind === 'parquet') return false;
  if (format.kind !== 'json') {
    if (field === (format.nullText ?? DEFAULT_NULL_TEXT)) return true;
    if (field !== '' && field.trim() === '' && format.blanksAsNull) return true;
  }
  return isText ? field === '' && format.emptyAsNull : field.trim() === '';
}
