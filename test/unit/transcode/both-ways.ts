import type { Layout } from '../../../src/pipeline/columns/layout.ts';
import type { Item } from '../../../src/pipeline/item/attribute.ts';
import { NULL_TEXT } from '../../../src/pipeline/item/csv.ts';
import { parseExactly } from '../../../src/pipeline/item/exact-json.ts';
import type { Key } from '../../../src/pipeline/item/key.ts';
import { keyedHash } from '../../../src/pipeline/item/keyed-hash.ts';
import type { Mapping } from '../../../src/pipeline/mapping/mapping.ts';
import { createShredder, type Shredder } from '../../../src/pipeline/mapping/shred.ts';
import { RowBuffer } from '../../../src/transcode/row-buffer.ts';
import { Transcoder } from '../../../src/transcode/transcoder.ts';

/** With a key that no test asserts. */
const HIDING = { hash: keyedHash('a key of tests') };

/** Everything that comes out of items: rows by layout, the items that have none, and what was seen. */
export interface Outcome {
  readonly rows: readonly { readonly text: string; readonly count: number }[];
  readonly odd: readonly Item[];
  readonly filtered: number;
  readonly rejected: readonly { readonly item: Item; readonly reason: string; readonly path: string }[];
  readonly counts: ReturnType<Shredder['rowCounts']>;
  readonly seen: ReturnType<Shredder['takeCutSeen']>;
}

interface Setting {
  readonly key: Key;
  readonly layouts: readonly Layout[];
  readonly shapes: readonly Layout[];
  readonly mapping: Mapping;
}

/** The shredder alone, with the items parsed. */
export function shredded(setting: Setting, items: readonly Item[]): Outcome {
  const { shredder, take, outcome } = start(setting);
  for (const item of items) take(shredder, item);
  return outcome();
}

/** The transcoder on the items' JSON, with commas between them, and the shredder for those that it leaves. @throws Error for what is not JSON */
export function transcoded(setting: Setting, page: Buffer): Outcome & { readonly left: number } {
  const { shredder, buffers, take, outcome } = start(setting, () => transcoder.filtered);
  let left = 0;
  const transcoder = new Transcoder({
    trees: shredder.trees,
    key: setting.key,
    mapping: setting.mapping,
    nullText: NULL_TEXT,
    buffers,
    shred: (item) => {
      left++;
      take(shredder, parseExactly(item.toString('utf8')) as Item);
    },
  });
  const { next, isJson } = transcoder.takeItems({ body: page, end: page.length }, 0, () => false);
  // As the cut writer does it.
  const rest = isJson ? [] : parseObjects(page, next);
  for (const item of rest) take(shredder, item);
  return { ...outcome(), left };
}

/** @throws Error unless they are objects, with commas between them */
function parseObjects(page: Buffer, from: number): readonly Item[] {
  const items = parseExactly(`[${page.toString('utf8', from)}]`) as unknown[];
  const isObject = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item);
  if (!items.every(isObject)) throw new Error('an item is no object');
  return items as Item[];
}

function start({ key, layouts, shapes, mapping }: Setting, filteredElsewhere = () => 0) {
  const buffers = [...layouts, ...shapes].map(() => new RowBuffer());
  const shredder = createShredder({ key, layouts, shapes, mapping, sinks: buffers, hiding: HIDING });
  const odd: Item[] = [];
  let filtered = 0;
  const rejected: Outcome['rejected'][number][] = [];
  return {
    shredder,
    buffers,
    take: (by: Shredder, item: Item) => {
      const result = by.shred(item);
      if (result.kind === 'odd') odd.push(item);
      if (result.kind === 'filtered') filtered++;
      if (result.kind === 'rejected') rejected.push({ item, reason: result.reason, path: result.path });
    },
    outcome: (): Outcome => ({
      rows: buffers.map((buffer) => ({ text: buffer.view().toString('utf8'), count: buffer.rows })),
      odd,
      filtered: filtered + filteredElsewhere(),
      rejected,
      counts: shredder.rowCounts(),
      seen: shredder.takeCutSeen(),
    }),
  };
}
