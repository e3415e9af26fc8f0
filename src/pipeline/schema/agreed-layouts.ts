import { compareColumns, compareLayouts, type Layout } from '../columns/layout.ts';
import { COMMON_SHARE } from '../columns/layout-growth.ts';
import { type AgreedSchema, runsWithout } from './agreed-schema.ts';

/**
 * The layouts that the agreed schema lets a run start with: of every table the columns that were common when they
 * were seen last, and that the newest run had. What is rare stays out, for every row would carry its NULL.
 */
export function agreedLayouts(schema: AgreedSchema): Layout[] {
  return schema.tables
    .map(({ path, columns }): Layout => {
      const common = columns.filter(
        (column) => (column.lastSeen?.share ?? 0) >= COMMON_SHARE && runsWithout(schema, column) === 0,
      );
      return {
        table: path,
        columns: common.map(({ path: at, form }) => ({ path: at, form })).sort(compareColumns),
      };
    })
    .filter(({ columns }) => columns.length > 0)
    .sort(compareLayouts);
}
