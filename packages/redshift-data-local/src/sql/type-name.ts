import type { TokenReader } from './tokens/token-reader.ts';
import { NotSupported, RedshiftError } from './unsupported.ts';

/** A Redshift type as declared, and the PostgreSQL type that stores it. */
export interface TypeName {
  kind: TypeKind;
  /** How Redshift's catalogue writes it, such as `character varying(256)`. */
  display: string;
  /** The PostgreSQL type. */
  physical: string;
  /** VARCHAR, CHAR, VARBYTE: bytes. SUPER: bytes of its serialized form. */
  maxBytes?: number;
  precision?: number;
  scale?: number;
}

export type TypeKind =
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'numeric'
  | 'real'
  | 'double'
  | 'boolean'
  | 'varchar'
  | 'char'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'varbyte'
  | 'super';

const MAX_VARCHAR_BYTES = 65_535;
const MAX_CHAR_BYTES = 4_096;
const MAX_VARBYTE_BYTES = 16_777_216;
const DEFAULT_VARBYTE_BYTES = 64_000;
const MAX_SUPER_BYTES = 16_777_216;

const SIMPLE: Record<string, TypeName> = {
  smallint: { kind: 'smallint', display: 'smallint', physical: 'int2' },
  int2: { kind: 'smallint', display: 'smallint', physical: 'int2' },
  integer: { kind: 'integer', display: 'integer', physical: 'int4' },
  int: { kind: 'integer', display: 'integer', physical: 'int4' },
  int4: { kind: 'integer', display: 'integer', physical: 'int4' },
  bigint: { kind: 'bigint', display: 'bigint', physical: 'int8' },
  int8: { kind: 'bigint', display: 'bigint', physical: 'int8' },
  real: { kind: 'real', display: 'real', physical: 'float4' },
  float4: { kind: 'real', display: 'real', physical: 'float4' },
  float8: { kind: 'double', display: 'double precision', physical: 'float8' },
  boolean: { kind: 'boolean', display: 'boolean', physical: 'bool' },
  bool: { kind: 'boolean', display: 'boolean', physical: 'bool' },
  date: { kind: 'date', display: 'date', physical: 'date' },
  timestamptz: { kind: 'timestamptz', display: 'timestamp with time zone', physical: 'timestamptz' },
  super: { kind: 'super', display: 'super', physical: 'jsonb', maxBytes: MAX_SUPER_BYTES },
};

/** Names that start a type, for callers that must distinguish a type from something else. */
export function parseTypeName(reader: TokenReader, purpose: 'column' | 'cast'): TypeName {
  const start = reader.peek();
  const name = reader.identifier();
  const known = SIMPLE[name];
  if (known) return known;
  switch (name) {
    case 'double':
      reader.expectWords('precision');
      return SIMPLE.float8!;
    case 'float': {
      const bits = lengthOf(reader) ?? 53;
      return bits <= 24 ? SIMPLE.real! : SIMPLE.float8!;
    }
    case 'numeric':
    case 'decimal':
      return numericType(reader);
    case 'timestamp':
      if (reader.acceptWords('with', 'time', 'zone')) return SIMPLE.timestamptz!;
      reader.acceptWords('without', 'time', 'zone');
      return { kind: 'timestamp', display: 'timestamp without time zone', physical: 'timestamp' };
    case 'varchar':
    case 'nvarchar':
      return varcharType(reader, purpose);
    case 'text':
      return varchar(256);
    case 'char':
    case 'character':
    case 'nchar':
    case 'bpchar':
      if (name !== 'bpchar' && reader.acceptWords('varying')) return varcharType(reader, purpose);
      return charType(name === 'bpchar' ? 256 : (lengthOf(reader) ?? 1));
    case 'varbyte':
    case 'varbinary':
      return varbyteType(reader);
    case 'binary':
      reader.expectWords('varying');
      return varbyteType(reader);
    default:
      if (UNSUPPORTED_TYPES.has(name)) throw new NotSupported(`the type ${start.text.toUpperCase()}`);
      throw new RedshiftError(`type "${name}" does not exist`, '42704');
  }
}

const UNSUPPORTED_TYPES = new Set([
  'time',
  'timetz',
  'interval',
  'geometry',
  'geography',
  'hllsketch',
  'regclass',
  'name',
  'oid',
]);

function numericType(reader: TokenReader): TypeName {
  let precision = 18;
  let scale = 0;
  if (reader.acceptOperator('(')) {
    precision = reader.integer();
    if (reader.acceptOperator(',')) scale = reader.integer();
    reader.expectOperator(')');
  }
  if (precision < 1 || precision > 38) {
    throw new RedshiftError(`NUMERIC precision ${precision} must be between 1 and 38`, '22023');
  }
  if (scale > precision || scale > 37) {
    throw new RedshiftError(`NUMERIC scale ${scale} must be between 0 and precision ${precision}`, '22023');
  }
  const written = `numeric(${precision},${scale})`;
  return { kind: 'numeric', display: written, physical: written, precision, scale };
}

/** Without a length VARCHAR is VARCHAR(256) in a table, and as long as its value in an expression. */
function varcharType(reader: TokenReader, purpose: 'column' | 'cast'): TypeName {
  const bytes = lengthOf(reader, MAX_VARCHAR_BYTES);
  if (bytes === undefined && purpose === 'cast') {
    return {
      kind: 'varchar',
      display: 'character varying',
      physical: 'varchar',
      maxBytes: MAX_VARCHAR_BYTES,
    };
  }
  return varchar(bytes ?? 256);
}

function varchar(bytes: number): TypeName {
  if (bytes < 1) throw new RedshiftError('length for type varchar must be at least 1', '22023');
  if (bytes > MAX_VARCHAR_BYTES) {
    throw new RedshiftError(`length for type varchar cannot exceed ${MAX_VARCHAR_BYTES}`, '22023');
  }
  const written = `(${bytes})`;
  return {
    kind: 'varchar',
    display: `character varying${written}`,
    physical: `varchar${written}`,
    maxBytes: bytes,
  };
}

function charType(bytes: number): TypeName {
  if (bytes < 1) throw new RedshiftError('length for type char must be at least 1', '22023');
  if (bytes > MAX_CHAR_BYTES)
    throw new RedshiftError(`length for type char cannot exceed ${MAX_CHAR_BYTES}`, '22023');
  return { kind: 'char', display: `character(${bytes})`, physical: `char(${bytes})`, maxBytes: bytes };
}

function varbyteType(reader: TokenReader): TypeName {
  const bytes = lengthOf(reader, MAX_VARBYTE_BYTES) ?? DEFAULT_VARBYTE_BYTES;
  if (bytes < 1 || bytes > MAX_VARBYTE_BYTES) {
    throw new RedshiftError(`length for type varbyte must be between 1 and ${MAX_VARBYTE_BYTES}`, '22023');
  }
  return { kind: 'varbyte', display: `binary varying(${bytes})`, physical: 'bytea', maxBytes: bytes };
}

function lengthOf(reader: TokenReader, max?: number): number | undefined {
  if (!reader.acceptOperator('(')) return undefined;
  const length = max !== undefined && reader.acceptWords('max') ? max : reader.integer();
  reader.expectOperator(')');
  return length;
}
