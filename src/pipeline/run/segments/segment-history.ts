import type { Checkpoint } from './checkpoint.ts';

type Link = Pick<Checkpoint, 'number' | 'startedFrom' | 'cursor'>;

/** Whether the segment was read to its end. @param history all checkpoints of one segment, in order */
export function isSealed(history: readonly Pick<Link, 'cursor'>[]): boolean {
  const last = history.at(-1);
  return last !== undefined && last.cursor === undefined;
}

/**
 * Where a segment's checkpoints do not connect, as a message; undefined if they do. Each checkpoint must start where the
 * one before stopped, and only the last may reach the end. A mix of two writers' checkpoints could duplicate or miss
 * items while all counts are right, because each checkpoint counts only its own items. Checkpoints of versions that did
 * not record where they started are accepted.
 * @param history all checkpoints of one segment, in order
 */
export function disjointAt(history: readonly Link[]): string | undefined {
  for (const [i, before] of history.slice(0, -1).entries()) {
    const next = history[i + 1]!;
    if (before.cursor === undefined) {
      return `checkpoint ${before.number} reached the segment's end, but checkpoint ${next.number} follows it`;
    }
    if (next.startedFrom !== undefined && !isSame(next.startedFrom, before.cursor)) {
      return `checkpoint ${next.number} did not start where checkpoint ${before.number} stopped`;
    }
  }
  return undefined;
}

/** Compares as JSON. Both come from the same page, so their properties have the same order. */
const isSame = (a: Link['startedFrom'], b: Link['cursor']) => JSON.stringify(a) === JSON.stringify(b);
