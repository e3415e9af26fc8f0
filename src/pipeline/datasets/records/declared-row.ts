import { cellOf, type InstantRule } from './cell.ts';
import { type ColumnType, typeText } from './column-type.ts';
import { localHours } from './local-time.ts';
import { Misfit } from './misfit.ts';
import type { Cell } from './record-row.ts';

interface DeclaredColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** A row that is not one of its table. The message names the column. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused';
}

/**
 * The cells of a row that a function made, exactly. It has a property for each column and no others; null is NULL. Numbers of
 * JavaScript stand only for what they hold exactly: never for a decimal with digits after the point.
 * @param timezone whose days columns of type `date` have, if they are given an instant
 * @throws RowRefused
 */
export function declaredRow(
  columns: readonly DeclaredColumn[],
  timezone: string,
): (row: unknown) => readonly Cell[] {
  const names = new Set(columns.map(({ name }) => name));
  const rule: InstantRule = { local: localHours(timezone) };
  return (row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new RowRefused(`expected an object with a property for each column, got ${kindOf(row)}`);
    const foreign = Object.keys(row).find((name) => !names.has(name));
    if (foreign !== undefined) throw new RowRefused(`it has ${foreign}, which columns does not declare`);
    return columns.map((column) =>
      cell(column, (row as Readonly<Record<string, unknown>>)[column.name], rule),
    );
  };
}

function cell({ name, type }: DeclaredColumn, value: unknown, rule: InstantRule): Cell {
  if (value === undefined) throw new RowRefused(`it has no ${name}: null is NULL`);
  try {
    refuseFloats(value, type);
    return cellOf(value, type, rule);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new RowRefused(`column ${name}: expected ${typeText(type)}, got ${error.message}`);
  }
}

/** A number with a fraction, or beyond 2^53, may have been rounded before it came here. */
function refuseFloats(value: unknown, { kind }: ColumnType): void {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return;
  if (kind === 'decimal')
    throw new Misfit('a JavaScript number, which rounds: return text such as "12.50", or a bigint');
  if (kind === 'bigint' && Number.isInteger(value))
    throw new Misfit('a JavaScript number above 2^53, which rounds: return a bigint or text');
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
