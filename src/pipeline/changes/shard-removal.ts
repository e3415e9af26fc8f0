import type { Position } from '../load/positions.ts';
import type { Listed } from './lineage.ts';
import type { LogShard } from './log-documents.ts';
import type { LogReader } from './retention.ts';

/**
 * Which shards leave a change log altogether: with their document, their last checkpoint and their positions. A stream of 100
 * partitions has 600 new shards a day, and an exported table up to 96 windows.
 *
 * A shard whose parent has left is read like a root: whatever reads the log has all of the parent, or has to be refreshed,
 * which `ReadOrder` finds out. The roots themselves stay, because a root that the log does not have is one that was not read
 * yet.
 */

/** A shard that the log has. */
export interface LoggedShard extends Pick<Listed, 'parent'> {
  readonly shard: string;
  /** When it entered the log, by S3's clock. */
  readonly foundMs: number;
  /** The last that was written to it: of an attempt that was presumed dead, perhaps. */
  readonly writtenMs: number;
  /** Its last checkpoint; 0: it has none. */
  readonly last: number;
}

export interface LogShards {
  /** The epoch's. */
  readonly roots: readonly string[];
  readonly shards: readonly LoggedShard[];
  /** What the stream lists still. None for exports. */
  readonly listed: readonly Listed[];
  /** Another log has replaced this one, so no shard is added to it any more. */
  readonly isOver: boolean;
}

/**
 * A shard that was read to its end, and its children, are so old that no rewind needs the shard, and every reader is past it.
 * The stream lists neither it nor a child, or it would be read again. A shard is read to its end before a child of it enters
 * the log. A log that is over loses its roots and its last shards as well, once no tables wait for a refresh that leaves it.
 * @param olderThanMs what was written later stays
 */
export function removableShards(
  { roots, shards, listed, isOver }: LogShards,
  readers: readonly LogReader[],
  olderThanMs: number,
): string[] {
  const isLeft = isOver && readers.every(({ kind, at }) => kind === 'history' || at === undefined);
  const stays = new Set(isLeft ? [] : roots);
  for (const { id, parent } of listed) {
    stays.add(id);
    if (parent !== undefined) stays.add(parent);
  }
  const children = Map.groupBy(shards, ({ parent }) => parent);
  const isOld = ({ foundMs, writtenMs }: LoggedShard) => Math.max(foundMs, writtenMs) < olderThanMs;
  const isFollowed = (shard: string) => {
    const own = children.get(shard) ?? [];
    return own.length > 0 ? own.every(({ foundMs }) => foundMs < olderThanMs) : isLeft;
  };
  const isPast = ({ shard, last }: LoggedShard) =>
    readers.every(({ at }) => at === undefined || (at.get(shard) ?? 0) >= last);
  return shards.flatMap((each) =>
    !stays.has(each.shard) && isOld(each) && isFollowed(each.shard) && isPast(each) ? [each.shard] : [],
  );
}

/** The shards with which a log begins because what came before them has left it. */
export function afterRemoved(roots: readonly string[], shards: readonly LogShard[]): LogShard[] {
  const isKnown = new Set([...roots, ...shards.map(({ shard }) => shard)]);
  return shards.filter(
    ({ shard, parent, gap }) =>
      gap === undefined && parent !== undefined && !isKnown.has(parent) && !roots.includes(shard),
  );
}

/**
 * The positions that a schema no longer needs: of shards that have left the log. Each child of such a shard that the log has
 * has a position of its own, so it is read without that of its parent.
 * @param shards those of the log
 */
export function forgettable<Row extends Position>(
  rows: readonly Row[],
  epoch: string,
  shards: readonly Pick<LoggedShard, 'shard' | 'parent'>[],
): Row[] {
  const own = new Set(rows.flatMap((row) => (row.epoch === epoch ? [row.shard] : [])));
  const logged = new Set(shards.map(({ shard }) => shard));
  const needed = new Set(shards.flatMap(({ shard, parent }) => (own.has(shard) ? [] : (parent ?? []))));
  return rows.filter(
    (row) => row.epoch === epoch && row.ended && !logged.has(row.shard) && !needed.has(row.shard),
  );
}
