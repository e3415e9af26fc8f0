import type { ColumnType } from '../records/column-type.ts';
import { isNested, type TableColumn } from './column-type.ts';
import { RESERVED_PREFIX } from './reserved-columns.ts';

/** What to write or merge by: names of columns. */
interface ColumnUse {
  readonly sort: readonly string[];
  readonly deduplicate?: { readonly key: readonly string[]; readonly newest?: string } | undefined;
}

/**
 * What is wrong with the columns, or with the columns by which rows are sorted and compared; empty if nothing is.
 * Names are compared without regard to case, as DuckDB, Athena and Redshift do.
 */
export function columnProblems(columns: readonly TableColumn[], { sort, deduplicate }: ColumnUse): string[] {
  const problems = columns.flatMap(({ name, type }) => [
    ...(isReserved(name) ? [`${name}: names like _tributary_… and file_row_number are reserved`] : []),
    ...typeProblems(name, type),
  ]);
  for (const group of Map.groupBy(columns, ({ name }) => name.toLowerCase()).values()) {
    if (group.length > 1) problems.push(`${group.map(({ name }) => name).join(', ')}: the same name`);
  }
  const key = deduplicate?.key ?? [];
  if (deduplicate !== undefined && key.length === 0) problems.push('deduplicate: the key has no columns');
  const used = [...sort, ...key, ...(deduplicate?.newest === undefined ? [] : [deduplicate.newest])];
  for (const name of new Set(used)) {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) problems.push(`${name}: there is no such column to sort or compare by`);
    else if (isNested(column.type))
      problems.push(`${name}: rows are not sorted or compared by lists and structs`);
  }
  return problems;
}

/** DuckDB gives `file_row_number` to the column by which a row's input is found. */
const isReserved = (name: string): boolean =>
  name.toLowerCase().startsWith(RESERVED_PREFIX) || name.toLowerCase() === 'file_row_number';

function typeProblems(name: string, type: ColumnType): string[] {
  switch (type.kind) {
    case 'decimal': {
      const { precision, scale } = type;
      const fits = precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision;
      return fits
        ? []
        : [`${name}: decimal(${precision},${scale}) is not between decimal(1,0) and decimal(38,38)`];
    }
    case 'list':
      return typeProblems(name, type.of);
    case 'struct': {
      const names = type.fields.map((field) => field.name.toLowerCase());
      const isOdd = names.length === 0 || new Set(names).size < names.length;
      return [
        ...(isOdd ? [`${name}: a struct needs fields, each with a name of its own`] : []),
        ...type.fields.flatMap((field) => typeProblems(`${name}.${field.name}`, field.type)),
      ];
    }
    case 'string':
    case 'bigint':
    case 'double':
    case 'boolean':
    case 'timestamp':
    case 'date':
    case 'binary':
      return [];
  }
}
