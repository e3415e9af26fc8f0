/**
 * The kinds of failed statements that Tributary handles differently.
 * - `guard`: the condition of a guard (`SELECT 1/(CASE WHEN … THEN 1 ELSE 0 END)`) did not hold
 * - `serializable`: the transaction lost to a concurrent one (1023, 1018, deadlock) and can be retried as a whole
 * - `loadError`: COPY rejected rows or files; stl_load_errors and sys_load_error_detail have the details
 * - `permission`: the database user, or the role that COPY assumes, lacks a permission
 * - `notFound`: a relation, schema, database, column, or a file of a manifest does not exist
 * - `exists`: the object to create already exists
 * - `refused`: the statement, or what it refers to, must change before it can succeed
 * - `other`: everything else, such as memory, S3 or a restarting cluster: a retry may succeed
 */
export type SqlErrorKind =
  | 'guard'
  | 'serializable'
  | 'loadError'
  | 'permission'
  | 'notFound'
  | 'exists'
  | 'refused'
  | 'other';

/** The first match decides, so kinds that can be retried come before kinds that the same text may also mention. */
const PATTERNS: readonly (readonly [SqlErrorKind, RegExp])[] = [
  ['serializable', /(?:ERROR:|operation:|code:|Error)\s*(?:1023|1018)\b/i],
  [
    'serializable',
    /serializable isolation violation|conflict with concurrent transaction|could not serialize|deadlock detected/i,
  ],
  ['guard', /divi(?:sion|de) by zero/i],
  [
    'permission',
    /permission denied|must be (?:the )?owner|not authorized|not associated to|access ?denied|insufficient privilege|status 403/i,
  ],
  // "Load into table 't' failed. Check 'stl_load_errors' …", in Redshift's older and newer wording.
  ['loadError', /stl_load_errors|sys_load_error_detail|load into table .* failed/i],
  [
    'notFound',
    /does(?: not|n.t) exist|nonexistent|could not open relation|no such|not found|mandatory url is not present/i,
  ],
  ['exists', /already exists/i],
  [
    'refused',
    /syntax error|depends? on (?:it|them)\b|not supported|unsupported|\binvalid (?!operation)|cannot (?:be )?cast|is ambiguous|out of range|too long for|overflow|larger than|decompress|\b(?:zstd|gzip)\b|corrupt/i,
  ],
];

/** Classifies a failed statement by its error text. Names in double quotes are ignored. */
export function classifySqlError(text: string): SqlErrorKind {
  const withoutNames = text.replaceAll(/"[^"]*"/g, '""');
  return PATTERNS.find(([, pattern]) => pattern.test(withoutNames))?.[0] ?? 'other';
}
