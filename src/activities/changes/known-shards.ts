import type { NoticedGap } from '../../contract/changes/follow-activities.ts';
import type { Gap, LogShard } from '../../pipeline/changes/log-documents.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { lastLogCheckpoint, readGaps, readShards } from '../../store/changes/log-files.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';

const CHECKS_AT_ONCE = 16;

/**
 * What a worker knows of a log's shards and gaps. Their documents are written once, and a shard that has ended stays so: what
 * is known stays true until retention removes it, also if other workers write to the log. So each look reads only what is new.
 */
export class KnownShards {
  readonly #log: ChangeLog;
  readonly shards = new Map<string, LogShard>();
  readonly gaps = new Map<string, Gap>();
  /** Ended shards, each with the time of its last record if it had any in its last cut. ISO 8601 */
  readonly #ended = new Map<string, string | undefined>();
  /** When the stream was last seen to list a shard as open. ISO 8601 */
  readonly openAt = new Map<string, string>();

  constructor(log: ChangeLog) {
    this.#log = log;
  }

  /** Reads which shards and gaps the log has. */
  async refresh(signal: AbortSignal): Promise<void> {
    const found = await readShards(this.#log, this.shards, signal);
    const isLogged = new Set(found.map(({ shard }) => shard));
    // One that has left the log is no longer needed, and no one can read it.
    for (const shard of this.shards.keys()) if (!isLogged.has(shard)) this.#forget(shard);
    for (const shard of found) this.add(shard);
    for (const gap of await readGaps(this.#log, this.gaps, signal)) this.gaps.set(gap.id, gap);
  }

  add(shard: LogShard): void {
    this.shards.set(shard.shard, shard);
    // A shard is added only once its parent has ended, unless it lies behind a gap.
    const { parent, gap } = shard;
    if (gap === undefined && parent !== undefined && this.shards.has(parent) && !this.#ended.has(parent))
      this.#ended.set(parent, undefined);
  }

  #forget(shard: string): void {
    this.shards.delete(shard);
    this.#ended.delete(shard);
    this.openAt.delete(shard);
  }

  isEnded(shard: string): boolean {
    return this.#ended.has(shard);
  }

  get endedCount(): number {
    return this.#ended.size;
  }

  /** Finds out which of these shards were read to their end. */
  async check(shards: Iterable<string>, signal: AbortSignal): Promise<void> {
    const unknown = [...shards].filter((shard) => this.shards.has(shard) && !this.#ended.has(shard));
    await forEachLimited(
      unknown,
      CHECKS_AT_ONCE,
      async (shard, each) => {
        const last = await lastLogCheckpoint(this.#log, shard, 0, each);
        if (last?.ended !== true) return;
        const { times } = last;
        this.#ended.set(shard, times === undefined ? undefined : new Date(times.last * 1000).toISOString());
      },
      signal,
    );
  }

  /** Those that the workflow does not know. @param noticed their ids */
  newGaps(noticed: readonly string[]): NoticedGap[] {
    return [...this.gaps.values()]
      .filter(({ id }) => !noticed.includes(id))
      .map(({ id, reason, message, noticedAt: at, shard }) => ({
        ...{ id, reason, message, at },
        ...(shard === undefined ? {} : { shard }),
      }));
  }

  /** The time of the last record of a shard that has ended, if it is known. */
  lastRecordAt = (shard: string): string | undefined => this.#ended.get(shard);
}

/** One for each log that this worker watches. */
export class KnownLogs {
  readonly #logs = new Map<string, KnownShards>();

  of(log: ChangeLog): KnownShards {
    const { prefix, pipeline, epoch } = log.at;
    const name = JSON.stringify([log.store.bucket, prefix, pipeline, epoch]);
    const known = this.#logs.get(name) ?? new KnownShards(log);
    this.#logs.set(name, known);
    return known;
  }
}
