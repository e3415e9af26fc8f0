import { compareColumns, compareLayouts, type Layout } from '../columns/layout.ts';
import { COMMON_SHARE } from '../columns/layout-growth.ts';
import { fillableColumns } from '../mapping/fillable.ts';
import type { ItemMapping } from '../mapping/mapping.ts';
import { type AgreedSchema, runsWithout } from './agreed-schema.ts';

/**
 * The layouts that a run can start with according to the agreed schema. A column is included if it was common when last
 * seen, if the newest run had it, and if the run's mapping can still fill it. Rare columns are left out, because every
 * row would carry their NULL.
 */
export function agreedLayouts(schema: AgreedSchema, mapping: ItemMapping): Layout[] {
  const isFillable = fillableColumns(mapping);
  return schema.tables
    .map(({ path, columns }): Layout => {
      const common = columns.filter(
        (column) =>
          (column.lastSeen?.share ?? 0) >= COMMON_SHARE &&
          runsWithout(schema, column) === 0 &&
          isFillable(column),
      );
      return {
        table: path,
        columns: common.map(({ path: at, form }) => ({ path: at, form })).sort(compareColumns),
      };
    })
    .filter(({ columns }) => columns.length > 0)
    .sort(compareLayouts);
}
