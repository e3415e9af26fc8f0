import { z } from 'zod';
import { type CheckDefinition, kindOf, uniqueColumns } from '../definition/checks.ts';
import type { Manifest, ManifestColumn, ManifestTable } from '../run/manifest.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../sql/identifier.ts';
import { Count, type ResultRow } from '../sql/rows.ts';
import { durationSeconds } from '../text/durations.ts';
import { count, counted } from '../text/measures.ts';

/** A check as data: the query that it needs, if any, and what its result means. */
export interface CheckPlan {
  readonly settings: readonly string[];
  readonly queries: readonly string[];
  /** @returns what is wrong; undefined if the check passes */
  readonly judge: (rows: readonly (readonly ResultRow[])[]) => string | undefined;
}

/** A check that its definition does not allow: the table or column does not exist, or has no suitable type. */
export class UnfitCheck extends Error {
  override readonly name = 'UnfitCheck';
}

export interface CheckedRun {
  readonly manifest: Manifest;
  readonly stagingSchema: string;
  /** The rows that the table had in the latest runs that went live. */
  readonly recentRows: readonly number[];
  /** No value of the data may be in a message. */
  readonly redacted: boolean;
}

/** More rows are not counted for a query that must return none. */
const ROWS_COUNTED = 1000;
const VALUES_SHOWN = 5;

/** @throws UnfitCheck */
export function planCheck(check: CheckDefinition, run: CheckedRun): CheckPlan {
  switch (kindOf(check)) {
    case 'rows':
      return known(rowsProblem(check, tableIn(run.manifest, check.rows as string).rows, run.recentRows));
    case 'notNull': {
      const { table, column } = columnIn(run.manifest, check.notNull as string);
      const missing = table.rows - column.values;
      const rows = counted(table.rows, 'row');
      return known(
        missing === 0 ? undefined : `${count(missing)} of ${rows} have no value in ${check.notNull}`,
      );
    }
    case 'freshness':
      return freshness(check, run);
    case 'unique':
      return unique(check, run);
    case 'accepted':
      return accepted(check, run);
    case 'sql':
      return noRows(check.sql as string, run.stagingSchema);
  }
}

/** The table whose earlier rows the check compares with; undefined if it does not. */
export const comparedTable = ({ rows, change }: CheckDefinition): string | undefined =>
  change === undefined ? undefined : rows;

const known = (problem: string | undefined): CheckPlan => ({
  settings: [],
  queries: [],
  judge: () => problem,
});

function rowsProblem(
  { rows: table, min, max, change }: CheckDefinition,
  rows: number,
  recent: readonly number[],
): string | undefined {
  const has = `${table} has ${counted(rows, 'row')}`;
  if (min !== undefined && rows < min) return `${has}, and at least ${count(min)} are expected`;
  if (max !== undefined && rows > max) return `${has}, and at most ${count(max)} are expected`;
  if (change === undefined || recent.length === 0) return undefined;
  const usual = median(recent);
  const allowed = (Number(change.slice(0, -1)) / 100) * usual;
  if (Math.abs(rows - usual) <= allowed) return undefined;
  const by = usual === 0 ? '' : ` (${rows < usual ? '-' : '+'}${percent(Math.abs(rows - usual) / usual)})`;
  return (
    `${has}${by}, and within ${change} of ${count(usual)} are expected, ` +
    `the median of ${counted(recent.length, 'earlier run')}`
  );
}

function freshness(check: CheckDefinition, { manifest, stagingSchema, redacted }: CheckedRun): CheckPlan {
  const name = check.freshness as string;
  const { table, column } = columnIn(manifest, name);
  if (column.type.type !== 'TIMESTAMPTZ' && column.type.type !== 'DATE')
    throw new UnfitCheck(`${name} is ${column.type.type}, and freshness needs a DATE or TIMESTAMPTZ column`);
  const seconds = durationSeconds(check.within as string) as number;
  const oldest = new Date(Date.parse(manifest.extractedFrom) - seconds * 1000).toISOString();
  const newest = `CAST(max(${quoteIdentifier(column.name)}) AS TIMESTAMPTZ)`;
  return {
    settings: [],
    queries: [
      `SELECT CAST(max(${quoteIdentifier(column.name)}) AS VARCHAR(64)) AS "newest", ` +
        `CASE WHEN ${newest} >= CAST(${quoteLiteral(oldest)} AS TIMESTAMPTZ) THEN 1 ELSE 0 END AS "fresh" ` +
        `FROM ${qualified(stagingSchema, table.name)}`,
    ],
    judge: ([rows]) => {
      const [row] = z
        .array(z.object({ newest: z.string().nullable(), fresh: Count }))
        .length(1)
        .parse(rows);
      if (row?.fresh === 1) return undefined;
      if (row?.newest == null) return `${name} has no value`;
      const shown = redacted ? '' : `, ${row.newest},`;
      return `the newest value of ${name}${shown} is more than ${check.within} older than the extraction`;
    },
  };
}

