import type { Column } from '../columns/layout.ts';
import { isAtOrBelow, withoutAspect } from '../item/path.ts';
import { fillableColumns } from './fillable.ts';
import { columnMapping, type Mapping } from './mapping.ts';

/** What the mapping does to the values of a column, in a few words. Empty for most. */
export function valueFacts(mapping: Mapping): (column: Column) => string[] {
  const isFillable = fillableColumns(mapping);
  const hides = Object.entries(mapping.columns).filter(([, { hash, mask }]) => hash || mask);
  return (column) => {
    if (!isFillable(column)) return ['no longer filled by the mapping'];
    if (column.form !== 'scalar') return [];
    const { epoch } = columnMapping(mapping, withoutAspect(column.path)) ?? {};
    const hidden = hides.find(([path]) => isAtOrBelow(column.path, path));
    return [
      ...(epoch === undefined
        ? []
        : [
            column.path.endsWith('.%n')
              ? 'numbers that are no exact time'
              : `times, from ${epoch} since 1970`,
          ]),
      ...(hidden === undefined ? [] : [hidden[1].hash ? 'hashed' : 'masked']),
    ];
  };
}
