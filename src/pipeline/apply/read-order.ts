import type { LogShard } from '../changes/log-documents.ts';
import type { Position } from '../load/positions.ts';

/** A shard that may be read, and the checkpoint after which. */
export interface ReadFrom {
  readonly shard: string;
  readonly after: number;
}

/**
 * What of a log a schema may apply next, by its positions. A shard is read from its position on; one without a position only
 * once its parent has ended, in the schema or in what was taken here. So a key's changes come in order: they are in one
 * lineage. The order between other shards does not matter.
 *
 * A checkpoint that marks a gap is never taken, so nothing after it is: only a schema that was refreshed has a position behind
 * it. Any other shard without a position is left alone: nothing tells whether the schema is younger or older than it. But if
 * what came before it has left the log, and the schema does not have it, the schema lacks changes: see `missing`.
 */
export class ReadOrder {
  readonly #epoch: string;
  readonly #shards: readonly LogShard[];
  readonly #at = new Map<string, Position>();
  readonly #moved = new Set<string>();
  /** The gap that comes next in a shard, by shard. */
  readonly #gaps = new Map<string, string>();

  /** @param positions all rows of the schema; those of other epochs do not count */
  constructor(epoch: string, shards: readonly LogShard[], positions: readonly Position[]) {
    this.#epoch = epoch;
    this.#shards = shards;
    for (const position of positions) if (position.epoch === epoch) this.#at.set(position.shard, position);
    for (const { shard, gap } of shards)
      if (gap !== undefined && !this.#at.has(shard)) this.#gaps.set(shard, gap);
  }

  /** The shards that may be read now, in the order of the log. */
  readable(): ReadFrom[] {
    return this.#shards.flatMap(({ shard, parent }): ReadFrom[] => {
      if (this.#gaps.has(shard)) return [];
      const at = this.#at.get(shard);
      if (at !== undefined) return at.ended ? [] : [{ shard, after: at.checkpoint }];
      const isNext = parent !== undefined && this.#at.get(parent)?.ended === true;
      return isNext ? [{ shard, after: 0 }] : [];
    });
  }

  /** A shard of which the schema needs changes, and that is no longer in the log; undefined if there is none. */
  missing(): string | undefined {
    const logged = new Set(this.#shards.map(({ shard }) => shard));
    for (const { shard, checkpoint, ended } of this.#at.values())
      if (!ended && checkpoint > 0 && !logged.has(shard)) return shard;
    return this.#shards.find(
      ({ shard, parent, gap }) =>
        gap === undefined &&
        parent !== undefined &&
        !logged.has(parent) &&
        !this.#at.has(shard) &&
        this.#at.get(parent)?.ended !== true,
    )?.parent;
  }

  /** A whole checkpoint of a readable shard was taken. */
  took({
    shard,
    number,
    ended,
  }: {
    readonly shard: string;
    readonly number: number;
    readonly ended: boolean;
  }): void {
    this.#at.set(shard, { epoch: this.#epoch, shard, checkpoint: number, ended });
    this.#moved.add(shard);
  }

  /** The next checkpoint of a readable shard marks a gap. */
  metGap(shard: string, gap: string): void {
    this.#gaps.set(shard, gap);
  }

  /** The ids of the gaps that come next, by shard. */
  gaps(): ReadonlyMap<string, string> {
    return this.#gaps;
  }

  /** The positions that what was taken changes. */
  moved(): Position[] {
    return [...this.#moved].map((shard) => this.#at.get(shard) as Position);
  }
}
