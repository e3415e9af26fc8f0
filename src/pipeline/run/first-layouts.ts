import { columnIdentity } from '../columns/column-names.ts';
import type { ColumnLimits } from '../columns/column-room.ts';
import { columnOf, type Layout } from '../columns/layout.ts';
import { columnsByTable, sampleLayouts } from '../columns/layout-growth.ts';
import type { Key } from '../item/key.ts';
import { rootOf } from '../item/path.ts';
import { type Mapping, mappedPaths, namingOf, rootTables } from '../mapping/mapping.ts';
import { agreedLayouts } from '../schema/agreed-layouts.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';
import type { Seen } from '../seen/seen.ts';
import type { Plan } from './plan.ts';

/**
 * The layouts that a run's extraction starts with: common columns of the agreed schema, and of a sample.
 * @param sampled what a sample of the items showed with this mapping
 */
export function firstLayouts(
  agreed: AgreedSchema | undefined,
  sampled: Seen,
  key: Key,
  mapping: Mapping,
): Layout[] {
  const known = agreed === undefined ? [] : agreedLayouts(agreed, mapping);
  const held = new Map(agreed?.tables.map(({ path, columns }) => [path, columns]));
  return sampleLayouts(sampled, key, known, { held, ...limitsOf(mapping) });
}

/** With up to this many columns beyond those of its layout, a table has room for 1,500 more: see column-room.ts. */
const FEW_COLUMNS = 50;

/** The columns of the agreed schema that a run's layouts lack, of tables where they leave less room for new ones. */
export function heldBeyond(agreed: AgreedSchema | undefined, layouts: readonly Layout[]): Layout[] {
  const started = columnsByTable(layouts);
  return (agreed?.tables ?? []).flatMap(({ path, columns }) => {
    const known = new Set(started.get(path)?.map(columnIdentity));
    const others = columns.filter((column) => !known.has(columnIdentity(column)));
    return others.length > FEW_COLUMNS ? [{ table: path, columns: others.map(columnOf) }] : [];
  });
}

/** What of a plan's mapping limits the columns. */
export const limitsOf = (mapping: Mapping): Pick<ColumnLimits, 'mapped' | 'naming'> => ({
  mapped: mappedPaths(mapping),
  naming: namingOf(mapping),
});

/** What limits the columns that a planned run adds to its layouts while it reads. */
export function limitsWhileReading({ held = [], definition }: Plan): ColumnLimits {
  return { held: columnsByTable(held), ...limitsOf(definition.mapping) };
}

/**
 * The layouts for tables that items can go to with this mapping. A run that replays another one sees items of two
 * mappings, which may have different entities.
 */
export function layoutsFor(mapping: Pick<Mapping, 'entities'>, layouts: readonly Layout[]): Layout[] {
  const roots = new Set(rootTables(mapping));
  return layouts.filter(({ table }) => roots.has(rootOf(table)));
}
