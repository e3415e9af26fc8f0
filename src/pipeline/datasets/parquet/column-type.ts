import type { ColumnType } from '../records/column-type.ts';

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
