import { z } from 'zod';
import { roleSql } from '../../load/copy-statement.ts';
import { qualified, quoteIdentifier, quoteLiteral } from '../../sql/identifier.ts';
import type { TableColumn } from '../parquet/column-type.ts';
import { quoted, storedType } from '../parquet/duckdb-sql.ts';
import type { OwnTable } from './partition-records.ts';
import type { PartitionValue } from './step-transaction.ts';

/**
 * Unloads one partition to Parquet. Timestamps go as microseconds since 1970, because UNLOAD leaves out time zones.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
 */
export function unloadSql(
  at: OwnTable,
  columns: readonly TableColumn[],
  {
    partition,
    to,
    iamRole,
  }: {
    readonly partition: PartitionValue;
    /** `s3://bucket/prefix/` */
    readonly to: string;
    readonly iamRole: string;
  },
): string {
  const values = columns.map(({ name, type }) => {
    const column = quoteIdentifier(name);
    if (type.kind !== 'timestamp') return column;
    return `DATEDIFF(microsecond, TIMESTAMP '1970-01-01', ${column} AT TIME ZONE 'UTC') AS ${column}`;
  });
  const query =
    `SELECT ${values.join(', ')} FROM ${qualified(at.schema, at.table)} ` + `WHERE ${partition.where}`;
  return [
    `UNLOAD (${quoteLiteral(query)}) TO ${quoteLiteral(to)}`,
    roleSql(iamRole),
    'FORMAT AS PARQUET MANIFEST VERBOSE ALLOWOVERWRITE',
  ].join(' ');
}

/** The columns as they are in the unloaded files. */
export const unloadedColumns = (columns: readonly TableColumn[]): TableColumn[] =>
  columns.map(({ name, type }) => ({
    name,
    type: type.kind === 'timestamp' ? { kind: 'bigint' } : type,
  }));

/** DuckDB's query that makes the columns of the unloaded ones. */
export function fromUnloaded(columns: readonly TableColumn[], table: string): string {
  const values = columns.map(({ name, type }) => {
    const column = quoted(name);
    const value =
      type.kind === 'timestamp' ? `make_timestamptz(${column})` : `${column}::${storedType(type)}`;
    return `${value} AS ${column}`;
  });
  return `SELECT ${values.join(', ')} FROM ${quoted(table)}`;
}

/** What UNLOAD wrote, as its manifest says with VERBOSE. */
export const UnloadManifest = z.object({
  entries: z.array(
    z.object({
      url: z.string(),
      meta: z.object({
        content_length: z.number().int().nonnegative(),
        record_count: z.number().int().nonnegative(),
      }),
    }),
  ),
});
export type UnloadManifest = z.infer<typeof UnloadManifest>;
