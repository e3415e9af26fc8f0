import type { Layout } from '../columns/layout.ts';
import { sampleLayouts } from '../columns/layout-growth.ts';
import type { Key } from '../item/key.ts';
import { rootOf } from '../item/path.ts';
import { type Mapping, rootTables } from '../mapping/mapping.ts';
import { agreedLayouts } from '../schema/agreed-layouts.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';
import type { Seen } from '../seen/seen.ts';

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
  return sampleLayouts(sampled, key, known, held);
}

/**
 * The layouts for tables that items can go to with this mapping. A run that replays another one sees items of two
 * mappings, which may have different entities.
 */
export function layoutsFor(mapping: Pick<Mapping, 'entities'>, layouts: readonly Layout[]): Layout[] {
  const roots = new Set(rootTables(mapping));
  return layouts.filter(({ table }) => roots.has(rootOf(table)));
}
