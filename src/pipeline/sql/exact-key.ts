/**
 * Keys are compared here and nowhere else. Redshift ignores trailing blanks when it compares texts, so `a` and `a ` would be
 * one key: their lengths in bytes are compared as well.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
 */

/** A column of a key, in SQL: quoted, and qualified where a query has several relations. */
export interface KeyPart {
  readonly column: string;
  /** It is a VARCHAR. CHAR cannot be compared exactly: it has no length of its own. */
  readonly isText: boolean;
}

/** The condition that two relations have the same key, whose parts correspond one to one. A NULL equals nothing. */
export const sameParts = (a: readonly KeyPart[], b: readonly KeyPart[]): string => {
  const right = distinctParts(b);
  return distinctParts(a)
    .map((part, i) => `${part} = ${right[i]}`)
    .join(' AND ');
};

/** What makes a key distinct, for GROUP BY and PARTITION BY. */
export const distinctParts = (key: readonly KeyPart[]): string[] =>
  key.flatMap(({ column, isText }) => (isText ? [column, `OCTET_LENGTH(${column})`] : [column]));
