import { fingerprint } from '../../item/fingerprint.ts';
import type { ItemMapping } from '../mapping.ts';
import { leftOut } from '../selection.ts';

/**
 * Identifies what a mapping leaves out and hides of items, and which of them it filters: two mappings with the same id do the
 * same to every item. Names and types do not matter, nor does the key of hashes, which has an id of its own.
 */
export function withheldId(mapping: ItemMapping): string {
  const { columns, include, where = [], entities, emptyAsNull = false } = mapping;
  const out = leftOut(mapping);
  const hidden = Object.entries(columns).flatMap(([path, { hash, mask, emptyAsNull: own = emptyAsNull }]) =>
    hash || mask ? JSON.stringify([path, hash ? 'hash' : 'mask', own]) : [],
  );
  const withholds = out.length > 0 || include !== undefined || hidden.length > 0;
  const settings = {
    ...{ out: out.sort(), include: include && [...include].sort(), hidden: hidden.sort() },
    where: where.map(withSortedKeys).sort(),
    // They tell which of the paths an item has.
    entities: withholds ? Object.entries(entities).map(([name, route]) => [name, withSortedKeys(route)]) : [],
    asRows:
      hidden.length > 0
        ? Object.keys(columns)
            .filter((path) => columns[path]?.asRows)
            .sort()
        : [],
  };
  return fingerprint(JSON.stringify(settings), 16);
}

const withSortedKeys = (value: object): string =>
  JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
