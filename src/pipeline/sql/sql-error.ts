import { COPY_ERROR_CASES, S3_ERROR_CASES } from './copy-error-cases.ts';
import { DATA_ERROR_CASES } from './data-error-cases.ts';
import { meaningOf, type SqlError } from './sql-error-case.ts';
import { SQL_ERROR_CASES, UNKNOWN_SQL_ERROR } from './sql-error-cases.ts';

/** Prefixes that drivers, batches and COPY put in front of a message. */
const PREFIX =
  /^(?:\[Amazon\]\(\d+\) Invalid operation: |\[\w{5}\] |Query #\d+ failed with |(?:ERROR|FATAL): *|Problem reading manifest file - |exception name : \w+, error type : \d+, message: )/;
/** Where details begin: on a line of their own, or as the block that Redshift's compute nodes add. */
const DETAILS = /\n\s*(?:detail|hint|context|where):|\s+detail:\s+-{10}/i;
/** `code:      1016`, a line of that block. */
const CODE = /^\s*code:\s+(\d+)\s*$/im;
/** Redshift Spectrum, which reads Parquet for COPY: only the context says what it could not do. */
const SPECTRUM = /^(?:Spectrum Scan Error|S3 Query Exception)\b/i;
/** `context:   File 's3://…' has …`, which may span lines, up to the next line of that block. */
const CONTEXT = /\bcontext:\s+(.*?)(?=\s+query:\s+\d|$)/is;
/** What S3 answered COPY: `S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid …`. */
const S3_REFUSAL = /^S3ServiceException:(?<message>.*),Status (?<status>\d+),Error (?<error>[\w.]+)(?:,|$)/s;

/**
 * Classifies a failed statement by its error text. Only fixed parts of the text decide: its beginning, its end,
 * Redshift's error code and S3's. Names, values, keys and SQL that the text repeats belong to users, and a table may be
 * called `AccessDenied`.
 */
export function classifySqlError(text: string): SqlError {
  const [body, details] = splitAt(text, DETAILS);
  const message = withoutPrefixes(body);
  const refusal = S3_REFUSAL.exec(message)?.groups;
  if (refusal !== undefined) {
    const { status, error = '' } = refusal;
    const row =
      S3_ERROR_CASES.find(({ errors }) => errors.test(error)) ??
      S3_ERROR_CASES.find((each) => each.status?.(Number(status)) === true);
    return meaningOf(row ?? UNKNOWN_SQL_ERROR, refusal);
  }
  const code = Number(CODE.exec(details)?.[1]);
  const context = CONTEXT.exec(details)?.[1] ?? '';
  for (const row of [...DATA_ERROR_CASES, ...COPY_ERROR_CASES, ...SQL_ERROR_CASES]) {
    if (row.codes?.includes(code)) return meaningOf(row, {});
    if (SPECTRUM.test(message) && row.contexts?.some((pattern) => pattern.test(context)))
      return meaningOf(row, {});
    for (const pattern of row.texts) {
      const found = pattern.exec(message);
      if (found !== null) return meaningOf(row, found.groups ?? {});
    }
  }
  return meaningOf(UNKNOWN_SQL_ERROR, {});
}

/** The file that COPY was reading when S3 refused, from Redshift's details; undefined if they do not name it. */
export function copiedFile(text: string): string | undefined {
  const [, details] = splitAt(text, DETAILS);
  return /^\s*context:\s+S3 key being read ?: (s3:\/\/\S+)/m.exec(details)?.[1];
}

function withoutPrefixes(text: string): string {
  let rest = text.trim();
  for (let prefix = PREFIX.exec(rest); prefix !== null; prefix = PREFIX.exec(rest)) {
    rest = rest.slice(prefix[0].length).trimStart();
  }
  return rest.trimEnd();
}

function splitAt(text: string, pattern: RegExp): [string, string] {
  const at = text.search(pattern);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}
