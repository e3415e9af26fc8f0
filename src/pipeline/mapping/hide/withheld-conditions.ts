import { attributePath } from '../../item/path.ts';
import { columnMapping, type Mapping, rootTables } from '../mapping.ts';
import type { FilterCondition } from '../row-filter.ts';
import { Included, leftOut } from '../selection.ts';

/** A condition of `where` on an attribute that a mapping withholds, so that it cannot be tried on what the mapping leaves. */
interface WithheldCondition {
  readonly index: number;
  /** In words. */
  readonly why: string;
}

/** @param mapping what withholds @param where what tests */
export function withheldConditions(
  mapping: Mapping,
  where: readonly FilterCondition[] = [],
): WithheldCondition[] {
  const out = new Set(leftOut(mapping));
  const included = new Included(mapping);
  return where.flatMap(({ attribute }, index) => {
    for (const root of rootTables(mapping)) {
      const path = attributePath(root, attribute);
      const { hash, mask } = columnMapping(mapping, path) ?? {};
      const how = out.has(path)
        ? 'leaves out'
        : hash || mask
          ? 'hides'
          : included.of(path) === 'none'
            ? 'does not include'
            : undefined;
      if (how !== undefined)
        return [{ index, why: `the pipeline’s own mapping ${how} ${path}, so no later step can test it` }];
    }
    return [];
  });
}
