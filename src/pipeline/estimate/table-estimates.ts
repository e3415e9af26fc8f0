import { type RedshiftType, typeSql } from '../columns/redshift-type.ts';
import { bytesAt, scalarAt, valuesAt } from '../columns/seen-column.ts';
import { attributePath, isRoot, type Path } from '../item/path.ts';
import { positionsOf } from '../run/seal/seal.ts';
import { type AgreedColumn, type AgreedSchema, agreedTable } from '../schema/agreed-schema.ts';
import { type Seen, type TableSeen, tableSeen } from '../seen/seen.ts';

/** A table that a run would fill. */
export interface TableEstimate {
  readonly name: string;
  readonly path: Path;
  readonly rows: number;
  readonly columns: number;
  /** Bytes on the warehouse's disks. */
  readonly bytes: number;
  /** The agreed schema does not have it yet. */
  readonly isNew: boolean;
  /** Absent if there are too many to list. */
  readonly named?: readonly { readonly name: string; readonly type: string }[];
}

/** Redshift stores a column in blocks of this size, at least one per slice. */
const BLOCK_BYTES = 1024 * 1024;
/** Slices of the smallest node. */
export const ASSUMED_SLICES = 2;
/** Columns that Redshift adds to each table. */
const HIDDEN_COLUMNS = 3;

/**
 * @param before the agreed schema, undefined if there is none
 * @param after the schema with what a sample showed
 * @param seen what the sample showed
 * @param scale the table's items per item of the sample
 * @param mostNamed how many columns are listed by name, in all tables together
 */
export function estimateTables(
  before: AgreedSchema | undefined,
  after: AgreedSchema,
  seen: Seen,
  scale: number,
  mostNamed: number,
): TableEstimate[] {
  const keys = after.key.map(({ columnName, type }) => ({ name: columnName, type: typeSql(type) }));
  let left = mostNamed;
  return after.tables.map(({ path, name, columns }): TableEstimate => {
    const ofTable = tableSeen(seen, path);
    const named = [
      ...keys,
      ...[...positionsOf(path, after.seen), ...columns].map((column) => ({
        name: column.name,
        type: typeSql(column.type),
      })),
    ];
    left -= named.length;
    const data = columns.reduce(
      (sum, column) => sum + bytesOf(ofTable, column),
      keyBytes(after, seen, ofTable),
    );
    const rows = Math.round(ofTable.rows * scale);
    const least = rows === 0 ? 0 : (named.length + HIDDEN_COLUMNS) * ASSUMED_SLICES * BLOCK_BYTES;
    return {
      ...{ name, path, rows, columns: named.length },
      bytes: Math.max(least, Math.round(data * scale)),
      isNew: agreedTable(before, path) === undefined,
      ...(left < 0 ? {} : { named }),
    };
  });
}

/** The copies of the key: as long in every table, on average, as in the root tables. */
function keyBytes({ key }: AgreedSchema, seen: Seen, { rows }: TableSeen): number {
  const roots = Object.keys(seen.tables).filter(isRoot);
  const items = roots.reduce((sum, root) => sum + tableSeen(seen, root).rows, 0);
  const bytes = roots.reduce(
    (sum, root) =>
      key.reduce(
        (all, { name, type }) => all + scalarBytes(tableSeen(seen, root), attributePath(root, name), type),
        sum,
      ),
    0,
  );
  return items === 0 ? 0 : (bytes / items) * rows;
}

function bytesOf(seen: TableSeen, column: AgreedColumn): number {
  switch (column.form) {
    case 'scalar':
      return scalarBytes(seen, column.path, column.type);
    case 'count':
      return valuesAt(seen, column) * 4;
    case 'bytes':
      return valuesAt(seen, column) * (bytesAt(seen, column.path)?.maxBytes ?? 0);
  }
}

function scalarBytes(seen: TableSeen, path: Path, type: RedshiftType): number {
  const scalar = scalarAt(seen, path);
  if (scalar === undefined) return 0;
  const width = fixedWidth(type);
  return width === undefined ? scalar.textBytes : scalar.values * width;
}

/** Bytes of a value, undefined if they depend on it. */
function fixedWidth(type: RedshiftType): number | undefined {
  switch (type.type) {
    case 'BOOLEAN':
      return 1;
    case 'INTEGER':
    case 'DATE':
      return 4;
    case 'BIGINT':
    case 'TIMESTAMPTZ':
      return 8;
    case 'DECIMAL':
      return type.precision > 18 ? 16 : 8;
    case 'VARCHAR':
    case 'VARBYTE':
    case 'SUPER':
      return undefined;
  }
}
