/** The options of COPY, each with the setting of a loader that it is, or a note on what to do instead. */

/** A value that the file cannot have yet: no setting that gets it accepts it. */
export const OPEN = 'TODO';

/** What has been read so far. */
export interface Found {
  kind?: string;
  settings: Record<string, unknown>;
  region?: string;
  notes: string[];
}

export type Argument = 'none' | 'text' | 'number' | 'word' | 'maybe text' | 'maybe word';

/** An option: its argument, and what it sets or notes. */
export interface Clause {
  readonly argument: Argument;
  /** @param value the argument, without its quotes; empty if it is absent */
  readonly apply: (found: Found, value: string) => void;
}

const kind = (name: string): Clause => ({
  argument: 'none',
  apply: (found) => {
    found.kind = name;
  },
});
const set = (name: string, value: unknown): Clause => ({
  argument: 'none',
  apply: ({ settings }) => {
    settings[name] = value;
  },
});
const text = (name: string): Clause => ({
  argument: 'text',
  apply: ({ settings }, value) => {
    settings[name] = value;
  },
});
/** The value of a secret is never repeated. */
const advise = (name: string, argument: Argument, advice: string, isSecret = false): Clause => ({
  argument,
  apply: ({ notes }, value) =>
    void notes.push(`${name}${value === '' || isSecret ? '' : ` ${value}`}: ${advice}`),
});
const drop: Clause = { argument: 'none', apply: () => undefined };

const otherKind = (name: string, argument: Argument = 'none'): Clause => ({
  argument,
  apply: (found) => {
    found.kind = OPEN;
    found.notes.push(
      `${name}: loaders read csv, text, json and parquet. Have the files written in one of these formats`,
    );
  },
});
const otherCompression = (name: string): Clause => ({
  argument: 'none',
  apply: ({ settings, notes }) => {
    settings.compression = OPEN;
    notes.push(
      `${name}: loaders read gzip, zstd and files without compression. Have the files compressed with one of these`,
    );
  },
});

const CREDENTIALS = 'left out, because credentials do not go into this file. COPY uses target.iamRole';
const STATISTICS = 'left out: Tributary decides this for its staging tables';

/** All options by their first word. */
export const CLAUSES: Readonly<Record<string, Clause>> = {
  FORMAT: drop,
  CSV: kind('csv'),
  PARQUET: kind('parquet'),
  JSON: {
    argument: 'maybe text',
    apply: (found, value) => {
      found.kind = 'json';
      if (value !== '' && value !== 'auto') found.settings.paths = value;
      if (value === 'noshred')
        found.notes.push(
          "JSON 'noshred': a loader loads keys into columns. Use auto, or a JSONPaths file with the path $",
        );
    },
  },
  AVRO: otherKind('AVRO', 'maybe text'),
  ORC: otherKind('ORC'),
  SHAPEFILE: otherKind('SHAPEFILE'),
  FIXEDWIDTH: otherKind('FIXEDWIDTH', 'text'),
  GZIP: set('compression', 'gzip'),
  ZSTD: set('compression', 'zstd'),
  BZIP2: otherCompression('BZIP2'),
  LZOP: otherCompression('LZOP'),
  DELIMITER: {
    argument: 'text',
    apply: ({ settings }, value) => {
      settings.delimiter = character(value);
    },
  },
  QUOTE: text('quote'),
  NULL: text('nullText'),
  DATEFORMAT: text('dateFormat'),
  TIMEFORMAT: text('timeFormat'),
  IGNOREHEADER: {
    argument: 'number',
    apply: ({ settings, notes }, value) => {
      settings.header = { 0: false, 1: true }[value] ?? OPEN;
      if (settings.header === OPEN)
        notes.push(
          `IGNOREHEADER ${value}: a loader skips one line, the names of the columns. Have the others left out of the files`,
        );
    },
  },
  ACCEPTINVCHARS: {
    argument: 'maybe text',
    apply: ({ settings }, value) => {
      settings.acceptInvalidCharacters = value || '?';
    },
  },
  EMPTYASNULL: set('emptyAsNull', true),
  BLANKSASNULL: set('blanksAsNull', true),
  TRIMBLANKS: set('trimBlanks', true),
  IGNOREBLANKLINES: set('ignoreBlankLines', true),
  FILLRECORD: set('fillRecord', true),
  ESCAPE: set('escape', true),
  REMOVEQUOTES: set('removeQuotes', true),
  SERIALIZETOJSON: set('serializeToJson', true),
  REGION: {
    argument: 'text',
    apply: (found, value) => {
      found.region = value;
    },
  },
  MANIFEST: drop,
  TRUNCATECOLUMNS: advise(
    'TRUNCATECOLUMNS',
    'none',
    'left out, because a loader cuts no value. A text that is too long parks its batch: widen the column',
  ),
  MAXERROR: advise(
    'MAXERROR',
    'number',
    'left out, because a loader skips no row. A row that does not fit parks its batch, which shows file, line and value',
  ),
  ACCEPTANYDATE: advise(
    'ACCEPTANYDATE',
    'none',
    'left out, because it makes NULL of a date that cannot be read. Such a date parks its batch: set dateFormat, or load it as text',
  ),
  ROUNDEC: advise('ROUNDEC', 'none', 'left out: a decimal with more digits than its column parks its batch'),
  EXPLICIT_IDS: advise('EXPLICIT_IDS', 'none', 'left out: loaders do not write IDENTITY columns'),
  ENCODING: {
    argument: 'word',
    apply: ({ notes }, value) => {
      if (!/^utf-?8$/i.test(value))
        notes.push(`ENCODING ${value}: loaders read UTF-8. Have the files written so`);
    },
  },
  ENCRYPTED: advise(
    'ENCRYPTED',
    'none',
    'left out: loaders read files as S3 decrypts them (SSE), not those that clients encrypted',
  ),
  NOLOAD: advise('NOLOAD', 'none', 'left out: a loader loads'),
  COMPUPDATE: advise('COMPUPDATE', 'maybe word', STATISTICS),
  STATUPDATE: advise('STATUPDATE', 'maybe word', STATISTICS),
  COMPROWS: advise('COMPROWS', 'number', STATISTICS),
  READRATIO: advise('READRATIO', 'number', 'left out: it is for copies of DynamoDB tables'),
  SSH: advise('SSH', 'none', 'left out: loaders read files in S3'),
  IAM_ROLE: advise('IAM_ROLE', 'text', 'left out: COPY uses target.iamRole'),
  CREDENTIALS: advise('CREDENTIALS', 'text', CREDENTIALS, true),
  ACCESS_KEY_ID: advise('ACCESS_KEY_ID', 'text', CREDENTIALS, true),
  SECRET_ACCESS_KEY: advise('SECRET_ACCESS_KEY', 'text', CREDENTIALS, true),
  SESSION_TOKEN: advise('SESSION_TOKEN', 'text', CREDENTIALS, true),
  MASTER_SYMMETRIC_KEY: advise('MASTER_SYMMETRIC_KEY', 'text', CREDENTIALS, true),
};

/** `\t` and octal numbers such as `\001` stand for one character. */
function character(written: string): string {
  if (written === '\\t') return '\t';
  const octal = /^\\([0-7]{1,3})$/.exec(written)?.[1];
  return octal === undefined ? written : String.fromCharCode(Number.parseInt(octal, 8));
}
