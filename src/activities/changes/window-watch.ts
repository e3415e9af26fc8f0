import { Terminal } from '../../clients/errors.ts';
import type { Restorable } from '../../clients/table-exports.ts';
import type { ShardsSeen, StreamState } from '../../contract/changes/follow-activities.ts';
import { nextWindow, windowShard, windowStart } from '../../pipeline/changes/export-window.ts';
import type { LogShard } from '../../pipeline/changes/log-documents.ts';
import { claimShard } from '../../store/changes/log-files.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { LogWatch, Watched } from './watch-shards.ts';

/** DescribeContinuousBackups allows ten calls per second and account, and what it answers changes by the minute. */
const MOST_WAIT_MS = 15_000;

/**
 * Watches for windows of exports. The next one enters the log once the one before it was read to its end and all of it can be
 * exported; so there is one reader at a time, and a window after an outage has all that has happened meanwhile.
 */
export class WindowWatch implements LogWatch {
  readonly mostWaitMs = MOST_WAIT_MS;
  readonly #of: Watched;

  constructor(watched: Watched) {
    this.#of = watched;
  }

  async look(): Promise<ShardsSeen> {
    const { known, input, signal } = this.#of;
    const { state, restorable } = await this.#table();
    await known.refresh(signal);
    const last = lastOf(known.shards.values());
    if (last !== undefined) await known.check([last.shard], signal);
    if (restorable !== undefined) await this.#addAfter(last, restorable);
    const newest = lastOf(known.shards.values());
    const open = newest === undefined || known.isEnded(newest.shard) ? [] : [newest.shard];
    const isKnown = new Set(input.known);
    return {
      ready: open.filter((shard) => !isKnown.has(shard)),
      ended: known.endedCount,
      gaps: known.newGaps(input.gaps),
      stream: state,
      over: state === 'replaced' && open.length === 0,
    };
  }

  async #addAfter(last: LogShard | undefined, restorable: Restorable): Promise<void> {
    const { deps, epoch, known, log, signal } = this.#of;
    if (last !== undefined && !known.isEnded(last.shard)) return;
    const from = last?.window?.to ?? windowStart(epoch.roots[0] as string);
    const { exports } = await this.#of.followed();
    if (from === undefined || exports === undefined) return;
    const window = nextWindow(from, exports.everySeconds, restorable);
    if ('early' in window) return;
    const shard = await claimShard(
      log,
      {
        version: 1,
        shard: windowShard(from),
        ...(last === undefined ? {} : { parent: last.shard }),
        foundAt: (await sharedTime(deps, log.store.bucket, { signal })).toISOString(),
        ...{ open: false, since: new Date(from * 1000).toISOString(), window },
      },
      signal,
    );
    known.add(shard);
  }

  /** @returns `restorable` if the table is the one of the log, and can be exported */
  async #table(): Promise<{ readonly state: StreamState; readonly restorable?: Restorable }> {
    const { deps, table, epoch, signal } = this.#of;
    try {
      const { tableId } = await deps.source.describe(table, { signal });
      if (tableId !== epoch.tableId) return { state: 'replaced' };
      const restorable = await deps.tableExports.restorable(table, { signal });
      return restorable === undefined ? { state: 'disabled' } : { state: 'current', restorable };
    } catch (error) {
      if (error instanceof Terminal && error.code === 'TableNotFound') return { state: 'disabled' };
      throw error;
    }
  }
}

/** Ids sort by time. */
function lastOf(shards: Iterable<LogShard>): LogShard | undefined {
  let last: LogShard | undefined;
  for (const shard of shards) if (last === undefined || shard.shard > last.shard) last = shard;
  return last;
}
