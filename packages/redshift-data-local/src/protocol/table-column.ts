/** The Data API's type names, by the catalogue's. */
const TYPE_NAMES: Record<string, string> = {
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  boolean: 'bool',
  'character varying': 'varchar',
  character: 'bpchar',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'binary varying': 'varbyte',
};
const IS_TEXT = new Set(['varchar', 'bpchar', 'name', 'text']);
const IS_NUMBER = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']);
/** The sizes that the service returns for types without a length. */
const SIZES: Record<string, number> = {
  bool: 1,
  int2: 5,
  int4: 10,
  int8: 19,
  float4: 8,
  float8: 17,
  date: 13,
  timestamp: 29,
  timestamptz: 35,
};

/** A column of a table as DescribeTable shows it. */
export function tableColumn(column: {
  schema: string;
  table: string;
  name: string;
  /** Such as `character varying(20)`. */
  displayType: string;
  isNullable: boolean;
  defaultValue: string | null;
}): object {
  const [, base = '', first, second] = /^([^(]*)(?:\((\d+)(?:,(\d+))?\))?$/.exec(column.displayType) ?? [];
  const typeName = TYPE_NAMES[base] ?? base;
  const size = first === undefined ? (SIZES[typeName] ?? 0) : Number(first);
  return {
    columnDefault: column.defaultValue ?? '',
    isCaseSensitive: IS_TEXT.has(typeName),
    isCurrency: false,
    isSigned: IS_NUMBER.has(typeName),
    label: column.name,
    length: size,
    name: column.name,
    nullable: column.isNullable ? 1 : 0,
    precision: size,
    scale: second === undefined ? 0 : Number(second),
    schemaName: column.schema,
    tableName: column.table,
    typeName,
  };
}
