import { expect, test } from '@jest/globals';
import { itemSize } from '../../../bench/speed/item-size.ts';
import { itemOf, KEY, SHAPES, type Shape } from '../../../bench/speed/shapes.ts';
import { finalLayouts } from '../../../src/pipeline/columns/layout-growth.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { NO_MAPPING } from '../../../src/pipeline/mapping/mapping.ts';
import { sampleShapes } from '../../../src/pipeline/mapping/suggest/sample-shapes.ts';
import { PartBuffer } from '../../../src/store/part-buffer.ts';
import { seenOf, write } from '../pipeline/load/part-files.ts';

const MB = 1024 * 1024;
/** `segments: auto` gives a segment so much of a table, as DynamoDB counts. */
const SEGMENT_BYTES = 256 * MB;
/** The default of `staging.cutBytes`. */
const CUT_BYTES = 32 * MB;
const SAMPLE_BYTES = 700_000;

/** The sizes of the files that each cut of an automatic segment writes, one per table and layout, by a small sample. */
async function filesOfCut(shape: Shape): Promise<number[]> {
  const items: Item[] = [];
  for (let size = 0; size < SAMPLE_BYTES; ) {
    const item = itemOf(shape, 1, items.length);
    items.push(item);
    size += itemSize(item);
  }
  const key = [...KEY];
  const layouts = finalLayouts(seenOf(items, key), key);
  const shapes = sampleShapes(items, { key, layouts, mapping: NO_MAPPING });
  const ofSegment: number[] = [];
  const scale = SEGMENT_BYTES / items.reduce((sum, item) => sum + itemSize(item), 0);
  for (const { text, rows } of write(items, key, layouts, NO_MAPPING, shapes).files) {
    if (rows === 0) continue;
    const part = new PartBuffer('zstd');
    part.append(text, rows);
    ofSegment.push((await part.finish()).byteLength * scale);
  }
  const cuts = Math.ceil(sum(ofSegment) / CUT_BYTES);
  return ofSegment.map((bytes) => bytes / cuts);
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, bytes) => total + bytes, 0);

test.each(SHAPES)(
  'files of $name have the size that COPY loads best, where there is enough data',
  async (shape) => {
    const files = await filesOfCut(shape);
    const good = files.filter((bytes) => bytes >= MB && bytes <= 125 * MB);
    expect(sum(good)).toBeGreaterThan(0.85 * sum(files));
  },
);
