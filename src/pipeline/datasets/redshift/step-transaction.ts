import { guard } from '../../sql/guard.ts';
import type { GuardedStatement } from '../../sql/guarded-statement.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../../sql/identifier.ts';
import type { TableColumn } from '../parquet/column-type.ts';
import { contentSql } from './content-sql.ts';
import { guardRecord, type OwnTable, type PartitionRecord, writeRecord } from './partition-records.ts';
import { redshiftType } from './redshift-type.ts';
import { withoutEnd } from './without-end.ts';

/** What a step reads: a name, and the query that it stands for. */
export interface StepInput {
  readonly name: string;
  readonly select: string;
  /** What must run before, such as COPY into temporary tables. */
  readonly statements: readonly string[];
  /** What must hold, so that the query reads the version that was planned. */
  readonly guards: readonly string[];
  /** The same of what the statements have made. */
  readonly guardsStaged?: readonly string[];
  /** The same at the end: a table may have taken another one's name. */
  readonly guardsAfter: readonly string[];
}

export interface StepCheck {
  readonly name: string;
  readonly sql: string;
  readonly isStop: boolean;
}

/** Which guard of the transaction failed. */
type StepGuard = 'record' | 'inputs' | 'exact' | `check ${string}`;

export type StepStatement = GuardedStatement<StepGuard>;

const RESULT = quoteIdentifier('_tributary_result');
const WARNED = quoteIdentifier('_tributary_warned');

/** The table of the partition's rows, in checks. */
const CHECKED = quoteIdentifier('result');

/**
 * Replaces the rows of one partition and its record:
 *
 * 1. LOCK of the table's lock, which excludes other builds of the same table; it takes no snapshot.
 * 2. The guards: the partition's record is the one planned against, and the inputs are those that were planned.
 * 3. The inputs, with guards of those that were read here, then the step, into temporary tables.
 * 4. The guards of values: no value changes on its way to its column, and the checks hold.
 * 5. The partition's rows, and its record.
 * 6. The guards of inputs that a rename could have replaced.
 */
export function stepTransaction(step: {
  readonly at: OwnTable;
  /** Quoted, with its schema. */
  readonly lock: string;
  readonly partition: PartitionValue;
  readonly columns: readonly TableColumn[];
  readonly sql: string;
  readonly inputs: readonly StepInput[];
  readonly checks: readonly StepCheck[];
  readonly before: Pick<PartitionRecord, 'id'> | undefined;
  readonly record: Pick<PartitionRecord, 'partition' | 'generation' | 'id' | 'code' | 'inputs'>;
}): StepStatement[] {
  const { at, lock, partition, columns, sql, inputs, checks, before, record } = step;
  const table = qualified(at.schema, at.table);
  const warned = checks.filter(({ isStop }) => !isStop);
  return [
    { sql: `LOCK TABLE ${lock}` },
    guarding('record')(guardRecord(at, record.partition, before)),
    ...makeResult(sql, inputs),
    ...exactGuards(columns).map(guarding('exact')),
    ...checks
      .filter(({ isStop }) => isStop)
      .map(({ name, sql: check }) =>
        guarding(`check ${name}`)(`${withResult(inputs)}${guard('count(*) = 0', rowsOf(check))}`),
      ),
    ...(warned.length === 0
      ? []
      : [{ sql: `CREATE TEMP TABLE ${WARNED} ("name" VARCHAR(64), "rows" BIGINT)` }]),
    ...warned.map(({ name, sql: check }) => ({
      sql: `INSERT INTO ${WARNED} ${withResult(inputs)}SELECT ${quoteLiteral(name)}, count(*) FROM ${rowsOf(check)}`,
    })),
    { sql: `DELETE FROM ${table} WHERE ${partition.where}` },
    { sql: insertSql(table, partition, columns) },
    ...writeRecord(at, record, {
      content: contentSql(columns),
      from: `${table} WHERE ${partition.where}`,
      warnings: warned.length === 0 ? "'[]'" : WARNINGS,
    }).map((text) => ({ sql: text })),
    ...inputs.flatMap(({ guardsAfter }) => guardsAfter).map(guarding('inputs')),
  ];
}

const guarding = (of: StepGuard) => (text: string) => ({ sql: text, guard: of });

