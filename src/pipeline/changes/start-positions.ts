import type { Position } from '../load/positions.ts';
import type { LogCheckpoint } from './log-documents.ts';

/** A checkpoint of a shard, as far as positions need it. */
interface Place {
  readonly number: number;
  readonly ended: boolean;
}

/** A shard of a log, as a refresh finds it. */
export interface ShardAtStart {
  readonly shard: string;
  /** Absent if it has none; a root's parent is not in the log. */
  readonly parent?: string | undefined;
  /** The last checkpoint whose changes the scan certainly sees. Absent if none was old enough. */
  readonly held?: Place | undefined;
  /** Its last checkpoint. Absent if it has none yet. */
  readonly last?: Place | undefined;
  /** The number of a checkpoint after `held` that stands for lost changes: the last one, if there are several. */
  readonly gapAt?: number | undefined;
}

/**
 * The positions of a schema whose data is read from the table itself: for each shard the last checkpoint whose changes the
 * scan certainly sees. A shard without a position is read from its beginning once its parent has ended, so a shard whose
 * parent the schema does not hold to its end has none: its changes are applied after its parent's.
 *
 * They lie behind every gap. What a gap has lost is a day old, and so is all that came before it in its lineage: a scan sees
 * that, whenever it was recorded.
 * @param roots the epoch's: those that are not in the log yet are read from their beginning
 */
export function startPositions(
  epoch: string,
  roots: readonly string[],
  shards: readonly ShardAtStart[],
): Position[] {
  const byId = new Map<string, ShardAtStart>(roots.map((shard) => [shard, { shard }]));
  for (const shard of shards) byId.set(shard.shard, shard);
  const parentOf = ({ parent }: ShardAtStart) => (parent === undefined ? undefined : byId.get(parent));
  const precedesGap = new Set<ShardAtStart>();
  for (const shard of shards) {
    if (shard.gapAt === undefined) continue;
    let at = parentOf(shard);
    for (; at !== undefined && !precedesGap.has(at); at = parentOf(at)) precedesGap.add(at);
  }
  const placeOf = (shard: ShardAtStart): Place | undefined => {
    if (precedesGap.has(shard)) return shard.last;
    return shard.gapAt === undefined ? shard.held : { number: shard.gapAt, ended: false };
  };
  const known = new Map<ShardAtStart, boolean>();
  /** Whether its changes come after all that the schema holds of its lineage. A loop, which no stream has, never does. */
  const isReadable = (shard: ShardAtStart): boolean => {
    const before = known.get(shard);
    if (before !== undefined) return before;
    known.set(shard, false);
    const parent = parentOf(shard);
    const result = parent === undefined || (placeOf(parent)?.ended === true && isReadable(parent));
    known.set(shard, result);
    return result;
  };
  const positions: Position[] = [];
  for (const shard of byId.values()) {
    const place = placeOf(shard);
    if (!isReadable(shard) || (place === undefined && parentOf(shard) !== undefined)) continue;
    const { number: checkpoint, ended } = place ?? { number: 0, ended: false };
    positions.push({ epoch, shard: shard.shard, checkpoint, ended });
  }
  return positions.sort((a, b) => (a.shard < b.shard ? -1 : 1));
}

/**
 * The place before the first checkpoint that a shard still has: what retention has deleted is older than any scan.
 * @param first undefined: the shard has none yet
 */
export const deletedBefore = (first: number | undefined): Place | undefined =>
  first === undefined || first === 1 ? undefined : { number: first - 1, ended: false };

/**
 * The last of a shard's checkpoints that is old enough. They are in order of time, so few are read: of a shard that ended
 * long ago only the last.
 * @param numbers of the checkpoints that the log still has, in order
 * @param isHeld whether a checkpoint was written early enough
 */
export async function lastHeld<T>(
  numbers: readonly number[],
  read: (number: number) => Promise<T>,
  isHeld: (checkpoint: T) => boolean,
): Promise<T | undefined> {
  let found: T | undefined;
  let low = 0;
  let high = numbers.length;
  for (let at = high - 1; low < high; at = (low + high) >>> 1) {
    const checkpoint = await read(numbers[at] as number);
    if (isHeld(checkpoint)) {
      found = checkpoint;
      low = at + 1;
    } else high = at;
  }
  return found;
}

/**
 * The number of the last checkpoint of a shard whose images the pipeline's mapping made by other settings; 0 if it is not known to
 * have any.
 * @param last the shard's last checkpoint
 */
export function lastMadeOtherwise(
  last: Pick<LogCheckpoint, 'number' | 'withheld'> | undefined,
  withheldId: string,
): number {
  if (last?.withheld === undefined) return 0;
  const { id, since } = last.withheld;
  return id === withheldId ? since - 1 : last.number;
}
