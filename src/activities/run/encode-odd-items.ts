import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import type { PartFile } from '../../pipeline/load/part-file.ts';
import { nullTextOf, type Plan } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { ItemFile } from '../../pipeline/run/segments/checkpoint.ts';
import { emptySeen, mergeSeen, type Seen } from '../../pipeline/seen/seen.ts';
import { CutWriter } from '../../store/cut-writer.ts';
import { readOdd } from '../../store/item-files.ts';

/** What the odd items of a run became. */
export interface EncodedOdd {
  readonly files: PartFile[];
  /** The layouts of the files, by id. */
  readonly layouts: Record<string, Layout>;
  /** Files of the items that cannot be written, even with these layouts. */
  readonly rejects: ItemFile[];
  readonly rejectReasons: Record<string, number>;
  /** What the encoded items showed, without rejected ones. */
  seen: Seen;
}

/** Encodes items that did not fit the layouts when they were read into part files, cut like a segment's. */
export async function encodeOddItems(
  store: ObjectStore,
  ref: RunRef,
  plan: Plan,
  odd: readonly ItemFile[],
  layouts: readonly Layout[],
  signal: AbortSignal,
  onCut: () => void,
): Promise<EncodedOdd> {
  const { key } = plan.source;
  const { mapping } = plan.refersTo ?? plan.definition;
  const { cutBytes, compression } = plan.definition.staging;
  const attempt = randomBytes(6).toString('hex');
  const made: EncodedOdd = { files: [], layouts: {}, rejects: [], rejectReasons: {}, seen: emptySeen() };
  let cuts = 0;
  let items = 0;
  const open = () => {
    items = 0;
    const writer = { segment: 'seal', cut: ++cuts, attempt } as const;
    const nullText = nullTextOf(plan);
    return new CutWriter({
      ...{ store, ref, writer, key, layouts, mapping, compression, nullText },
      hiding: 'before',
    });
  };
  const close = async (writer: CutWriter) => {
    const cut = await writer.finish(items, signal);
    if (cut.odd !== undefined) {
      throw new Error(`an odd item of run ${ref.run} did not fit the layouts made of everything seen`);
    }
    for (const file of cut.files) made.files.push(file);
    Object.assign(made.layouts, cut.layouts);
    if (cut.rejects !== undefined) made.rejects.push(cut.rejects);
    for (const [reason, n] of Object.entries(cut.rejectReasons)) {
      made.rejectReasons[reason] = (made.rejectReasons[reason] ?? 0) + n;
    }
    made.seen = mergeSeen(made.seen, cut.seen);
    onCut();
  };
  let writer = open();
  try {
    for (const file of odd) {
      for await (const some of readOdd(store, file.key, signal)) {
        for (const item of some) {
          writer.write(item);
          if (writer.isCrowded) await writer.drain();
        }
        items += some.length;
        await writer.drain();
        if (writer.heldBytes < cutBytes) continue;
        await close(writer);
        writer = open();
      }
    }
    await close(writer);
  } catch (error) {
    writer.discard();
    throw error;
  }
  return made;
}
