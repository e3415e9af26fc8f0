import type { CopyStatement } from '../../sql/copy/copy-statement.ts';
import type { CopyFailure } from '../copy-failure.ts';
import type { TargetColumn } from '../target-column.ts';
import { bytesOfPrecision } from './decimal-text.ts';
import type { ParquetNode } from './parquet-schema.ts';
import { spectrumFailure } from './spectrum-failure.ts';

/**
 * Compares a file's columns with the table's: the same number, in the same order, each with a type that fits.
 * @param file its addresses, as errors show them
 * @returns why the file cannot be loaded, or nothing
 */
export function schemaProblem(
  nodes: ParquetNode[],
  columns: TargetColumn[],
  copy: Pick<CopyStatement, 'fillRecord' | 'serializeToJson'>,
  file: { httpsUrl: string; s3Url: string },
): CopyFailure | undefined {
  if (new Set(nodes.map(({ name }) => name)).size < nodes.length)
    return spectrumFailure(`Duplicate Parquet column names in the schema, File name: ${file.httpsUrl}`);
  if (copy.fillRecord ? nodes.length > columns.length : nodes.length !== columns.length) {
    return spectrumFailure(
      `Unmatched number of columns between table and file. Table columns: ${columns.length}, Data columns: ${nodes.length}, File name: ${file.httpsUrl}`,
    );
  }
  for (const [index, node] of nodes.entries()) {
    const column = columns[index]!;
    const { type } = node;
    if (!fits(node, column, copy.serializeToJson)) {
      return spectrumFailure(
        `File '${file.httpsUrl}' has an incompatible Parquet schema for column '${file.s3Url}.${column.name}'. Column type: ${typeName(column)}, Parquet schema:\n${node.shown}`,
      );
    }
    if (type.kind !== 'decimal' || type.typeLength === undefined) continue;
    const expected = bytesOfPrecision(type.precision);
    if (column.kind === 'numeric' && type.typeLength !== expected) {
      return spectrumFailure(
        `File '${file.httpsUrl}' column '${node.name}' has an invalid type length. Expecting: ${expected} len in file: ${type.typeLength}`,
      );
    }
  }
  return undefined;
}

/** Spectrum converts nothing: a column's type must be the stored one (AWS: "Troubleshooting queries in Redshift Spectrum"). */
function fits(node: ParquetNode, column: TargetColumn, serializeToJson: boolean): boolean {
  const { type } = node;
  switch (column.kind) {
    case 'smallint':
      return type.kind === 'integer' && type.bits <= 16;
    case 'integer':
      return type.kind === 'integer' && type.bits <= 32;
    case 'bigint':
      return type.kind === 'integer' && type.bits === 64;
    case 'numeric':
      return type.kind === 'decimal' && type.precision === column.precision && type.scale === column.scale;
    case 'real':
      return type.kind === 'float';
    case 'double':
      return type.kind === 'double';
    case 'boolean':
    case 'date':
      return type.kind === column.kind;
    case 'timestamp':
    case 'timestamptz':
      return type.kind === 'timestamp';
    case 'varchar':
    case 'char':
      return type.kind === 'text' || type.kind === 'bytes';
    case 'varbyte':
      return type.kind === 'bytes';
    case 'super':
      return serializeToJson && hasJson(node);
    default:
      return false;
  }
}

function hasJson({ type, children }: ParquetNode): boolean {
  return type.kind !== 'other' && type.kind !== 'bytes' && children.every(hasJson);
}

/** A column's type as Spectrum writes it. */
function typeName({ kind, precision, scale }: TargetColumn): string {
  if (kind === 'numeric') return `DECIMAL(${precision}, ${scale})`;
  return kind === 'integer' ? 'INT' : kind.toUpperCase();
}
