import type { ResultTable } from '../../clients/redshift/redshift-data-warehouse.ts';
import type { QueryRows } from '../../clients/table-engine.ts';

/** A result of the engine as the lines of `query` take it: numbers where JavaScript's hold them, else exact text. */
export function typedRows({ columns, types, rows }: QueryRows, isWhole: boolean): ResultTable {
  const kinds = types.map((type) => type.toLowerCase().replace('hugeint', 'bigint'));
  return {
    columns: columns.map((name, i) => ({ name, type: kinds[i] ?? '' })),
    rows: rows.map((row) => row.map((cell, i) => typed(cell, kinds[i] ?? ''))),
    isWhole,
  };
}

const INTEGER = /^(?:u?(?:tiny|small|big)int|integer|uinteger)$/;

function typed(cell: string | null, type: string): string | number | boolean | null {
  if (cell === null) return null;
  if (type === 'boolean') return cell === 'true';
  if (type === 'double' || type === 'float') return Number.isFinite(Number(cell)) ? Number(cell) : cell;
  return INTEGER.test(type) && Number.isSafeInteger(Number(cell)) ? Number(cell) : cell;
}
