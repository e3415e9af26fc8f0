import { STEADY_CLOCK } from '../../clients/clock.ts';
import { nextPage, type Page, type Source } from '../../clients/source.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import type { Item } from '../../pipeline/item/attribute.ts';
import type { Key } from '../../pipeline/item/key.ts';
import { createShredder, type Shredded } from '../../pipeline/mapping/shred.ts';
import { emptySeen, mergeSeen, type Seen } from '../../pipeline/seen/seen.ts';
import { boundedSeen } from '../../pipeline/seen/seen-bounds.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import { Pace, type TableSize } from '../runtime/pace.ts';
import { ReadBudget } from '../runtime/read-budget.ts';

/** Items of the whole sample. An attribute that one item in a hundred has then gets a column from the first cut on. */
const SAMPLED_ITEMS = 2000;
const LEAST_SAMPLED_PER_SEGMENT = 100;
/** So much JSON of the sample is kept to find the common shapes of rows. */
const SAMPLED_ITEM_BYTES = 4_000_000;
const SAMPLED_AT_ONCE = 8;
/** How long the sample of a table may take to earn its read units. It is smaller if they are few. */
const SAMPLE_SECONDS = 60;

/**
 * What was seen in the first items of every segment, which nearly all other items will fit; and some of these items.
 * @param onPage is called with each page, and with the result for each of its items
 */
export async function sampleOf(
  pages: Source,
  { source, mapping }: PipelineDefinition,
  size: TableSize & { readonly key: Key },
  segments: number,
  signal: AbortSignal,
  onPage?: (page: Page, shredded: readonly Shredded[]) => void,
): Promise<{ readonly seen: Seen; readonly items: readonly Item[] }> {
  const { key } = size;
  const pace = samplePace(source, size, SAMPLE_SECONDS / segments);
  let seen = emptySeen();
  const items: Item[] = [];
  let room = SAMPLED_ITEM_BYTES;
  const perSegment = Math.max(LEAST_SAMPLED_PER_SEGMENT, Math.ceil(SAMPLED_ITEMS / segments));
  await forEachLimited(
    Array.from({ length: segments }, (_, i) => i),
    SAMPLED_AT_ONCE,
    async (segment) => {
      const options = { limit: perSegment, pace, signal };
      const ofSegment = pages.pages({ segment, segments }, undefined, options);
      const page = await nextPage(ofSegment);
      // It may hold a file open.
      await ofSegment.return?.();
      const shredder = createShredder({ key, layouts: [], mapping });
      const shredded = page.items.map((item) => shredder.shred(item));
      onPage?.(page, shredded);
      if (room > 0) for (const item of page.items) items.push(item);
      room -= page.bytes === undefined ? room : page.bytes.end - page.bytes.start;
      seen = boundedSeen(mergeSeen(seen, shredder.takeSeen()));
    },
  );
  return { seen, items };
}

/** The pace of pages that are read in addition to a scan, at the pipeline's rate. Undefined if there is no limit. */
export function samplePace(
  { readUnitsPerSecond: rate }: PipelineDefinition['source'],
  size: TableSize,
  secondsPerPage?: number,
): Pace | undefined {
  if (rate === undefined) return undefined;
  return new Pace(new ReadBudget(rate, STEADY_CLOCK), rate, ActivityRecord.current().waits, {
    size,
    ...(secondsPerPage === undefined ? {} : { secondsPerPage }),
  });
}
