/**
 * The types of a dataset's columns, as the configuration writes them: `string`, `bigint`, `double`, `decimal(18,2)`,
 * `boolean`, `timestamp`, `date`, `binary`, `list<bigint>`, `struct<id: bigint, tags: list<string>>`.
 */
export type ColumnType =
  | { readonly kind: 'string' | 'bigint' | 'double' | 'boolean' | 'timestamp' | 'date' | 'binary' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'list'; readonly of: ColumnType }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] };

interface StructField {
  readonly name: string;
  readonly type: ColumnType;
}

/** A column of the data files. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Filled by a function of the record module. Such columns take no part in choosing among duplicates. */
  readonly isComputed?: boolean;
}

/** The type as the configuration writes it. */
export function typeText(type: ColumnType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'list':
      return `list<${typeText(type.of)}>`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(', ')}>`;
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

export const isNested = (type: ColumnType): boolean => type.kind === 'list' || type.kind === 'struct';
