import type { ListedShard } from '../../clients/change-stream.ts';
import { Terminal } from '../../clients/errors.ts';
import type { ShardsSeen, StreamState, WatchShardsInput } from '../../contract/changes/follow-activities.ts';
import { recordsSince } from '../../pipeline/changes/kept-records.ts';
import { nextShards, parentsFirst } from '../../pipeline/changes/lineage.ts';
import type { Epoch } from '../../pipeline/changes/log-documents.ts';
import { counted } from '../../pipeline/text/measures.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { claimGap, claimShard } from '../../store/changes/log-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { countLimit } from '../runtime/metrics.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { wait } from '../runtime/wait.ts';
import { type FollowedTable, rereading } from './followed-table.ts';
import type { KnownLogs, KnownShards } from './known-shards.ts';
import { readEpoch } from './read-epoch.ts';
import { WindowWatch } from './window-watch.ts';

/**
 * Waits between two looks. They grow while nothing is new, because DescribeStream allows ten calls per second and account,
 * but less while a shard waits for its parent's end.
 */
const LOOK_MS = { first: 500, waiting: 2_000, most: 10_000 };

/** What looks at a stream, or at what can be exported. */
export interface LogWatch {
  look(): Promise<ShardsSeen>;
  /** The longest wait until the next look. */
  readonly mostWaitMs: number;
}

/**
 * Watches the shards of a stream, or the windows of exports, until there is news for the workflow. What can be read now
 * enters the log first, so that any worker, and any workflow, knows it. If the pipeline now follows its table by the other
 * kind of changes, this log is over.
 * @throws Transient `WorkerStopping`
 */
export function watchShards(
  deps: Dependencies,
  logs: KnownLogs,
  input: WatchShardsInput,
): Promise<ShardsSeen> {
  const { pipeline, staging, epoch: name } = input;
  let shown = `watching the changes of ${pipeline}`;
  return whileHeartbeating(
    () => shown,
    async (signal) => {
      const record = ActivityRecord.current();
      const followed = await rereading(deps, pipeline);
      const { table } = await followed();
      const log: ChangeLog = {
        store: deps.store(staging.bucket),
        at: { prefix: staging.prefix, pipeline, epoch: name },
      };
      const known = logs.of(log);
      const epoch = await readEpoch(log, signal);
      const watched = { deps, log, table, input, signal, known, epoch, followed };
      const watch: LogWatch = epoch.kind === 'streams' ? new ShardWatch(watched) : new WindowWatch(watched);
      for (let waitMs = LOOK_MS.first; ; waitMs = Math.min(2 * waitMs, watch.mostWaitMs)) {
        if ((await followed()).kind !== epoch.kind)
          return { ready: [], ended: known.endedCount, gaps: [], stream: 'replaced', over: true };
        const seen = await watch.look();
        record.advance();
        if (isNews(seen, input)) return seen;
        const units = epoch.kind === 'streams' ? 'shard' : 'window';
        shown = `${counted(input.known.length, units)} of ${pipeline} with a reader, ${seen.ended} read to the end`;
        await wait(waitMs, deps, 'watches the changes', signal);
      }
    },
  );
}

const isNews = (seen: ShardsSeen, { stream }: WatchShardsInput) =>
  seen.ready.length > 0 || seen.gaps.length > 0 || seen.over || seen.stream !== stream;

export interface Watched {
  readonly deps: Dependencies;
  readonly log: ChangeLog;
  readonly epoch: Epoch;
  readonly table: string;
  readonly known: KnownShards;
  readonly followed: () => Promise<FollowedTable>;
  readonly input: WatchShardsInput;
  readonly signal: AbortSignal;
}

class ShardWatch implements LogWatch {
  readonly #of: Watched;
  /** Shards that lay behind a gap at the last look. */
  #suspects: ReadonlySet<string> = new Set();
  /** A shard waits for its parent's end, or for another look. */
  #isWaiting = false;

  constructor(watched: Watched) {
    this.#of = watched;
  }

  get mostWaitMs(): number {
    return this.#isWaiting ? LOOK_MS.waiting : LOOK_MS.most;
  }

