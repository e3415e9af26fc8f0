import { z } from 'zod';
import { fingerprint } from '../../item/fingerprint.ts';
import { columnType } from '../../merge/column-type.ts';
import type { TargetColumn } from '../../merge/target.ts';
import { guard } from '../../sql/guard.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../../sql/identifier.ts';
import { Count, type ResultRow } from '../../sql/rows.ts';
import type { Range } from '../graph/calendar.ts';
import type { OwnTable } from './partition-records.ts';
import type { StepInput } from './step-transaction.ts';

/** A table of the warehouse whose rows belong to days. */
export interface DatedTable {
  readonly at: OwnTable;
  readonly columns: readonly TargetColumn[];
  /** The day of a row, in SQL. */
  readonly day: string;
}

/** What the rows of a day are: their number, and two sums of halves of their hashes. */
export interface DayVersion {
  readonly day: string;
  readonly rows: number;
  readonly sums: readonly [bigint, bigint];
}

/** As many hexadecimal digits as a BIGINT holds without a sign. */
const HASH_DIGITS = 15;

/**
 * The day of a row.
 * @param timezone of a column with a time zone
 * @returns undefined if the column has no day
 */
export function daySql({ name, type }: TargetColumn, timezone: string): string | undefined {
  const column = quoteIdentifier(name);
  switch (columnType(type).sql) {
    case 'date':
      return column;
    case 'timestamp':
      return `${column}::DATE`;
    case 'timestamptz':
      return `(${column} AT TIME ZONE ${quoteLiteral(timezone)})::DATE`;
    default:
      return undefined;
  }
}

/** Columns whose values have no text, so that no version says whether they changed. */
export const uncomparable = (columns: readonly TargetColumn[]): string[] =>
  columns
    .filter(({ type }) => columnType(type).kind === 'opaque')
    .map(({ name, type }) => `${name} (${type})`);

/** The versions of the days of a range that have rows. */
export const dayVersionsQuery = (table: DatedTable, days: Range): string =>
  `SELECT "day"::VARCHAR(10) AS "day", count(*) AS "rows", ${SUMS.map((sum, n) => `${sum}::VARCHAR(64) AS "sum${n + 1}"`).join(', ')} ` +
  `FROM (SELECT ${table.day} AS "day", ${hashSql(table)} AS "hash" FROM ${qualified(table.at.schema, table.at.table)} ` +
  `WHERE ${within(table, days)}) AS "rows" GROUP BY 1`;

const SUMS = ['LEFT', 'RIGHT'].map((half) => `SUM(STRTOL(${half}("hash", ${HASH_DIGITS}), 16))`);

const within = ({ day }: DatedTable, { first, last }: Range) =>
  `${day} BETWEEN ${quoteLiteral(first)}::DATE AND ${quoteLiteral(last)}::DATE`;

const Row = z.object({ day: z.string(), rows: Count, sum1: z.string(), sum2: z.string() });

/** Parses the answer to `dayVersionsQuery`. */
export const dayVersionsOf = (rows: readonly ResultRow[]): DayVersion[] =>
  z
    .array(Row)
    .parse(rows)
    .map(({ day, rows: count, sum1, sum2 }) => ({
      ...{ day, rows: count, sums: [BigInt(sum1), BigInt(sum2)] },
    }));

/** One text that changes with the rows of a day, and with the columns of the table. */
export const dayVersionText = ({ columns }: DatedTable, { rows, sums }: Omit<DayVersion, 'day'>): string =>
  [fingerprint(JSON.stringify(columns.map(({ name, type }) => [name, type])), 16), rows, ...sums].join(':');

/** The version of a day without rows. */
export const emptyDay = (table: DatedTable): string => dayVersionText(table, { rows: 0, sums: [0n, 0n] });

/**
 * The rows of some days as an input of a step. They are copied into a temporary table, and the copy is compared with what was planned:
 * so the step reads exactly the rows whose versions are recorded, whatever happens to the table and its name meanwhile.
 * @param index its number among the tables
 * @param planned all days of the range that have rows
 */
export function datedInput(
  index: number,
  name: string,
  table: DatedTable,
  days: Range,
  planned: readonly DayVersion[],
): StepInput {
  const copy = quoteIdentifier(`_tributary_table_${index + 1}`);
  const rows = planned.reduce((sum, each) => sum + each.rows, 0);
  const same = SUMS.map((sum, n) => {
    const wanted = planned.reduce((all, { sums }) => all + (sums[n] ?? 0n), 0n);
    return `COALESCE(${sum}, 0) = '${wanted}'::DECIMAL(38,0)`;
  }).join(' AND ');
  return {
    ...{ name, select: `SELECT * FROM ${copy}`, guards: [], guardsAfter: [] },
    statements: [
      `CREATE TEMP TABLE ${copy} AS SELECT * FROM ${qualified(table.at.schema, table.at.table)} WHERE ${within(table, days)}`,
    ],
    guardsStaged: [
      guard(`count(*) = ${rows} AND ${same}`, `(SELECT ${hashSql(table)} AS "hash" FROM ${copy}) AS "rows"`),
    ],
  };
}

/** The hash of a row: of its values in the order of the columns, NULL told from every value. */
const hashSql = ({ columns }: DatedTable): string =>
  `MD5(${columns.map((column) => `COALESCE(MD5(${textOf(column)}), 'null')`).join(' || ')})`;

/** A text that is another one for each other value. */
function textOf({ name, type }: TargetColumn): string {
  const column = quoteIdentifier(name);
  const { kind, sql } = columnType(type);
  switch (kind) {
    case 'character':
      return column;
    case 'boolean':
      return `CASE WHEN ${column} THEN 't' WHEN NOT ${column} THEN 'f' END`;
    case 'float': {
      // The text of a double has 15 digits; what they leave out tells neighbours apart.
      const value = `${column}::DOUBLE PRECISION`;
      const text = `(${value})::VARCHAR(64)`;
      const rest = `(${value} - ${text}::DOUBLE PRECISION)::VARCHAR(64)`;
      return `${text} || CASE WHEN ABS(${value}) < 1e300 THEN '/' || ${rest} ELSE '' END`;
    }
    case 'varbyte':
      return `FROM_VARBYTE(${column}, 'hex')`;
    case 'super':
      return `JSON_SERIALIZE(${column})`;
    case 'time':
      return sql === 'timestamptz' ? `(${column} AT TIME ZONE 'UTC')::VARCHAR(32)` : `${column}::VARCHAR(64)`;
    case 'char':
      return `${column}::VARCHAR(4096)`;
    case 'whole':
    case 'decimal':
    case 'opaque':
      return `${column}::VARCHAR(64)`;
  }
}

/** The same input without rows, to find out what a step makes of it. */
export const emptyDated = (name: string, { at }: DatedTable): StepInput => ({
  ...{ name, select: `SELECT * FROM ${qualified(at.schema, at.table)} WHERE 1 = 0` },
  ...{ statements: [], guards: [], guardsAfter: [] },
});
