import type { RelationName, Translation } from './translation.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** A COPY as written, every option known. */
export type CopyStatement = {
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
  nullAs: string;
  compression: 'none' | 'gzip' | 'zstd';
  dateFormat: 'default' | 'auto';
  timeFormat: 'default' | 'auto';
  /** The load fails once this many rows were refused; 0 and 1 both mean the first one. */
  maxErrors: number;
  ignoreHeaderLines: number;
  region?: string;
  /** Only reads and checks the files. */
  noLoad: boolean;
};

/** The rest of a COPY after the word itself. */
export function parseCopy(t: Translation): CopyStatement {
  const { reader } = t;
  const target = t.relationName();
  const columns = reader.isOperator('(') ? reader.parenthesized(() => reader.identifier()) : undefined;
  reader.expectWords('from');
  const from = reader.string();
  if (!from.startsWith('s3://')) throw new NotSupported(`COPY from ${from.split(':')[0]} (only s3://)`);
  const copy: CopyStatement = {
    target,
    physicalTarget: t.target(target),
    ...(columns === undefined ? {} : { columns }),
    from,
    iamRole: '',
    manifest: false,
    quote: '"',
    delimiter: ',',
    nullAs: '\\N',
    compression: 'none',
    dateFormat: 'default',
    timeFormat: 'default',
    maxErrors: 0,
    ignoreHeaderLines: 0,
    noLoad: false,
  };
  const seen = new Set<string>();
  while (!reader.atEnd && !reader.isOperator(';')) option(t, copy, seen);
  if (copy.iamRole === '')
    throw new RedshiftError('COPY requires IAM_ROLE or CREDENTIALS to access Amazon S3', '42601');
  if (!seen.has('csv')) throw new NotSupported('COPY without FORMAT CSV (delimited text, JSON, Parquet)');
  if (copy.quote === copy.delimiter)
    throw new RedshiftError('COPY delimiter and quote must be different', '22023');
  return copy;
}

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
  reader.acceptWords('as');
  switch (name) {
    case 'iam_role':
      copy.iamRole = reader.acceptWords('default') ? 'default' : reader.string();
      return;
    case 'manifest':
      copy.manifest = true;
      return;
    case 'csv':
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
    case 'gzip':
    case 'zstd':
      if (copy.compression !== 'none') throw new RedshiftError('only one compression can be given');
      copy.compression = name;
      return;
    case 'dateformat':
      copy.dateFormat = autoOnly(reader.string(), 'DATEFORMAT');
      return;
    case 'timeformat':
      copy.timeFormat = autoOnly(reader.string(), 'TIMEFORMAT');
      return;
    case 'compupdate':
      if (reader.acceptOneOf('on', 'true', 'preset')) throw new NotSupported('COMPUPDATE ON');
      reader.acceptOneOf('off', 'false');
      return;
    case 'statupdate':
      reader.acceptOneOf('on', 'true', 'off', 'false');
      return;
    case 'maxerror':
      copy.maxErrors = reader.integer();
      if (copy.maxErrors > 100_000) throw new RedshiftError('MAXERROR must be between 0 and 100000', '22023');
      return;
    case 'ignoreheader':
      copy.ignoreHeaderLines = reader.integer();
      return;
    case 'noload':
      copy.noLoad = true;
      return;
    case 'region':
      copy.region = reader.string();
      return;
    default:
      throw new NotSupported(`the COPY option ${written}`);
  }
}

function oneCharacter(text: string, what: string): string {
  if (text.length !== 1 || text > '\x7f' || text === '\n' || text === '\r') {
    throw new RedshiftError(`COPY ${what} must be a single ASCII character`, '22023');
  }
  return text;
}

/** NULL AS takes its text as written: `'\N'` is a backslash and an N. */
function nullString(t: Translation): string {
  if (t.reader.peek().kind !== 'string') throw t.reader.syntaxError();
  const written = t.reader.next().text.slice(1, -1).replaceAll("''", "'");
  if (written.includes('\\') && written !== '\\N')
    throw new NotSupported(`NULL AS with the escape ${written}`);
  if (/[\r\n]/.test(written)) throw new RedshiftError('COPY null string cannot contain a line end', '22023');
  return written;
}

function autoOnly(format: string, option: string): 'auto' {
  if (format !== 'auto') throw new NotSupported(`${option} '${format}'`);
  return 'auto';
}
