import type { FieldDef } from 'pg';

/** The Data API's type names, by PostgreSQL's type numbers. */
const TYPE_NAMES: Record<number, string> = {
  16: 'bool',
  17: 'varbyte',
  19: 'name',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  25: 'varchar',
  26: 'oid',
  700: 'float4',
  701: 'float8',
  705: 'varchar',
  1042: 'bpchar',
  1043: 'varchar',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
  3802: 'super',
};
const SIZES: Record<number, number> = {
  16: 1,
  20: 19,
  21: 5,
  23: 10,
  26: 10,
  700: 8,
  701: 17,
  1082: 13,
  1114: 29,
  1184: 35,
};
const LONG_TYPES = new Set([20, 21, 23, 26]);
const DOUBLE_TYPES = new Set([700, 701]);

/** A field of a result as JSON text. Numbers keep all their digits: they never become JavaScript numbers. */
export function fieldJson(text: string | null, typeId: number): string {
  if (text === null) return '{"isNull":true}';
  if (LONG_TYPES.has(typeId)) return `{"longValue":${text}}`;
  if (typeId === 16) return `{"booleanValue":${text === 't'}}`;
  if (DOUBLE_TYPES.has(typeId))
    return `{"doubleValue":${/^[-\d]/.test(text) && !text.includes('Inf') ? text : JSON.stringify(text)}}`;
  if (typeId === 17) return `{"blobValue":"${Buffer.from(text.slice(2), 'hex').toString('base64')}"}`;
  if (typeId === 3802) return `{"stringValue":${JSON.stringify(compactJson(text))}}`;
  return `{"stringValue":${JSON.stringify(text)}}`;
}

/**
 * A row as a line of the CSV format. NULL and the empty text are both an empty field; binary is hexadecimal. The
 * service documents only an example: it gives the header and the line ends, and the rest is our reading.
 */
export function csvLine(row: readonly (string | null)[], typeIds: readonly number[]): string {
  const fields = row.map((text, index) => {
    if (text === null) return '';
    const typeId = typeIds[index];
    if (typeId === 16) return text === 't' ? 'true' : 'false';
    if (typeId === 17) return text.slice(2);
    return csvField(typeId === 3802 ? compactJson(text) : text);
  });
  return `${fields.join(',')}\r\n`;
}

export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** jsonb's text has spaces after `:` and `,`; Redshift's SUPER has none. */
function compactJson(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (match) => (match.startsWith('"') ? match : ''));
}

export function columnMetadata(field: FieldDef, label: string): Record<string, unknown> {
  const { dataTypeID: typeId, dataTypeModifier: modifier } = field;
  const isNumeric = typeId === 1700;
  const length = modifier >= 4 && (typeId === 1043 || typeId === 1042) ? modifier - 4 : 0;
  return {
    columnDefault: '',
    isCaseSensitive: [25, 1042, 1043, 19].includes(typeId),
    isCurrency: false,
    isSigned: LONG_TYPES.has(typeId) || DOUBLE_TYPES.has(typeId) || isNumeric,
    label,
    length,
    name: label,
    nullable: 1,
    precision: isNumeric
      ? modifier >= 4
        ? (modifier - 4) >> 16
        : 38
      : length > 0
        ? length
        : (SIZES[typeId] ?? 2_147_483_647),
    scale: isNumeric && modifier >= 4 ? (modifier - 4) & 0xffff : 0,
    schemaName: '',
    tableName: '',
    typeName: TYPE_NAMES[typeId] ?? 'varchar',
  };
}
