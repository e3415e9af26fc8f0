import { StatementType } from '@duckdb/node-api';
import { probesIn, probeView } from '../../pipeline/datasets/parquet/query-sql.ts';
import type { PartitionQuery, PartitionsRead } from '../table-engine.ts';
import type { Database } from './duckdb-database.ts';
import { onlySelect } from './query-rows.ts';

/**
 * Plans a query over an empty table per partition: the optimizer leaves out those that the conditions on the partition columns
 * rule out, wherever in the query they are.
 */
export async function partitionsRead(
  database: Database,
  { sql, tables }: PartitionQuery,
): Promise<PartitionsRead> {
  const names = Object.keys(tables);
  for (const [index, [name, table]] of Object.entries(tables).entries())
    for (const statement of probeView(name, index, table)) await database.run(statement);
  const { statementType } = await onlySelect(database, sql);
  const all = Object.fromEntries(names.map((name) => [name, [...tables[name]!.partitions.keys()]]));
  if (statementType === StatementType.EXPLAIN) return all;
  const plan = await database.rows(`EXPLAIN (FORMAT json) ${sql}`);
  const read = new Map(names.map((name) => [name, new Set<number>()]));
  for (const [table, partition] of probesIn(JSON.stringify(plan))) read.get(names[table]!)?.add(partition);
  return Object.fromEntries(
    [...read].map(([name, partitions]) => [name, [...partitions].sort((a, b) => a - b)]),
  );
}
