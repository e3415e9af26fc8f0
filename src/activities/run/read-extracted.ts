import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import type { CheckpointFigures } from '../../pipeline/run/checkpoint.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { disjointAt, isSealed } from '../../pipeline/run/segment-history.ts';
import { emptySeen, mergeSeen, type Seen } from '../../pipeline/seen/seen.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { segmentCheckpoints } from '../../store/run-files.ts';

const SEGMENTS_READ_AT_ONCE = 16;
const SEGMENTS_NAMED = 10;

/** What all segments of a run extracted. */
interface Extracted {
  /** Every checkpoint of every segment, once. */
  readonly checkpoints: readonly CheckpointFigures[];
  /** Their layouts, by id. */
  readonly layouts: ReadonlyMap<string, Layout>;
  /** What they saw, merged. */
  readonly seen: Seen;
}

/**
 * Reads every checkpoint of a run. What each one saw is merged as soon as it is read, and dropped: with hundreds of
 * tables it is a megabyte per checkpoint, and merging all of them at once would block the heartbeat.
 * @throws Terminal `SegmentsNotExtracted`, `CheckpointsDisjoint`, `CheckpointMissing`
 */
export async function readExtracted(
  store: ObjectStore,
  ref: RunRef,
  segments: number,
  signal: AbortSignal,
  onSegment: () => void = () => {},
): Promise<Extracted> {
  const histories: CheckpointFigures[][] = [];
  const layouts = new Map<string, Layout>();
  let all = emptySeen();
  const open: number[] = [];
  await forEachLimited(
    Array.from({ length: segments }, (_, i) => i),
    SEGMENTS_READ_AT_ONCE,
    async (segment) => {
      const history: CheckpointFigures[] = [];
      for await (const checkpoint of segmentCheckpoints(store, ref, segment, signal)) {
        const { seen, layouts: used, ...figures } = checkpoint;
        all = mergeSeen(all, seen);
        for (const [id, layout] of Object.entries(used)) if (!layouts.has(id)) layouts.set(id, layout);
        history.push(figures);
      }
      refuseDisjoint(ref, segment, history);
      if (!isSealed(history)) open.push(segment);
      histories[segment] = history;
      onSegment();
    },
  );
  if (open.length > 0) {
    open.sort((a, b) => a - b);
    const more = open.length > SEGMENTS_NAMED ? ` and ${open.length - SEGMENTS_NAMED} more` : '';
    throw new Terminal(
      'SegmentsNotExtracted',
      `Run ${ref.run} cannot be sealed: of its ${segments} segments, ${open.slice(0, SEGMENTS_NAMED).join(', ')}${more} ` +
        'are not fully extracted. Start the run from extract.',
    );
  }
  return { checkpoints: histories.flat(), layouts, seen: all };
}

function refuseDisjoint(ref: RunRef, segment: number, history: readonly CheckpointFigures[]): void {
  const where = disjointAt(history);
  if (where === undefined) return;
  throw new Terminal(
    'CheckpointsDisjoint',
    `Run ${ref.run} cannot be sealed: in segment ${segment}, ${where}. One writer's checkpoint has replaced another's, ` +
      `so items may be duplicated or missing. Start a new run, and check with "tributary doctor" whether bucket ` +
      `${ref.bucket} refuses to overwrite an object that exists (If-None-Match).`,
  );
}