function unique(check: CheckDefinition, { manifest, stagingSchema }: CheckedRun): CheckPlan {
  const names = uniqueColumns(check);
  const columns = names.map((name) => columnIn(manifest, name));
  const { table } = columns[0] as { readonly table: ManifestTable };
  const quoted = columns.map(({ column }) => quoteIdentifier(column.name));
  const present = quoted.map((column) => `${column} IS NOT NULL`).join(' AND ');
  return {
    settings: [],
    queries: [
      `SELECT count(*) AS "n" FROM (SELECT 1 AS "one" FROM ${qualified(stagingSchema, table.name)} ` +
        `WHERE ${present} GROUP BY ${quoted.join(', ')} HAVING count(*) > 1) AS "repeated"`,
    ],
    judge: ([rows]) => {
      const repeated = countIn(rows);
      return repeated === 0
        ? undefined
        : `${counted(repeated, 'value occurs', 'values occur')} more than once in ${names.join(', ')}`;
    },
  };
}

function accepted(check: CheckDefinition, { manifest, stagingSchema, redacted }: CheckedRun): CheckPlan {
  const name = check.accepted as string;
  const { table, column } = columnIn(manifest, name);
  const quoted = quoteIdentifier(column.name);
  const values = (check.values ?? []).map((value) => literalOf(value, column, name));
  const others = `FROM ${qualified(stagingSchema, table.name)} WHERE ${quoted} NOT IN (${values.join(', ')})`;
  return {
    settings: [],
    queries: [
      `SELECT count(*) AS "n" ${others}`,
      ...(redacted ? [] : [`SELECT DISTINCT ${quoted} AS "value" ${others} LIMIT ${VALUES_SHOWN}`]),
    ],
    judge: ([rows, examples = []]) => {
      const wrong = countIn(rows);
      if (wrong === 0) return undefined;
      const shown = examples.map(({ value }) => JSON.stringify(value).slice(0, 60));
      const such = shown.length === 0 ? '' : `, such as ${shown.toSorted().join(', ')}`;
      return `${counted(wrong, 'row has', 'rows have')} another value in ${name}${such}`;
    },
  };
}

function noRows(sql: string, stagingSchema: string): CheckPlan {
  const query = sql.replace(/[\s;]+$/, '');
  return {
    settings: [`SET LOCAL search_path TO ${quoteIdentifier(stagingSchema)}`],
    // The line break ends a comment at the end of the query.
    queries: [
      `SELECT count(*) AS "n" FROM (SELECT 1 AS "one" FROM (${query}\n) AS "found" LIMIT ${ROWS_COUNTED}) AS "rows"`,
    ],
    judge: ([rows]) => {
      const found = countIn(rows);
      if (found === 0) return undefined;
      return `the query returns ${counted(found, 'row')}${found === ROWS_COUNTED ? ' or more' : ''}`;
    },
  };
}

const countIn = (rows: readonly ResultRow[] | undefined): number =>
  z
    .array(z.object({ n: Count }))
    .length(1)
    .parse(rows)[0]?.n as number;

function tableIn({ tables }: Manifest, name: string): ManifestTable {
  const table = tables.find((each) => each.name === name);
  if (table !== undefined) return table;
  throw new UnfitCheck(`there is no table ${name}. There are ${tables.map((each) => each.name).join(', ')}`);
}

function columnIn(manifest: Manifest, name: string): { table: ManifestTable; column: ManifestColumn } {
  const [tableName = '', columnName] = name.split('.');
  const table = tableIn(manifest, tableName);
  const column = table.columns.find((each) => each.name === columnName);
  if (column === undefined) throw new UnfitCheck(`table ${tableName} has no column ${columnName}`);
  return { table, column };
}

/** A value as the column's type writes it. Redshift does not compare values of different kinds. */
function literalOf(value: string | number | boolean, { type }: ManifestColumn, name: string): string {
  const text = String(value);
  const unfit = () =>
    new UnfitCheck(`${name} is ${type.type}, so ${JSON.stringify(value)} can never be a value of it`);
  switch (type.type) {
    case 'BOOLEAN':
      if (!/^(?:true|false)$/i.test(text)) throw unfit();
      return text.toUpperCase();
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
      if (!/^-?\d{1,38}(?:\.\d{1,37})?$/.test(text)) throw unfit();
      return text;
    case 'VARCHAR':
      return quoteLiteral(text);
    case 'DATE':
    case 'TIMESTAMPTZ':
      if (Number.isNaN(Date.parse(text))) throw unfit();
      return `CAST(${quoteLiteral(text)} AS ${type.type})`;
    case 'VARBYTE':
    case 'SUPER':
      throw new UnfitCheck(`${name} is ${type.type}, whose values cannot be listed`);
  }
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] =
    sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1);
  return (low + high) / 2;
}

const percent = (share: number) => `${Math.round(share * 100)}%`;