/** The inputs as they were planned, then the step, into temporary tables. */
const makeResult = (sql: string, inputs: readonly StepInput[]): StepStatement[] => [
  ...inputs.flatMap(({ guards }) => guards).map(guarding('inputs')),
  ...inputs.flatMap(({ statements }) => statements).map((text) => ({ sql: text })),
  ...inputs.flatMap(({ guardsStaged = [] }) => guardsStaged).map(guarding('inputs')),
  {
    sql: `CREATE TEMP TABLE ${RESULT} AS ${withInputs(inputs)}SELECT * FROM (\n${withoutEnd(sql)}\n) AS "step"`,
  },
];

/**
 * Finds out what checks return: a transaction that a check has stopped has no result, so the step runs again, and nothing is written.
 * @returns settings, and two queries for each check: the number of its rows, and one of them
 */
export const checkExamples = ({
  sql,
  inputs,
  checks,
}: {
  readonly sql: string;
  readonly inputs: readonly StepInput[];
  readonly checks: readonly Pick<StepCheck, 'sql'>[];
}): { readonly settings: string[]; readonly queries: string[] } => ({
  settings: makeResult(sql, inputs).map((each) => each.sql),
  queries: checks.flatMap(({ sql: check }) => [
    `${withResult(inputs)}SELECT count(*) AS "rows" FROM ${rowsOf(check)}`,
    `${withResult(inputs)}SELECT * FROM ${rowsOf(check)} LIMIT 1`,
  ]),
});

/** A partition in the table: a day or month in its column; in a table without partitions, all rows. */
export interface PartitionValue {
  /** The column, and its value in SQL. */
  readonly column?: { readonly name: string; readonly sql: string };
  /** The condition of its rows. */
  readonly where: string;
}

/** @param value its day or month */
export function partitionValue(
  { column: name, unit }: { readonly column?: string | undefined; readonly unit: string },
  value: string,
): PartitionValue {
  if (name === undefined) return { where: '1 = 1' };
  const sql = unit === 'day' ? `${quoteLiteral(value)}::DATE` : quoteLiteral(value);
  return { column: { name, sql }, where: `${quoteIdentifier(name)} = ${sql}` };
}

/** A transaction that makes the step's result without rows, in a temporary table whose columns can be read. */
export const emptyResult = (name: string, sql: string, inputs: readonly StepInput[]): string[] => [
  ...inputs.flatMap(({ statements }) => statements),
  `CREATE TEMP TABLE ${quoteIdentifier(name)} AS ${withInputs(inputs)}SELECT * FROM (\n${withoutEnd(sql)}\n) AS "step" WHERE 1 = 0`,
];

const asQuery = ({ name, select }: StepInput) => `${quoteIdentifier(name)} AS (${select})`;

const withInputs = (inputs: readonly StepInput[]) =>
  inputs.length === 0 ? '' : `WITH ${inputs.map(asQuery).join(', ')} `;

const withResult = (inputs: readonly StepInput[]) =>
  `WITH ${[...inputs.map(asQuery), `${CHECKED} AS (SELECT * FROM ${RESULT})`].join(', ')} `;

const rowsOf = (check: string) => `(\n${withoutEnd(check)}\n) AS "check"`;

/** One guard for all numbers but doubles: the type check has made sure of the digits after the point as far as Redshift names its types. */
function exactGuards(columns: readonly TableColumn[]): string[] {
  const changed = columns
    .filter(({ type }) => type.kind === 'decimal' || type.kind === 'bigint')
    .map(({ name, type }) => {
      const column = quoteIdentifier(name);
      return `${column}::${redshiftType(type)} <> ${column}`;
    });
  return changed.length === 0 ? [] : [guard('count(*) = 0', `${RESULT} WHERE ${changed.join(' OR ')}`)];
}

function insertSql(table: string, partition: PartitionValue, columns: readonly TableColumn[]): string {
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const values = columns.map(({ name, type }) => `${quoteIdentifier(name)}::${redshiftType(type)}`);
  const { column } = partition;
  const [into, given] =
    column === undefined
      ? [names, values]
      : [
          [quoteIdentifier(column.name), ...names],
          [column.sql, ...values],
        ];
  return `INSERT INTO ${table} (${into.join(', ')}) SELECT ${given.join(', ')} FROM ${RESULT}`;
}

/** As JSON, an array of texts: names of checks have no character that JSON escapes. */
const WARNINGS =
  `'[' || COALESCE((SELECT LISTAGG('"' || "name" || ': ' || "rows"::VARCHAR || CASE WHEN "rows" = 1 THEN ' row"' ELSE ' rows"' END, ',') ` +
  `WITHIN GROUP (ORDER BY "name") FROM ${WARNED} WHERE "rows" > 0), '') || ']'`;
