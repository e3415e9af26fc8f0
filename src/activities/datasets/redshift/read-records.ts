import {
  type FoundRecord,
  recordsOf,
  recordsQuery,
} from '../../../pipeline/datasets/redshift/partition-records.ts';
import { query } from '../../sql/transaction.ts';
import { nameOf, type OpenWarehouse } from './open-warehouse.ts';

/** What the partitions of a table were built from; or one of them. The tables exist. */
export async function readRecords(
  { target, database, signal }: OpenWarehouse,
  column: string | undefined,
  partition?: string,
): Promise<FoundRecord[]> {
  const [rows = []] = await query(
    database,
    `tributary partitions of ${nameOf(target)}`,
    [recordsQuery(target, column, partition)],
    signal,
  );
  return recordsOf(rows);
}
