import type { Column } from '../../columns/layout.ts';
import { withoutAspect } from '../../item/path.ts';
import { fillableColumns } from '../fillable.ts';
import { HiddenNames } from '../hide/hidden-names.ts';
import { FOR_LOOKS, MASKED } from '../hide/hiding.ts';
import { columnMapping, type Mapping } from '../mapping.ts';

/** What the mapping does to the values of a column, in a few words. Empty for most. */
export function valueFacts(mapping: Mapping): (column: Column) => string[] {
  const isFillable = fillableColumns(mapping);
  const hidden = new HiddenNames(mapping, FOR_LOOKS);
  return (column) => {
    if (!isFillable(column)) return ['no longer filled by the mapping'];
    if (column.form !== 'scalar') return [];
    const { epoch } = columnMapping(mapping, withoutAspect(column.path)) ?? {};
    const { path } = column;
    const at = /%(?:key|rest)$/.test(path) ? undefined : hidden.at(path);
    // Of a value that is kept whole, only some may be hidden.
    const rule = path.endsWith('%super') ? at?.rule : at?.scalars;
    return [
      ...(epoch === undefined
        ? []
        : [
            column.path.endsWith('.%n')
              ? 'numbers that are no exact time'
              : `times, from ${epoch} since 1970`,
          ]),
      ...(rule === undefined ? [] : [rule.hide === MASKED ? 'masked' : 'hashed']),
    ];
  };
}
