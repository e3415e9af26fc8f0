import type { Item } from '../../item/attribute.ts';
import type { Key } from '../../item/key.ts';
import { type Mapping, rootTables } from '../mapping.ts';
import type { FilterCondition } from '../row-filter.ts';
import { FOR_LOOKS } from './hiding.ts';
import { Withheld } from './withheld.ts';

/**
 * The conditions on attributes that images in the log show as they are.
 * @param mapping the pipeline's, by which the log was written
 */
export function shownConditions(
  mapping: Mapping,
  key: Key,
  where: readonly FilterCondition[],
): FilterCondition[] {
  const withheld = new Withheld(mapping, key, FOR_LOOKS);
  return where.filter(({ attribute }) => {
    const item: Item = Object.fromEntries([[attribute, { S: 'x' }]]);
    return rootTables(mapping).every((root) => withheld.without(item, root) === item);
  });
}
