import { type DateTimeReading, dateTimeFormat } from '../../copy/values/date-time.ts';
import { optionName, roleOf } from '../file-options.ts';
import type { Translation } from '../translation.ts';
import { NotSupported, RedshiftError } from '../unsupported.ts';
import type { CopyStatement, JsonMapping } from './copy-statement.ts';

/** Reads the next option of a COPY into `copy` and notes its name in `seen`. @throws if it is unknown, refused or repeated */
export function copyOption(t: Translation, copy: CopyStatement, seen: Set<string>): void {
  const { reader } = t;
  const { name, written } = optionName(reader, 'COPY', FORMATS, seen);
  const flag = FLAGS.get(name);
  if (flag !== undefined) {
    Object.assign(copy, flag);
    return;
  }
  reader.acceptWords('as');
  switch (name) {
    case 'json':
      copy.format = 'json';
      if (reader.peek().kind === 'string') copy.json = jsonMapping(reader.string());
      return;
    case 'fixedwidth':
      reader.string();
      return;
    case 'iam_role':
    case 'credentials':
      copy.iamRole = roleOf(reader, name);
      return;
    case 'quote':
      copy.quote = oneCharacter(reader.string(), 'quote');
      return;
    case 'delimiter':
      copy.delimiter = asciiText(reader.string(), 'delimiter');
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

/** The words that may follow FORMAT [AS]. */
const FORMATS: ReadonlySet<string> = new Set(['csv', 'delimiter', 'json', 'parquet', 'fixedwidth']);

/** Options of one word. */
const FLAGS: ReadonlyMap<string, Partial<CopyStatement>> = new Map<string, Partial<CopyStatement>>([
  ['csv', { format: 'csv' }],
  ['parquet', { format: 'parquet' }],
  ['serializetojson', { serializeToJson: true }],
  ['escape', { escape: true }],
  ['removequotes', { removeQuotes: true }],
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

function jsonMapping(text: string): JsonMapping {
  if (text === 'auto' || text === 'auto ignorecase' || text === 'noshred') return text;
  if (text.startsWith('s3://')) return { pathsFile: text };
  throw new RedshiftError(
    `COPY JSON '${text}': should be 'auto', 'auto ignorecase', 'noshred' or the s3:// address of a JSONPaths file`,
    '22023',
  );
}

function oneCharacter(text: string, what: string): string {
  if (text.length !== 1) throw new RedshiftError(`COPY ${what} must be a single ASCII character`, '22023');
  return asciiText(text, what);
}

/** Delimiters may be of several characters (AWS: "Data format parameters"); others than ASCII are refused here. */
function asciiText(text: string, what: string): string {
  if (text === '' || !/^[^\0\r\n\x80-\uffff]+$/.test(text))
    throw new RedshiftError(`COPY ${what} must be of ASCII characters other than NUL and line ends`, '22023');
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
