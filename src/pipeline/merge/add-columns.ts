import { qualified, quoteIdentifier } from '../sql/identifier.ts';
import type { BatchLoad, Statement } from './batch-load.ts';
import { columnType } from './column-type.ts';
import { lockStatements } from './lock-table.ts';
import type { TargetColumn } from './target.ts';

/**
 * One short transaction per new column, before the batch and never in it: ALTER TABLE blocks the table's readers until its
 * transaction ends, and adds one column. Give each a short time limit, so that one that waits behind a long query does not
 * block the queries behind it. A column that exists already is success: read the columns again after a failure.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
 */
export function addColumnStatements(
  { target, version, tableId }: Pick<BatchLoad, 'target' | 'version' | 'tableId'>,
  columns: readonly TargetColumn[],
): Statement[][] {
  return columns.map(({ name, type }) => [
    ...lockStatements(target, { version, tableId }),
    {
      sql:
        `ALTER TABLE ${qualified(target.schema, target.table)} ` +
        `ADD COLUMN ${quoteIdentifier(name)} ${columnType(type).sql}`,
    },
  ]);
}
