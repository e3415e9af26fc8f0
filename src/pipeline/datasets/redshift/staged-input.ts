import { roleSql } from '../../load/copy-statement.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../../sql/identifier.ts';
import type { TableColumn } from '../parquet/column-type.ts';
import { guardRecords, type OwnTable } from './partition-records.ts';
import { copiedColumn, isNestedColumn, redshiftType } from './redshift-type.ts';
import type { PartitionValue, StepInput } from './step-transaction.ts';

interface InputShape {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly partitionColumns: readonly TableColumn[];
}

/** Files of a partition with the same columns. */
export interface StagedFiles {
  /** Values of the partition columns. */
  readonly values: readonly string[];
  /** The columns that the files have, in their order. */
  readonly columns: readonly string[];
  /** `s3://bucket/key` of the manifest that lists them. */
  readonly manifest: string;
}

/**
 * An input that is files: each group is copied into a temporary table that has the columns of the files, because COPY of Parquet takes
 * them by position. The partition's values are not in the files, so each partition has tables of its own.
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
 * @param index its number among the inputs
 */
export function filesInput(
  index: number,
  { name, columns, partitionColumns }: InputShape,
  groups: readonly StagedFiles[],
  iamRole: string,
): StepInput {
  const types = new Map(columns.map((column) => [column.name, column]));
  const table = (n: number) => quoteIdentifier(`_tributary_input_${index + 1}_${n + 1}`);
  const selects = groups.map(({ values, columns: read }, n) => {
    const own = columns.map((column) => (read.includes(column.name) ? readOf(column) : nullOf(column)));
    return `SELECT ${own.join(', ')}${constants(partitionColumns, values)} FROM ${table(n)}`;
  });
  return {
    name,
    select: selects.length === 0 ? emptySelect({ columns, partitionColumns }) : selects.join(' UNION ALL '),
    statements: groups.flatMap(({ columns: read, manifest }, n) => {
      const found = read.flatMap((column) => types.get(column) ?? []);
      const definitions = found.map(
        (column) => `${quoteIdentifier(column.name)} ${redshiftType(copiedColumn(column).type)}`,
      );
      const serialized = found.some(isNestedColumn) ? ' SERIALIZETOJSON' : '';
      return [
        `CREATE TEMP TABLE ${table(n)} (${definitions.join(', ')})`,
        `COPY ${table(n)} FROM ${quoteLiteral(manifest)} ${roleSql(iamRole)} MANIFEST ` +
          `FORMAT AS PARQUET${serialized} STATUPDATE OFF`,
      ];
    }),
    guards: [],
    guardsAfter: [],
  };
}

/** A column as it is declared, from the temporary table. */
function readOf(column: TableColumn): string {
  const name = quoteIdentifier(column.name);
  return copiedColumn(column) === column ? name : `${name}::${redshiftType(column.type)} AS ${name}`;
}

/** The same input without rows, to find out what a step makes of it. */
export const emptyInput = ({ name, ...shape }: InputShape): StepInput => ({
  ...{ name, select: emptySelect(shape), statements: [], guards: [], guardsAfter: [] },
});

/** No rows, with the types of the columns. */
function emptySelect({ columns, partitionColumns }: Omit<InputShape, 'name'>): string {
  return `SELECT ${[...columns, ...partitionColumns].map(nullOf).join(', ')} WHERE 1 = 0`;
}

function nullOf(column: TableColumn): string {
  const value = isNestedColumn(column) ? "JSON_PARSE('null')" : `NULL::${redshiftType(column.type)}`;
  return `${value} AS ${quoteIdentifier(column.name)}`;
}

const constants = (columns: readonly TableColumn[], values: readonly string[]): string =>
  columns
    .map(
      ({ name, type }, index) =>
        `, ${quoteLiteral(values[index] ?? '')}::${redshiftType(type)} AS ${quoteIdentifier(name)}`,
    )
    .join('');

/** An input whose rows are in a table of the same database: only these partitions, as they were built. */
export function tableInput(
  { name, columns, partitionColumns }: InputShape,
  at: OwnTable,
  partitions: readonly {
    readonly partition: string;
    readonly value: PartitionValue;
    readonly id: string;
  }[],
): StepInput {
  const read = [...columns, ...partitionColumns].map(({ name: own }) => quoteIdentifier(own));
  const wanted = partitions.flatMap(({ value: { column } }) => column?.sql ?? []);
  const isIn = `${quoteIdentifier(partitionColumns[0]?.name ?? name)} IN (${wanted.join(', ')})`;
  const where = partitions.length === 0 ? '1 = 0' : wanted.length === 0 ? '1 = 1' : isIn;
  return {
    name,
    select: `SELECT ${read.join(', ')} FROM ${qualified(at.schema, at.table)} WHERE ${where}`,
    statements: [],
    guards: partitions.length === 0 ? [] : [guardRecords(at, partitions)],
    guardsAfter: [],
  };
}
