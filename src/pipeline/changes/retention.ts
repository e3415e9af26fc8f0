/**
 * Which checkpoints of a change log may be deleted: those that are old enough, and behind everything that may still read
 * them. A shard's last checkpoint stays always: without it, a reader that is started again would begin with the oldest record
 * of the stream, and a writer that was presumed dead could put a number again.
 */

/** Something that reads the log, and where it is. */
export interface LogReader {
  /** For operators: `schema orders`, `backup orders__…`, `run …`, `history history`. */
  readonly what: string;
  /** A history continues behind a gap; tables need a refresh. */
  readonly kind: 'tables' | 'history';
  /**
   * The last checkpoint that it has, by shard. It has not begun a shard that is missing, and will need all of it. Undefined:
   * it needs nothing of this log, because it belongs to another epoch, or only a refresh brings it changes.
   */
  readonly at: ReadonlyMap<string, number> | undefined;
}

/** A shard of the log, from a listing. */
export interface ListedShard {
  readonly shard: string;
  /** In order. `writtenMs`: by S3's clock. */
  readonly checkpoints: readonly { readonly number: number; readonly writtenMs: number }[];
}

interface DeletableShard {
  readonly shard: string;
  /** All checkpoints up to this one, and their files. */
  readonly upTo: number;
}

export interface RetentionPlan {
  /** Without shards of which nothing may be deleted. */
  readonly deletable: readonly DeletableShard[];
  /** What keeps changes that are old enough, each once, in the order of the readers. */
  readonly keptFor: readonly string[];
}

/** @param olderThanMs what was written later stays */
export function planRetention(
  shards: readonly ListedShard[],
  readers: readonly LogReader[],
  olderThanMs: number,
): RetentionPlan {
  const needed = readers.flatMap(({ what, at }) => (at === undefined ? [] : [{ what, at }]));
  const holding = new Set<string>();
  const deletable = shards.flatMap(({ shard, checkpoints }): DeletableShard[] => {
    const last = checkpoints.at(-1)?.number ?? 0;
    let old = 0;
    for (const { number, writtenMs } of checkpoints) {
      if (writtenMs >= olderThanMs || number === last) break;
      old = number;
    }
    if (old === 0) return [];
    let upTo = old;
    for (const { what, at } of needed) {
      const has = at.get(shard) ?? 0;
      if (has < old) holding.add(what);
      upTo = Math.min(upTo, has);
    }
    const first = checkpoints[0]?.number ?? 0;
    return upTo < first ? [] : [{ shard, upTo }];
  });
  return { deletable, keptFor: readers.flatMap(({ what }) => (holding.has(what) ? [what] : [])) };
}
