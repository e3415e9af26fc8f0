import type { TableColumn } from '../parquet/column-type.ts';
import { quoted, storedType } from '../parquet/duckdb-sql.ts';
import { columnType, typeText } from '../records/column-type.ts';
import type { DerivedDefinition } from './definition.ts';

/** The declared columns, in their order. */
export const declaredColumns = ({ columns }: Pick<DerivedDefinition, 'columns'>): TableColumn[] =>
  Object.entries(columns).map(([name, written]) => ({ name, type: columnType(written) }));

/** A column of a query's result: its name, and its type in DuckDB's words. */
export interface ResultColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * How the result of a step differs from its declared columns. A value must reach its column exactly: what is narrower, or rounded,
 * needs a cast in the SQL. A type that can only be too large is refused when a value is.
 */
export function resultProblems(declared: readonly TableColumn[], result: readonly ResultColumn[]): string[] {
  const found = new Map(result.map((column) => [column.name, column.type]));
  const names = new Set(declared.map(({ name }) => name));
  return [
    ...declared
      .filter(({ name }) => !found.has(name))
      .map(({ name }) => `${name}: the result has no such column`),
    ...result
      .filter(({ name }) => !names.has(name))
      .map(({ name, type }) => `${name}: the result has it, as ${type}, but columns does not declare it`),
    ...declared.flatMap(({ name, type }) => {
      const given = found.get(name);
      return given === undefined || fits(given, { name, type })
        ? []
        : [`${name}: it is declared as ${typeText(type)}, and the result has ${given}: cast it in the SQL`];
    }),
  ];
}

const INTEGERS = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/;

/** DuckDB quotes names of fields only if it must; none has a quote or a blank. */
const bare = (type: string): string => type.replaceAll(/"(\w+)" /g, '$1 ');

function fits(given: string, { type }: TableColumn): boolean {
  if (bare(given) === bare(storedType(type)) || given === '"NULL"' || given === 'NULL') return true;
  if (type.kind === 'bigint') return INTEGERS.test(given);
  if (type.kind === 'decimal') {
    if (INTEGERS.test(given)) return true;
    const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(given)?.[1];
    return scale !== undefined && Number(scale) <= type.scale;
  }
  return type.kind === 'timestamp' && given === 'TIMESTAMP WITH TIME ZONE';
}

/** The view of a step's result. */
export const RESULT = '_tributary_result';

/** The result with the declared types, in the declared order, sorted by all columns: equal rows give equal files. */
export function resultQuery(declared: readonly TableColumn[]): string {
  const casts = declared.map(({ name, type }) => {
    const cast = `CAST(${quoted(name)} AS ${storedType(type)})`;
    // As of lines: row-line.ts says why.
    const value = type.kind === 'double' ? `CASE WHEN ${cast} = 0 THEN 0 ELSE ${cast} END` : cast;
    return `${value} AS ${quoted(name)}`;
  });
  const order = declared.map((_, index) => `${index + 1} ASC NULLS FIRST`);
  return `SELECT ${casts.join(', ')} FROM ${RESULT} ORDER BY ${order.join(', ')}`;
}
