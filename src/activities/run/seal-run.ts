import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { SealedRun } from '../../contract/refresh-activities.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import { columnsPastLimit, finalLayouts } from '../../pipeline/columns/layout-growth.ts';
import type { PartFile } from '../../pipeline/load/part-file.ts';
import type { CheckpointFigures } from '../../pipeline/run/checkpoint.ts';
import { layoutsFor } from '../../pipeline/run/first-layouts.ts';
import type { Plan } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { buildManifest } from '../../pipeline/run/seal.ts';
import { columnsHeld, observationOf } from '../../pipeline/run/seal-input.ts';
import { agree } from '../../pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import { emptySeen, mergeSeen, onlyRest, type Seen, withoutColumns } from '../../pipeline/seen/seen.ts';
import { agreedSchema, findAgreed, refuseDrift } from '../../store/agreed-schema-file.ts';
import { amend } from '../../store/bookmark.ts';
import { anyWriter, claim } from '../../store/claim.ts';
import { CutWriter } from '../../store/cut-writer.ts';
import { readOdd } from '../../store/item-files.ts';
import { findManifest, manifestDocument, readPlan } from '../../store/run-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { sealedRun } from './plan-run.ts';
import { readExtracted } from './read-extracted.ts';

/**
 * Seals a run:
 *
 * 1. Merges the checkpoints of all segments.
 * 2. Encodes the odd items, with layouts that hold everything seen.
 * 3. Brings the agreed schema up to what was seen. Names are agreed on before a manifest holds them, so no two runs ever
 *    give one name to two paths.
 * 4. Claims the manifest. If two attempts run at once, each writes its own files, and one of them the manifest.
 */
export async function sealRun(
  deps: Dependencies,
  { ref, acceptDrift }: { readonly ref: RunRef; readonly acceptDrift: boolean },
): Promise<SealedRun> {
  const store = deps.store(ref.bucket);
  let doing = 'reading checkpoints';
  const record = ActivityRecord.current();
  let steps = 0;
  const step = () => record.reach(++steps);
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const sealed = await findManifest(store, ref, signal);
      if (sealed !== undefined) return sealedRun(sealed);
      const plan = await readPlan(store, ref, signal);
      const extracted = await readExtracted(store, ref, plan.segments, signal, step);
      const { checkpoints } = extracted;
      const layoutsUsed = new Map(extracted.layouts);
      const schemaNow = await findAgreed(store, ref, signal);
      const held = columnsHeld(plan, layoutsUsed.values(), schemaNow);
      const past = columnsPastLimit(extracted.seen, plan.source.key, held);
      let seen = withoutColumns(extracted.seen, past.columns);
      const changedMs = (await sharedTime(deps, ref.bucket, { signal })).getTime();
      const agreed = (before: AgreedSchema | undefined) => {
        const next = agree(before, observationOf(plan, layoutsUsed.values(), seen), changedMs);
        if (plan.definition.onDrift === 'stop' && !acceptDrift) refuseDrift(before, next, ref);
        return next;
      };
      // A drift that stops the run is reported before the odd items are encoded.
      agreed(schemaNow);
      doing = 'encoding odd items';
      const { mapping } = plan.refersTo ?? plan.definition;
      const layouts = layoutsFor(mapping, finalLayouts(seen, plan.source.key, past.tables));
      const odd = await encodeOddItems(store, ref, plan, checkpoints, layouts, signal, step);
      // Values that went to `_rest` were seen in columns of their own before.
      seen = mergeSeen(seen, onlyRest(odd.seen, past.tables));
      for (const [id, layout] of Object.entries(odd.layouts)) layoutsUsed.set(id, layout);
      doing = 'agreeing on the schema';
      const sealedAt = (await sharedTime(deps, ref.bucket, { signal })).toISOString();
      const manifestBy = (schema: AgreedSchema) =>
        buildManifest({
          ...{ plan, checkpoints, seen, sealedAt, agreed: schema },
          layouts: layoutsUsed,
          oddFiles: odd.files,
        });
      const schema = await amend(
        agreedSchema(store, ref),
        (before) => {
          const next = agreed(before);
          // A run that cannot be sealed must not change what all others agree on.
          manifestBy(next);
          return next;
        },
        signal,
      );
      // Whichever attempt wins, its manifest names only files that exist.
      const { value } = await claim(manifestDocument(store, ref), manifestBy(schema), anyWriter, signal);
      return sealedRun(value);
    },
  );
}

interface EncodedOdd {
  readonly files: PartFile[];
  readonly layouts: Record<string, Layout>;
  seen: Seen;
}

/** Encodes the items that did not fit the layouts when they were read into part files, cut like a segment's. */
async function encodeOddItems(
  store: ObjectStore,
  ref: RunRef,
  plan: Plan,
  checkpoints: readonly CheckpointFigures[],
  layouts: readonly Layout[],
  signal: AbortSignal,
  onCut: () => void,
): Promise<EncodedOdd> {
  const { key } = plan.source;
  const { mapping } = plan.refersTo ?? plan.definition;
  const { cutBytes, compression } = plan.definition.staging;
  const attempt = randomBytes(6).toString('hex');
  const made: EncodedOdd = { files: [], layouts: {}, seen: emptySeen() };
  let cuts = 0;
  let items = 0;
  const open = () => {
    items = 0;
    const writer = { segment: 'seal', cut: ++cuts, attempt } as const;
    return new CutWriter({ store, ref, writer, key, layouts, mapping, compression });
  };
  const close = async (writer: CutWriter) => {
    const cut = await writer.finish(items, signal);
    if (cut.odd !== undefined || cut.rejects !== undefined) {
      throw new Error(`an odd item of run ${ref.run} did not fit the layouts made of everything seen`);
    }
    for (const file of cut.files) made.files.push(file);
    Object.assign(made.layouts, cut.layouts);
    made.seen = mergeSeen(made.seen, cut.seen);
    onCut();
  };
  let writer = open();
  try {
    for (const { odd } of checkpoints) {
      if (odd === undefined) continue;
      for await (const some of readOdd(store, odd.key, signal)) {
        for (const item of some) writer.write(item);
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
