import type { TypeKind } from '../sql/type-name.ts';

/** A column that COPY loads. */
export interface TargetColumn {
  /** As Redshift shows it. */
  name: string;
  physicalName: string;
  kind: TypeKind;
  display: string;
  maxBytes: number;
  precision: number;
  scale: number;
  notNull: boolean;
}
