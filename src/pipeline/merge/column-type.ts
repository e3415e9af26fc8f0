/** A column type of any Redshift table, as far as loading and comparing its values depends on it. */
export interface ColumnType {
  readonly kind:
    | 'character'
    | 'char'
    | 'whole'
    | 'decimal'
    | 'float'
    | 'boolean'
    | 'time'
    | 'varbyte'
    | 'super'
    /** GEOMETRY, HLLSKETCH and what else has no order. */
    | 'opaque';
  /** As DDL writes it, in the short form. */
  readonly sql: string;
  /** Of a DECIMAL. */
  readonly precision?: number;
  readonly scale?: number;
}

type Kind = ColumnType['kind'];

/** Kinds and short forms by the names that DDL and the catalogue use. */
const NAMES: Readonly<Record<string, readonly [Kind, string]>> = {
  'character varying': ['character', 'varchar'],
  varchar: ['character', 'varchar'],
  nvarchar: ['character', 'varchar'],
  text: ['character', 'text'],
  character: ['char', 'char'],
  char: ['char', 'char'],
  nchar: ['char', 'char'],
  bpchar: ['char', 'bpchar'],
  smallint: ['whole', 'smallint'],
  int2: ['whole', 'smallint'],
  integer: ['whole', 'int'],
  int: ['whole', 'int'],
  int4: ['whole', 'int'],
  bigint: ['whole', 'bigint'],
  int8: ['whole', 'bigint'],
  numeric: ['decimal', 'decimal'],
  decimal: ['decimal', 'decimal'],
  real: ['float', 'real'],
  float4: ['float', 'real'],
  'double precision': ['float', 'float8'],
  float8: ['float', 'float8'],
  float: ['float', 'float'],
  boolean: ['boolean', 'boolean'],
  bool: ['boolean', 'boolean'],
  date: ['time', 'date'],
  timestamp: ['time', 'timestamp'],
  'timestamp without time zone': ['time', 'timestamp'],
  'timestamp with time zone': ['time', 'timestamptz'],
  timestamptz: ['time', 'timestamptz'],
  time: ['time', 'time'],
  'time without time zone': ['time', 'time'],
  'time with time zone': ['time', 'timetz'],
  timetz: ['time', 'timetz'],
  'interval year to month': ['time', 'interval year to month'],
  'interval day to second': ['time', 'interval day to second'],
  'binary varying': ['varbyte', 'varbyte'],
  varbyte: ['varbyte', 'varbyte'],
  varbinary: ['varbyte', 'varbyte'],
  super: ['super', 'super'],
};

const DEFAULT_PRECISION = 18;

/**
 * Parses a type as DDL or the catalogue writes it, in any case. What it does not know is `opaque`.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
 * @throws Error for a text that cannot be a type.
 */
export function columnType(text: string): ColumnType {
  const match = /^([a-z][a-z0-9 ]*?)\s*(?:\(\s*(\d+|max)\s*(?:,\s*(\d+)\s*)?\))?$/i.exec(text.trim());
  if (match === null) throw new Error(`not a Redshift type: ${JSON.stringify(text)}`);
  const [, name = '', first, second] = match;
  const [kind, short] = NAMES[name.toLowerCase().replaceAll(/\s+/g, ' ')] ?? ['opaque', name.toLowerCase()];
  if (kind === 'decimal') {
    const precision = Number(first ?? DEFAULT_PRECISION);
    const scale = Number(second ?? 0);
    return { kind, sql: `decimal(${precision},${scale})`, precision, scale };
  }
  return { kind, sql: first === undefined ? short : `${short}(${first}${second ? `,${second}` : ''})` };
}
