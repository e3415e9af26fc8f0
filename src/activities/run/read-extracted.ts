import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { CheckpointFigures, ItemFile } from '../../pipeline/run/segments/checkpoint.ts';
import { disjointAt, isSealed } from '../../pipeline/run/segments/segment-history.ts';
import type { Cause } from '../../pipeline/schema/cause.ts';
import { emptySeen, mergeSeen, type Seen, withoutCounts } from '../../pipeline/seen/seen.ts';
import { boundedSeen } from '../../pipeline/seen/seen-bounds.ts';
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
  /** What they saw, merged. The rarest paths of tables with very many are not listed: see seen-bounds.ts. */
  readonly seen: Seen;
  /** What the items in part files showed, merged: all of it. */
  readonly written: Seen;
  /** Files of items that are in no part file yet. */
  readonly odd: readonly ItemFile[];
  /** Items that change the agreed schema, those of the first segments first. */
  readonly causes: readonly Cause[];
  /** The same, from an earlier version, which counted them in `written`. */
  readonly oddCounted: readonly ItemFile[];
}

/**
 * Reads every checkpoint of a run. What each one saw is merged as soon as it is read, and dropped: with hundreds of
 * tables it is a megabyte per checkpoint, and merging all of them at once would block the heartbeat. Segments are
 * merged in order, so that the same checkpoints give the same result even if paths are dropped.
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
  let written = emptySeen();
  /** Keys of the files of odd items that are counted in `written`. */
  const counted = new Set<string>();
  const open: number[] = [];
  const causes = new Map<number, Cause[]>();
  for (let from = 0; from < segments; from += SEGMENTS_READ_AT_ONCE) {
    const seenBySegment: { seen: Seen; written: Seen }[] = [];
    await forEachLimited(
      Array.from({ length: Math.min(SEGMENTS_READ_AT_ONCE, segments - from) }, (_, i) => from + i),
      SEGMENTS_READ_AT_ONCE,
      async (segment) => {
        const history: CheckpointFigures[] = [];
        const merged = { seen: emptySeen(), written: emptySeen() };
        for await (const checkpoint of segmentCheckpoints(store, ref, segment, signal)) {
          const { seen, oddSeen, layouts: used, causes: found = [], ...figures } = checkpoint;
          if (found.length > 0) causes.set(segment, [...(causes.get(segment) ?? []), ...found]);
          merged.seen = boundedSeen(mergeSeen(merged.seen, seen));
          merged.written = mergeSeen(
            merged.written,
            oddSeen === undefined ? seen : withoutCounts(seen, oddSeen),
          );
          for (const [id, layout] of Object.entries(used)) if (!layouts.has(id)) layouts.set(id, layout);
          if (oddSeen === undefined && figures.odd !== undefined) counted.add(figures.odd.key);
          history.push(figures);
        }
        refuseDisjoint(ref, segment, history);
        if (!isSealed(history)) open.push(segment);
        histories[segment] = history;
        seenBySegment[segment - from] = merged;
        onSegment();
      },
    );
    for (const merged of seenBySegment) {
      all = boundedSeen(mergeSeen(all, merged.seen));
      written = mergeSeen(written, merged.written);
    }
  }
  if (open.length > 0) {
    open.sort((a, b) => a - b);
    const more = open.length > SEGMENTS_NAMED ? ` and ${open.length - SEGMENTS_NAMED} more` : '';
    throw new Terminal(
      'SegmentsNotExtracted',
      `Run ${ref.run} cannot be sealed: of its ${segments} segments, ${open.slice(0, SEGMENTS_NAMED).join(', ')}${more} ` +
        'are not fully extracted. Start the run from extract.',
    );
  }
  const checkpoints = histories.flat();
  const odd = checkpoints.flatMap((checkpoint) => checkpoint.odd ?? []);
  return {
    checkpoints,
    layouts,
    seen: all,
    written,
    odd: odd.filter(({ key }) => !counted.has(key)),
    causes: [...causes].sort(([a], [b]) => a - b).flatMap(([, found]) => found),
    oddCounted: odd.filter(({ key }) => counted.has(key)),
  };
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
