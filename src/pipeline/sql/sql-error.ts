/**
 * What a failed statement's error text says, as far as Tributary acts on it differently.
 * - `guard`: a guard's `SELECT 1/(CASE WHEN … THEN 1 ELSE 0 END)` did not hold
 * - `serializable`: the transaction lost to another one (1023, 1018, deadlock); the whole of it can be repeated
 * - `loadError`: COPY refused rows or files; stl_load_errors and sys_load_error_detail have the details
 * - `permission`: the database user, or the role COPY assumes, may not do this
 * - `notFound`: a relation, schema, database, column, or a file of a manifest, is not there
 * - `exists`: what was to be created is there already
 * - `refused`: the statement cannot be run as it stands, and what it was run on would have to change
 * - `other`: everything else, such as memory, S3 or a cluster that restarts: it may pass
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

/** The first row that fits decides, so what is repeatable comes before what the same text may also mention. */
const rows: readonly (readonly [SqlErrorKind, RegExp])[] = [
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
  // "Load into table 't' failed. Check 'stl_load_errors' …", in Redshift's older and newer words.
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

/** What kind of failure a statement's error text tells of. Names in double quotes are not looked into. */
export function classifySqlError(text: string): SqlErrorKind {
  const words = text.replaceAll(/"[^"]*"/g, '""');
  return rows.find(([, pattern]) => pattern.test(words))?.[0] ?? 'other';
}
