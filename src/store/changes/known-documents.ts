import type { Gap, LogShard } from '../../pipeline/changes/log-documents.ts';
import type { ChangeLog } from './log-documents.ts';
import { readGaps, readShards } from './log-files.ts';

interface LogSeen {
  readonly shards: Map<string, LogShard>;
  readonly gaps: Map<string, Gap>;
}

/**
 * The shards and gaps of the logs that a process has read before. Their documents are written once, so each call lists the log
 * and reads only the new ones, however many it has had.
 */
export class KnownDocuments {
  readonly #logs = new Map<string, LogSeen>();

  /** The documents of all shards, in byte order of their ids. @throws Terminal `DamagedFile` */
  async shards(log: ChangeLog, signal: AbortSignal): Promise<LogShard[]> {
    const { shards } = this.#of(log);
    const found = await readShards(log, shards, signal);
    shards.clear();
    for (const shard of found) shards.set(shard.shard, shard);
    return found;
  }

  /** All gaps, in the order in which they were noticed. @throws Terminal `DamagedFile` */
  async gaps(log: ChangeLog, signal: AbortSignal): Promise<Gap[]> {
    const { gaps } = this.#of(log);
    const found = await readGaps(log, gaps, signal);
    for (const gap of found) gaps.set(gap.id, gap);
    return found;
  }

  #of({ store, at: { prefix, pipeline, epoch } }: ChangeLog): LogSeen {
    const name = JSON.stringify([store.bucket, prefix, pipeline, epoch]);
    const seen = this.#logs.get(name) ?? { shards: new Map(), gaps: new Map() };
    this.#logs.set(name, seen);
    return seen;
  }
}
