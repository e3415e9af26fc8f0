import type { Checkpoint } from './checkpoint.ts';

type Link = Pick<Checkpoint, 'number' | 'startedFrom' | 'lastEvaluatedKey'>;

/** The segment was read to its end. @param history all of one segment, the first first */
export function isSealed(history: readonly Pick<Link, 'lastEvaluatedKey'>[]): boolean {
  const last = history.at(-1);
  return last !== undefined && last.lastEvaluatedKey === undefined;
}

/**
 * Where a segment's checkpoints do not join, as a sentence; undefined where they do: each goes on where the one
 * before stopped, and only the last has come to the end. Mixed checkpoints of two writers would hold items twice or
 * miss some with all counts right, for each counts only itself. Checkpoints of versions that did not note where they
 * started are taken as they are.
 * @param history all of one segment, the first first
 */
export function disjointAt(history: readonly Link[]): string | undefined {
  for (const [i, before] of history.slice(0, -1).entries()) {
    const next = history[i + 1]!;
    if (before.lastEvaluatedKey === undefined) {
      return `checkpoint ${before.number} came to the segment's end, and checkpoint ${next.number} follows it`;
    }
    if (next.startedFrom !== undefined && !isSameKey(next.startedFrom, before.lastEvaluatedKey)) {
      return `checkpoint ${next.number} did not start where checkpoint ${before.number} stopped`;
    }
  }
  return undefined;
}

/** Both are one answer's key, written and read again: their attributes stand in one order. */
const isSameKey = (a: Link['startedFrom'], b: Link['lastEvaluatedKey']) =>
  JSON.stringify(a) === JSON.stringify(b);
