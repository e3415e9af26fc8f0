import { randomBytes } from 'node:crypto';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { columnsByTable } from '../../pipeline/columns/layout-growth.ts';
import { sealLayouts } from '../../pipeline/columns/seal-layouts.ts';
import type { Reject } from '../../pipeline/mapping/reject.ts';
import { createShredder } from '../../pipeline/mapping/shred.ts';
import { layoutsFor, limitsWhileReading } from '../../pipeline/run/first-layouts.ts';
import { nullTextOf, type Plan } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { Checkpoint } from '../../pipeline/run/segments/checkpoint.ts';
import { isSealed } from '../../pipeline/run/segments/segment-history.ts';
import { mergeSeen } from '../../pipeline/seen/seen.ts';
import { boundedSeen } from '../../pipeline/seen/seen-bounds.ts';
import { claim, writtenBy } from '../../store/claim.ts';
import { type Cut, CutWriter } from '../../store/cut-writer.ts';
import { readRejects } from '../../store/item-files.ts';
import { checkpointDocument, readCheckpoints } from '../../store/run-files.ts';

/**
 * A segment of a run that refers to an earlier one. Each of its checkpoints is the earlier run's plus the rows of the
 * rejects that fit now; rejects that still do not fit are set aside again. The checkpoints name the earlier run's files
 * in place; nothing is copied.
 *
 * Any number of attempts may do this at once: the files of the one that claims a checkpoint first are loaded.
 * @throws Terminal `EarlierRunGone`: missing items must not be read from the table, which has changed since.
 */
export async function replaySegment(
  store: ObjectStore,
  ref: RunRef,
  plan: Plan & { readonly refersTo: { readonly run: string } },
  segment: number,
  signal: AbortSignal,
  onCheckpoint: (number: number) => void,
): Promise<void> {
  const attempt = randomBytes(6).toString('hex');
  const earlier = await readCheckpoints(store, { ...ref, run: plan.refersTo.run }, segment, signal);
  if (!isSealed(earlier)) {
    throw new Terminal(
      'EarlierRunGone',
      `Segment ${segment} of run ${plan.refersTo.run}, which run ${plan.run} refers to, is not complete: its ` +
        'files were removed. Start a new run, which reads the whole table.',
    );
  }
  const done = await readCheckpoints(store, ref, segment, signal);
  for (const checkpoint of earlier.slice(done.length)) {
    const { rejects, rejectReasons: _, ...kept } = checkpoint;
    const cut =
      rejects === undefined
        ? undefined
        : await encode(
            store,
            ref,
            plan,
            kept.layouts,
            { segment, cut: checkpoint.number, attempt },
            () => readRejects(store, rejects.key, signal),
            signal,
          );
    const replayed: Checkpoint = {
      ...kept,
      run: plan.run,
      attempt,
      rejectReasons: cut?.rejectReasons ?? {},
      ...(cut?.rejects === undefined ? {} : { rejects: cut.rejects }),
      files: [...kept.files, ...(cut?.files ?? [])],
      layouts: { ...kept.layouts, ...cut?.layouts },
      seen: cut === undefined ? kept.seen : mergeSeen(kept.seen, cut.seen),
    };
    const document = checkpointDocument(store, ref, segment, checkpoint.number);
    await claim(document, replayed, writtenBy(attempt), signal);
    onCheckpoint(checkpoint.number);
  }
}

async function encode(
  store: ObjectStore,
  ref: RunRef,
  plan: Plan,
  used: Checkpoint['layouts'],
  writer: { readonly segment: number; readonly cut: number; readonly attempt: string },
  rejects: () => AsyncIterable<readonly Reject[]>,
  signal: AbortSignal,
): Promise<Cut> {
  const { key } = plan.source;
  const { mapping, staging } = plan.definition;
  // These few items get layouts of their own, so that none of them becomes odd and waits for the seal.
  const sample = createShredder({ key, mapping, layouts: [], hiding: 'before' });
  for await (const some of rejects()) for (const { item } of some) sample.shred(item);
  const limits = {
    ...limitsWhileReading(plan),
    held: columnsByTable([...plan.layouts, ...(plan.held ?? []), ...Object.values(used)]),
  };
  const layouts = layoutsFor(mapping, sealLayouts(boundedSeen(sample.takeSeen()), key, limits, []).layouts);
  const { compression } = staging;
  const nullText = nullTextOf(plan);
  const cut = new CutWriter({
    ...{ store, ref, writer, key, layouts, mapping, compression, nullText },
    hiding: 'before',
  });
  try {
    let items = 0;
    for await (const some of rejects()) {
      for (const { item } of some) cut.write(item);
      items += some.length;
      await cut.drain();
    }
    const encoded = await cut.finish(items, signal);
    if (encoded.odd !== undefined) {
      throw new Error(`an item that run ${ref.run} replays did not fit the layouts made of all of them`);
    }
    return encoded;
  } catch (error) {
    cut.discard();
    throw error;
  }
}
