import type { LogShard } from '../changes/log-documents.ts';
import type { Position } from '../load/positions.ts';

/** Checkpoints of one shard: those after `after`, up to `upTo`. */
export interface ShardRange {
  readonly shard: string;
  readonly after: number;
  readonly upTo: number;
}

/**
 * What a schema has of a log since some time, in groups: a group is read after the one before it, so a key's changes come in
 * order, because they are in one lineage. Within a group the order does not matter.
 * @param after the last checkpoint of each shard that is older; 0 or absent: none
 */
export function rewindRange(
  shards: readonly LogShard[],
  positions: readonly Position[],
  after: ReadonlyMap<string, number>,
): ShardRange[][] {
  const parents = new Map(shards.map(({ shard, parent }) => [shard, parent]));
  const generations = new Map<number, ShardRange[]>();
  for (const { shard, checkpoint } of positions) {
    const from = after.get(shard) ?? 0;
    if (from >= checkpoint) continue;
    const generation = ancestorsOf(shard, parents);
    const group = generations.get(generation) ?? [];
    group.push({ shard, after: from, upTo: checkpoint });
    generations.set(generation, group);
  }
  return [...generations].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function ancestorsOf(shard: string, parents: ReadonlyMap<string, string | undefined>): number {
  const seen = new Set<string>();
  for (let at = parents.get(shard); at !== undefined && !seen.has(at); at = parents.get(at)) seen.add(at);
  return seen.size;
}

/**
 * A shard of whose changes the schema says nothing, though it has some of a child of it: it was refreshed behind a gap.
 * Undefined if there is none.
 */
export function unknownParent(
  shards: readonly LogShard[],
  positions: readonly Position[],
): string | undefined {
  const has = new Set(positions.map(({ shard }) => shard));
  const isLogged = new Set(shards.map(({ shard }) => shard));
  return shards.find(
    ({ shard, parent }) => has.has(shard) && parent !== undefined && isLogged.has(parent) && !has.has(parent),
  )?.parent;
}
