import { type DateTimeReading, dateTimeFormat } from '../copy/values/date-time.ts';
import { DEFAULT_FIELD_OPTIONS, type FieldOptions } from '../copy/values/field-rules.ts';
import type { RelationName, Translation } from './translation.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** A COPY as written, with every option. */
export type CopyStatement = FieldOptions & {
  target: RelationName;
  /** The table's quoted name in PostgreSQL. */
  physicalTarget: string;
  /** The column list, folded; absent means all columns in table order. */
  columns?: string[];
  /** `s3://bucket/key`: the manifest's key, or a key prefix. */
  from: string;
  iamRole: string;
  manifest: boolean;
  quote: string;
  delimiter: string;
  compression: 'none' | 'gzip' | 'zstd';
  fillRecord: boolean;
  ignoreBlankLines: boolean;
  ignoreHeaderLines: number;
  /** The load fails once this many rows were refused; 0 and 1 both mean the first row. */
  maxErrors: number;
  ignoreAllErrors: boolean;
  /** Values for IDENTITY columns come from the files. */
  explicitIds: boolean;
  /** Only reads and checks the files. */
  noLoad: boolean;
  /** STATUPDATE. Default: the table is analyzed if it was empty. */
  updateStatistics?: boolean;
  region?: string;
};

/** The rest of a COPY, after the word COPY. */
export function parseCopy(t: Translation): CopyStatement {
  const { reader } = t;
  const target = t.relationName();
  const columns = reader.isOperator('(') ? reader.parenthesized(() => reader.identifier()) : undefined;
  const twice = columns?.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new RedshiftError(`column "${twice}" specified more than once`, '42701');
  reader.expectWords('from');
  const from = reader.string();
  if (!from.startsWith('s3://')) throw new NotSupported(`COPY from ${from.split(':')[0]} (only s3://)`);
  const copy: CopyStatement = {
    ...DEFAULT_FIELD_OPTIONS,
    target,
    physicalTarget: t.target(target),
    ...(columns === undefined ? {} : { columns }),
    from,
    iamRole: '',
    manifest: false,
    quote: '"',
    delimiter: ',',
    compression: 'none',
    fillRecord: false,
    ignoreBlankLines: false,
    ignoreHeaderLines: 0,
    maxErrors: 0,
    ignoreAllErrors: false,
    explicitIds: false,
    noLoad: false,
  };
  const seen = new Set<string>();
  while (!reader.atEnd && !reader.isOperator(';')) option(t, copy, seen);
  refuseConflicts(copy, seen);
  return copy;
}

/** Options that AWS documents as incompatible, and what this dialect requires. */
function refuseConflicts(copy: CopyStatement, seen: ReadonlySet<string>): void {
  for (const [one, other] of CONFLICTS) {
    if (seen.has(one) && seen.has(other)) {
      throw new RedshiftError(
        `COPY: ${one.toUpperCase()} cannot be used with ${other.toUpperCase()}`,
        '42601',
      );
    }
  }
  if (seen.has('quote') && !seen.has('csv'))
    throw new RedshiftError('COPY: QUOTE can be used only with CSV', '42601');
  for (const name of ['fixedwidth', 'removequotes', 'escape']) {
    if (seen.has(name)) throw new NotSupported(`the COPY option ${name.toUpperCase()} (only FORMAT CSV)`);
  }
  if (copy.iamRole === '')
    throw new RedshiftError('COPY requires IAM_ROLE or CREDENTIALS to access Amazon S3', '42601');
  if (!seen.has('csv')) throw new NotSupported('COPY without FORMAT CSV (delimited text, JSON, Parquet)');
  if (copy.quote === copy.delimiter)
    throw new RedshiftError('COPY delimiter and quote must be different', '22023');
}

const CONFLICTS: [string, string][] = [
  ['csv', 'fixedwidth'],
  ['csv', 'removequotes'],
  ['csv', 'escape'],
  ['delimiter', 'fixedwidth'],
  ['ignoreallerrors', 'maxerror'],
  ['iam_role', 'credentials'],
  ['gzip', 'zstd'],
];

