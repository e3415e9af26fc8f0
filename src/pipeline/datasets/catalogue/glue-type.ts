import type { ColumnType } from '../records/column-type.ts';

/** A column's type in the catalogue. Athena and Redshift Spectrum read the files only if it is the files' own type exactly. */
export function glueType(type: ColumnType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'list':
      return `array<${glueType(type.of)}>`;
    case 'struct':
      return `struct<${type.fields.map(({ name, type: of }) => `${name}:${glueType(of)}`).join(',')}>`;
    case 'string':
    case 'bigint':
    case 'double':
    case 'boolean':
    case 'timestamp':
    case 'date':
    case 'binary':
      return type.kind;
  }
}
