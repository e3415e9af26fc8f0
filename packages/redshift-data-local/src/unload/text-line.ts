import type { UnloadStatement } from '../sql/unload/unload-statement.ts';
import type { UnloadedColumn } from './unloaded-column.ts';

type Options = Pick<UnloadStatement, 'format' | 'delimiter' | 'addQuotes' | 'escape' | 'nullAs'>;

/** A row as a line of delimited text or CSV. */
export function textLine(
  row: readonly (string | null)[],
  columns: readonly UnloadedColumn[],
  options: Options,
): string {
  return lineOf(
    row.map((value, index) => (value === null ? null : shown(value, columns[index]!))),
    options,
  );
}

export const headerLine = (columns: readonly UnloadedColumn[], options: Options): string =>
  lineOf(
    columns.map(({ name }) => name),
    options,
  );

function lineOf(values: readonly (string | null)[], options: Options): string {
  const { delimiter, nullAs = '' } = options;
  return `${values.map((value) => (value === null ? nullAs : field(value, options))).join(delimiter)}\n`;
}

/** VARBYTE is hexadecimal, and SUPER is JSON without white space. */
function shown(value: string, { kind }: UnloadedColumn): string {
  if (kind === 'varbyte') return value.slice(2);
  if (kind === 'super') return JSON.stringify(JSON.parse(value));
  return value;
}

function field(value: string, { format, delimiter, addQuotes, escape: isEscaped }: Options): string {
  if (format === 'csv')
    return /["\r\n]/.test(value) || value.includes(delimiter) ? `"${value.replaceAll('"', '""')}"` : value;
  const escaped = isEscaped
    ? value.replace(/[\s\S]/g, (one) => {
        const isSpecial = one === '\n' || one === '\r' || one === '\\' || one === delimiter;
        return isSpecial || (addQuotes && (one === '"' || one === "'")) ? `\\${one}` : one;
      })
    : value;
  return addQuotes ? `"${escaped}"` : escaped;
}