function option(t: Translation, copy: CopyStatement, seen: Set<string>): void {
  const { reader } = t;
  if (reader.peek().kind !== 'word') throw reader.syntaxError();
  const written = reader.peek().text.toUpperCase();
  let name = reader.next().value;
  if (name === 'format') {
    reader.acceptWords('as');
    if (reader.peek().kind !== 'word') throw reader.syntaxError();
    name = reader.next().value;
    if (name !== 'csv') throw new NotSupported(`COPY FORMAT ${name.toUpperCase()}`);
  }
  if (seen.has(name)) throw new RedshiftError(`conflicting or redundant options: ${name}`);
  seen.add(name);
  const flag = FLAGS.get(name);
  if (flag !== undefined) {
    Object.assign(copy, flag);
    return;
  }
  reader.acceptWords('as');
  switch (name) {
    case 'csv':
    case 'removequotes':
    case 'escape':
      return;
    case 'fixedwidth':
      reader.string();
      return;
    case 'iam_role':
      copy.iamRole = reader.acceptWords('default') ? 'default' : reader.string();
      return;
    case 'credentials':
      copy.iamRole = roleOfCredentials(reader.string());
      return;
    case 'quote':
      copy.quote = oneCharacter(reader.string(), 'quote');
      return;
    case 'delimiter':
      copy.delimiter = oneCharacter(reader.string(), 'delimiter');
      return;
    case 'null':
      copy.nullAs = nullString(t);
      return;
    case 'acceptinvchars': {
      const replacement = reader.peek().kind === 'string' ? reader.string() : '?';
      copy.replaceInvalid = oneCharacter(replacement, 'ACCEPTINVCHARS replacement');
      return;
    }
    case 'dateformat':
      copy.dateFormat = dateTimeReading(reader.string(), 'DATEFORMAT');
      return;
    case 'timeformat':
      copy.timeFormat = dateTimeReading(reader.string(), 'TIMEFORMAT');
      return;
    case 'encoding':
      encoding(t);
      return;
    case 'compupdate':
      // Encodings stay as declared: they have no effect on results.
      reader.acceptOneOf('on', 'true', 'preset', 'off', 'false');
      return;
    case 'comprows':
      reader.integer();
      return;
    case 'statupdate':
      copy.updateStatistics = reader.acceptOneOf('off', 'false') === undefined;
      reader.acceptOneOf('on', 'true');
      return;
    case 'maxerror':
      copy.maxErrors = reader.integer();
      if (copy.maxErrors > 100_000) throw new RedshiftError('MAXERROR must be between 0 and 100000', '22023');
      return;
    case 'ignoreheader':
      copy.ignoreHeaderLines = reader.integer();
      return;
    case 'region':
      copy.region = reader.string();
      return;
    default:
      throw new NotSupported(`the COPY option ${written}`);
  }
}

/** Options of one word. */
const FLAGS: ReadonlyMap<string, Partial<CopyStatement>> = new Map<string, Partial<CopyStatement>>([
  ['manifest', { manifest: true }],
  ['gzip', { compression: 'gzip' }],
  ['zstd', { compression: 'zstd' }],
  ['emptyasnull', { emptyAsNull: true }],
  ['blanksasnull', { blanksAsNull: true }],
  ['trimblanks', { trimBlanks: true }],
  ['truncatecolumns', { truncateColumns: true }],
  ['roundec', { roundDecimals: true }],
  ['acceptanydate', { acceptAnyDate: true }],
  ['fillrecord', { fillRecord: true }],
  ['ignoreblanklines', { ignoreBlankLines: true }],
  ['ignoreallerrors', { ignoreAllErrors: true }],
  ['explicit_ids', { explicitIds: true }],
  ['noload', { noLoad: true }],
]);

/** `aws_iam_role=arn`; access keys are refused, because nothing here could check them. */
function roleOfCredentials(text: string): string {
  const role = /^aws_iam_role=(.+)$/.exec(text);
  if (!role) throw new NotSupported('CREDENTIALS other than aws_iam_role=…');
  return role[1]!;
}

function oneCharacter(text: string, what: string): string {
  if (text.length !== 1 || text > '\x7f' || text === '\n' || text === '\r' || text === '\0') {
    throw new RedshiftError(`COPY ${what} must be a single ASCII character`, '22023');
  }
  return text;
}

/**
 * NULL AS takes any text as it is written: one control character, for example, or `'\N'`, a backslash and an N. Of the
 * escapes, AWS has only `'\0'` and `'\000'`, for NUL. Stored as latin1, one character per byte.
 */
function nullString(t: Translation): string {
  if (t.reader.peek().kind !== 'string') throw t.reader.syntaxError();
  const written = t.reader.next().text.slice(1, -1).replaceAll("''", "'");
  if (written === '\\0' || written === '\\000') return '\0';
  if (/[\r\n]/.test(written) || written === '\\n')
    throw new RedshiftError('COPY null string cannot contain a line end', '22023');
  if (written.includes('\\') && written !== '\\N')
    throw new NotSupported(`NULL AS with the escape ${written}`);
  return Buffer.from(written, 'utf8').toString('latin1');
}

/** The keywords are case-sensitive (AWS: "Data conversion parameters"). */
function dateTimeReading(text: string, option: 'DATEFORMAT' | 'TIMEFORMAT'): DateTimeReading {
  if (text === 'auto') return 'auto';
  if (option === 'TIMEFORMAT' && (text === 'epochsecs' || text === 'epochmillisecs')) return text;
  const format = dateTimeFormat(text);
  if (format === undefined)
    throw new RedshiftError(`COPY: ${option} '${text}' is not a format of dates`, '22023');
  return format;
}

function encoding(t: Translation): void {
  const { reader } = t;
  const name = reader.peek().kind === 'string' ? reader.string().toLowerCase() : reader.identifier();
  if (name !== 'utf8') throw new NotSupported(`the COPY ENCODING ${name.toUpperCase()}`);
}