  async look(): Promise<ShardsSeen> {
    const { deps, epoch, known, input, signal } = this.#of;
    const stream = await this.#streamState();
    const { streamArn } = epoch;
    const shards =
      streamArn === undefined
        ? undefined
        : (
            await deps.changeStreams.shards(streamArn, {
              signal,
              onLimit: (call) => countLimit(input.pipeline, call),
            })
          )?.shards;
    const listed = shards ?? [];
    const now = (await this.#now()).toISOString();
    for (const { id, closed } of listed) if (!closed) known.openAt.set(id, now);
    await known.refresh(signal);
    await known.check(this.#unsure(listed, stream), signal);
    const { ready, behindGap } = this.#next(listed);
    for (const shard of parentsFirst(ready)) await this.#add(shard, now);
    await this.#addBehindGap(behindGap, now);
    const { unended } = this.#next(listed);
    this.#isWaiting = listed.some(({ id }) => !known.shards.has(id));
    const isKnown = new Set(input.known);
    return {
      ready: unended.filter((shard) => !isKnown.has(shard)),
      ended: known.endedCount,
      gaps: known.newGaps(input.gaps),
      stream,
      over: stream === 'replaced' && unended.length === 0 && !this.#isWaiting,
    };
  }

  #next(listed: readonly ListedShard[]) {
    const { epoch, known } = this.#of;
    const recorded = new Map([...known.shards.keys()].map((id) => [id, { ended: known.isEnded(id) }]));
    return nextShards({ roots: epoch.roots, listed, recorded });
  }

  /**
   * Shards of which it matters now whether they have ended: a listed child waits for them, no one reads them, or the log is
   * over with them.
   */
  #unsure(listed: readonly ListedShard[], stream: StreamState): Set<string> {
    const { known, input } = this.#of;
    const parents = listed.flatMap(({ id, parent }) =>
      parent === undefined || known.shards.has(id) ? [] : [parent],
    );
    const isOpen = new Set(listed.flatMap(({ id, closed }) => (closed ? [] : [id])));
    const isRead = new Set(stream === 'replaced' ? [] : input.known);
    const unread = [...known.shards.keys()].filter((id) => !isRead.has(id) && !isOpen.has(id));
    return new Set([...parents, ...unread]);
  }

  async #add(shard: ListedShard, now: string, gap?: string): Promise<void> {
    const { log, known, epoch, signal } = this.#of;
    const { id, parent, closed, first } = shard;
    const before = parent === undefined ? undefined : known.shards.get(parent);
    const openAt = parent === undefined ? undefined : known.openAt.get(parent);
    const since = recordsSince(
      {
        parentOpenAt: openAt ?? (before?.open === true ? before.foundAt : undefined),
        parentLastRecordAt: parent === undefined ? undefined : known.lastRecordAt(parent),
        parentSince: before?.since,
      },
      gap === undefined ? epoch.openedAt : now,
    );
    const isRoot = before === undefined;
    known.add(
      await claimShard(
        log,
        {
          version: 1,
          shard: id,
          ...(parent === undefined ? {} : { parent }),
          ...{ foundAt: now, open: !closed, since },
          ...(isRoot || first === undefined ? {} : { first }),
          ...(gap === undefined ? {} : { gap }),
        },
        signal,
      ),
    );
  }

  /** A gap is believed at the second look: two pages of one listing may disagree for an instant. */
  async #addBehindGap(behindGap: readonly ListedShard[], now: string): Promise<void> {
    const { log, known, epoch, signal } = this.#of;
    for (const shard of behindGap) {
      const { id, parent } = shard;
      if (!this.#suspects.has(id)) continue;
      const gap = await claimGap(
        log,
        {
          version: 1,
          id: `before-${id}`,
          reason: 'parent unknown',
          shard: id,
          message:
            parent === undefined
              ? `Shard ${id} of the stream of DynamoDB table ${epoch.tableName} has no parent, and did not exist when the log was opened. What it follows is not known.`
              : `Shard ${parent} of the stream of DynamoDB table ${epoch.tableName} was never read, and is no longer kept: for 24 hours, nothing read the stream. The log continues with its child ${id}.`,
          noticedAt: now,
        },
        signal,
      );
      known.gaps.set(gap.id, gap);
      await this.#add(shard, now, gap.id);
    }
    this.#suspects = new Set(behindGap.map(({ id }) => id));
  }

  async #streamState(): Promise<StreamState> {
    const { deps, table, epoch, signal } = this.#of;
    try {
      const found = await deps.changeStreams.streamOf(table, { signal });
      if (found === undefined) return 'disabled';
      return found.arn === epoch.streamArn && found.tableId === epoch.tableId ? 'current' : 'replaced';
    } catch (error) {
      if (error instanceof Terminal && error.code === 'TableNotFound') return 'disabled';
      throw error;
    }
  }

  #now(): Promise<Date> {
    const { deps, log, signal } = this.#of;
    return sharedTime(deps, log.store.bucket, { signal });
  }
}
