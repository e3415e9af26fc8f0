import { z } from 'zod';
import { guard } from '../../sql/guard.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../../sql/identifier.ts';
import { Count, type ResultRow } from '../../sql/rows.ts';
import { PARTITIONS_TABLE } from '../../sql/system-tables.ts';
import { WHOLE } from '../partitions/partition-of.ts';

/**
 * What each partition of a table was built from: one row in `_tributary_partitions`, written in the transaction that replaces the
 * partition's rows. It is the truth; documents in S3 are its copy.
 */
export interface PartitionRecord {
  /** Its day or month. */
  readonly partition: string;
  /** Counts the transactions that replaced it. */
  readonly generation: number;
  /** Random id of the build, and of its record in S3. */
  readonly id: string;
  /** The version of the step. */
  readonly code: string;
  /** A hash of the versions of its inputs. */
  readonly inputs: string;
  readonly rows: number;
  /** What the rows are, by the warehouse's own functions. */
  readonly content: string;
  /** Checks that did not hold, of severity `warn`. */
  readonly warnings: readonly string[];
}

export interface OwnTable {
  readonly schema: string;
  readonly table: string;
}

const records = (schema: string) => qualified(schema, PARTITIONS_TABLE);

export const createRecords = (schema: string) =>
  `CREATE TABLE IF NOT EXISTS ${records(schema)} ("table" VARCHAR(127) NOT NULL, "partition" VARCHAR(64) NOT NULL, ` +
  '"generation" BIGINT NOT NULL, "id" VARCHAR(64) NOT NULL, "code" VARCHAR(64) NOT NULL, "inputs" VARCHAR(64) NOT NULL, ' +
  '"rows" BIGINT NOT NULL, "content" VARCHAR(64) NOT NULL, "warnings" VARCHAR(65535) NOT NULL, "built_at" TIMESTAMP NOT NULL)';

const isOf = ({ table }: OwnTable, partition?: string) =>
  `"table" = ${quoteLiteral(table)}${partition === undefined ? '' : ` AND "partition" = ${quoteLiteral(partition)}`}`;

const COLUMNS = '"partition", "generation", "id", "code", "inputs", "rows", "content", "warnings"';

/**
 * The records of a table, or of one of its partitions, each with the number of rows that the table has now.
 * @param column undefined: the table has no partitions
 */
export function recordsQuery(at: OwnTable, column: string | undefined, partition?: string): string {
  const value = `${column === undefined ? quoteLiteral(WHOLE) : quoteIdentifier(column)}::VARCHAR(10)`;
  const within = partition === undefined ? '' : ` WHERE ${value} = ${quoteLiteral(partition)}`;
  return (
    `SELECT ${columnsOf('r')}, COALESCE("t"."stored", 0) AS "stored" FROM (SELECT ${COLUMNS} FROM ${records(at.schema)} ` +
    `WHERE ${isOf(at, partition)}) AS "r" LEFT JOIN (SELECT ${value} AS "value", count(*) AS "stored" ` +
    `FROM ${qualified(at.schema, at.table)}${within} GROUP BY 1) AS "t" ON "t"."value" = "r"."partition"`
  );
}

const columnsOf = (alias: string) =>
  COLUMNS.split(', ')
    .map((name) => `"${alias}".${name}`)
    .join(', ');

const Row = z.object({
  partition: z.string(),
  generation: Count,
  id: z.string(),
  code: z.string(),
  inputs: z.string(),
  rows: Count,
  content: z.string(),
  warnings: z.string(),
  stored: Count,
});

/** A record, and whether the table still has as many rows. */
export interface FoundRecord extends PartitionRecord {
  readonly isWhole: boolean;
}

/** Parses the answer to `recordsQuery`. */
export const recordsOf = (rows: readonly ResultRow[]): FoundRecord[] =>
  z
    .array(Row)
    .parse(rows)
    .map(({ stored, warnings, ...row }) => ({
      ...row,
      warnings: z.array(z.string()).parse(JSON.parse(warnings)),
      isWhole: stored === row.rows,
    }));

/** Fails unless the partition's record is this one, or there is none. */
export const guardRecord = (
  at: OwnTable,
  partition: string,
  record: Pick<PartitionRecord, 'id'> | undefined,
): string =>
  guard(
    record === undefined ? 'count(*) = 0' : `count(*) = 1 AND min("id") = ${quoteLiteral(record.id)}`,
    `${records(at.schema)} WHERE ${isOf(at, partition)}`,
  );

/** Fails unless the partitions of another table were built as the caller has seen. */
export const guardRecords = (
  at: OwnTable,
  seen: readonly { readonly partition: string; readonly id: string }[],
): string => {
  const each = seen.map(
    ({ partition, id }) => `("partition" = ${quoteLiteral(partition)} AND "id" = ${quoteLiteral(id)})`,
  );
  return guard(
    `count(*) = ${seen.length}`,
    `${records(at.schema)} WHERE ${isOf(at)} AND (${each.join(' OR ')})`,
  );
};

/** Puts the record of a partition in place of its earlier one, with the number and content of the rows that the table has now. */
export function writeRecord(
  at: OwnTable,
  record: Pick<PartitionRecord, 'partition' | 'generation' | 'id' | 'code' | 'inputs'>,
  measured: { readonly content: string; readonly from: string; readonly warnings: string },
): string[] {
  const { partition, generation, id, code, inputs } = record;
  const values = [
    ...[at.table, partition].map(quoteLiteral),
    String(generation),
    ...[id, code, inputs].map(quoteLiteral),
    'count(*)',
    measured.content,
    measured.warnings,
    'GETDATE()',
  ];
  return [
    `DELETE FROM ${records(at.schema)} WHERE ${isOf(at, partition)}`,
    `INSERT INTO ${records(at.schema)} ("table", ${COLUMNS}, "built_at") SELECT ${values.join(', ')} FROM ${measured.from}`,
  ];
}
