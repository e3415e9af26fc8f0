import type { ColumnType } from '../records/column-type.ts';

/** A column of the data files. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Filled by a function of the record module. Such columns take no part in choosing among duplicates. */
  readonly isComputed?: boolean;
}

export const isNested = (type: ColumnType): boolean => type.kind === 'list' || type.kind === 'struct';
