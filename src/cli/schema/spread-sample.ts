import type { TableSource } from '../../clients/table-source.ts';
import type { Item } from '../../pipeline/item/attribute.ts';

/** The first items of each segment. The segments are spread over the table. */
const SEGMENTS = 20;
const ITEMS_PER_SEGMENT = 200;
const SEGMENTS_AT_ONCE = 5;

export interface SpreadSample {
  readonly items: readonly Item[];
  readonly readUnits: number;
  /** Each page was the end of its segment, so the sample is the table. */
  readonly isWhole: boolean;
}

export async function spreadSample(tables: TableSource, table: string): Promise<SpreadSample> {
  const items: Item[] = [];
  let readUnits = 0;
  let isWhole = true;
  const open = Array.from({ length: SEGMENTS }, (_, segment) => segment);
  const read = async () => {
    for (let segment = open.shift(); segment !== undefined; segment = open.shift()) {
      const page = await tables.scanPage({ table, segment, segments: SEGMENTS, limit: ITEMS_PER_SEGMENT });
      for (const item of page.items) items.push(item);
      readUnits += page.readUnits;
      isWhole &&= page.next === undefined;
    }
  };
  await Promise.all(Array.from({ length: SEGMENTS_AT_ONCE }, read));
  return { items, readUnits, isWhole };
}
