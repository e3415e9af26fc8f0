import { z } from 'zod';
import { quoteLiteral } from '../../sql/identifier.ts';
import type { ResultRow } from '../../sql/rows.ts';
import type { TableColumn } from '../parquet/column-type.ts';
import { typeText } from '../records/column-type.ts';

/**
 * The columns of a temporary table of the same session: https://docs.aws.amazon.com/redshift/latest/dg/r_PG_TABLE_DEF.html
 * @param table of a name that no other table has
 */
export const typesQuery = (table: string) =>
  `SELECT "column" AS "name", "type" FROM pg_table_def WHERE tablename = ${quoteLiteral(table)}`;

const Column = z.object({ name: z.string(), type: z.string() });

/**
 * How the result of a step differs from its declared columns. A value must reach its column exactly: what is narrower, or rounded,
 * needs a cast in the SQL.
 * @param rows the answer to `typesQuery`
 */
export function resultTypeProblems(declared: readonly TableColumn[], rows: readonly ResultRow[]): string[] {
  const found = new Map(
    z
      .array(Column)
      .parse(rows)
      .map(({ name, type }) => [name, type]),
  );
  const names = new Set(declared.map(({ name }) => name));
  return [
    ...declared
      .filter(({ name }) => !found.has(name))
      .map(({ name }) => `${name}: the result has no such column`),
    ...[...found]
      .filter(([name]) => !names.has(name))
      .map(([name, type]) => `${name}: the result has it, as ${type}, but columns does not declare it`),
    ...declared.flatMap(({ name, type }) => {
      const given = found.get(name);
      return given === undefined || fits(given, { name, type })
        ? []
        : [`${name}: it is declared as ${typeText(type)}, and the result has ${given}: cast it in the SQL`];
    }),
  ];
}

/** SUM of a BIGINT is a numeric(38,0); one that a BIGINT does not hold fails. */
const INTEGERS = /^(?:smallint|integer|bigint|numeric\(\d+,0\))$/;

function fits(given: string, { type }: TableColumn): boolean {
  switch (type.kind) {
    case 'string':
      return /^(?:character|text|"?char|unknown)/.test(given);
    case 'bigint':
      return INTEGERS.test(given);
    case 'double':
      return /^(?:double precision|real)$/.test(given);
    case 'decimal': {
      if (INTEGERS.test(given)) return true;
      const scale = /^numeric\(\d+,\s*(\d+)\)$/.exec(given)?.[1];
      return scale !== undefined && Number(scale) <= type.scale;
    }
    case 'timestamp':
      return given === 'timestamp with time zone';
    case 'boolean':
    case 'date':
      return given === type.kind;
    case 'binary':
    case 'list':
    case 'struct':
      return false;
  }
}
