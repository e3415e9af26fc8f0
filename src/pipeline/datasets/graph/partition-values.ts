import { partitionColumns, partitionPath, WHOLE } from '../partitions/partition-of.ts';
import { isDay } from '../records/instant.ts';

/** A partition by its day or month, `2026-11-01`, and by its path, `record_date=2026-11-01` or `year=2026/month=11/day=01`. */

export const valueOfPath = (path: string): string =>
  path === WHOLE
    ? WHOLE
    : partitionColumns(path)
        .map(({ value }) => value)
        .join('-');

export function pathOfValue(
  {
    column,
    columns,
  }: { readonly column?: string | undefined; readonly columns?: readonly string[] | undefined },
  value: string,
): string {
  if (columns === undefined) return column === undefined ? WHOLE : partitionPath([{ name: column, value }]);
  const parts = value.split('-');
  return partitionPath(columns.map((name, index) => ({ name, value: parts[index] ?? '' })));
}

/** Whether there can be a partition with this value. */
export function isValueOf(unit: 'hour' | 'day' | 'month' | 'all', value: string): boolean {
  switch (unit) {
    case 'hour':
      return isDay(value.slice(0, 10)) && /^-(?:[01]\d|2[0-3])$/.test(value.slice(10));
    case 'day':
      return isDay(value);
    case 'month':
      return isDay(`${value}-01`);
    case 'all':
      return value === WHOLE;
  }
}
