import type { ScanPage, ScanRequest } from '../../clients/table-source.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { itemSize } from '../../pipeline/estimate/item-size.ts';
import {
  divisions,
  ENOUGH_ITEMS,
  MOST_PAGES_PER_SLICE,
  slicesOf,
  wholeFrom,
} from '../../pipeline/estimate/slices.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Pace } from '../runtime/pace.ts';

const SLICES_AT_ONCE = 8;

/**
 * About how many items and bytes a table has that DynamoDB has not counted yet.
 * @returns undefined if its keys are too uneven to tell
 */
export async function countBySlices(
  deps: Dependencies,
  { source: { table } }: PipelineDefinition,
  segments: number,
  pace: Pace | undefined,
  signal: AbortSignal,
): Promise<{ readonly items: number; readonly bytes: number } | undefined> {
  const read = (where: Pick<ScanRequest, 'segment' | 'segments' | 'from'>): Promise<ScanPage> => {
    const request = (limit?: number) => deps.source.scanPage({ table, ...where, limit, signal });
    return pace === undefined ? request() : pace.page(request, signal);
  };
  for (const division of divisions(segments)) {
    const found = { items: 0, bytes: 0 };
    let isUneven = false;
    await forEachLimited(slicesOf(division), SLICES_AT_ONCE, async (segment) => {
      let from: ScanRequest['from'];
      for (let pages = 0; pages < MOST_PAGES_PER_SLICE; pages++) {
        const page = await read({ segment, segments: division, from });
        found.items += page.count;
        for (const item of page.items) found.bytes += itemSize(item);
        from = page.next;
        if (from === undefined) return;
      }
      isUneven = true;
    });
    if (isUneven) return undefined;
    if (found.items >= ENOUGH_ITEMS) return wholeFrom(division, found);
  }
  return undefined;
}
