import { randomBytes } from 'node:crypto';
import type { ShardReader, StreamCallOptions, StreamRecord } from '../../clients/change-stream.ts';
import { Terminal, Transient } from '../../clients/errors.ts';
import { mayBeTrimmed } from '../../pipeline/changes/kept-records.ts';
import type { Epoch, LogCheckpoint, LogShard } from '../../pipeline/changes/log-documents.ts';
import type { ChangeLog } from '../../store/changes/log-documents.ts';
import { claimGap, claimLogCheckpoint } from '../../store/changes/log-files.ts';
import { RecordsWriter } from '../../store/changes/record-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { CutMemory, CutShare } from './cut-memory.ts';
import type { FollowedTable } from './followed-table.ts';
import { asBefore, RecordedChanges } from './recorded-change.ts';

/** From one page to the next. After one that is at least half full, as soon as DynamoDB allows: five calls per second and shard. */
const PAGE_MS = 1_000;
const LEAST_PAGE_MS = 200;
/** A page has at most 1,000 records and 1 MB. */
const HALF_FULL = { records: 500, bytes: 500_000 };

export interface ShardToRead {
  readonly deps: Dependencies;
  readonly log: ChangeLog;
  readonly epoch: Epoch;
  readonly shard: LogShard;
  readonly memory: CutMemory;
  /** The pipeline as it is now. */
  readonly followed: () => Promise<FollowedTable>;
  readonly signal: AbortSignal;
  /** Called with what is held, after each page and each cut. */
  readonly onHeld: (held: { readonly records: number; readonly lastAt?: number }) => void;
  /** Called after each page, with the time of its last record, in seconds since 1970; undefined if it has none. */
  readonly onPage: (page: { readonly newest: number | undefined }) => void;
  /** Called each time that an attempt is refused because of a limit. */
  readonly onLimit: NonNullable<StreamCallOptions['onLimit']>;
  /** Called with what it waits for. */
  readonly onWait: (waiting: string) => void;
}

/** The pipeline now follows its table by exports. */
class NoLongerFollowed extends Error {}

function isHalfFull(records: readonly StreamRecord[]): boolean {
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
  return records.length >= HALF_FULL.records || bytes >= HALF_FULL.bytes;
}

/** What a cut has taken so far. */
class Cut {
  readonly writer = new RecordsWriter();
  readonly counts = { inserted: 0, modified: 0, removed: 0, expired: 0 };
  times: { first: number; last: number } | undefined;
  after: string | undefined;
  /** By this host's clock: it only measures the reader's own waiting. */
  #beganMs: number | undefined;

  take(record: StreamRecord, changes: RecordedChanges): void {
    const { kind, at, expired, sequence } = record;
    if (record.sent !== undefined && changes.keepsAll) this.writer.appendSent(record, record.sent);
    else this.writer.append(changes.of(record));
    this.counts[kind === 'INSERT' ? 'inserted' : kind === 'MODIFY' ? 'modified' : 'removed']++;
    if (expired) this.counts.expired++;
    this.times = { first: this.times?.first ?? at, last: at };
    this.after = sequence;
    this.#beganMs ??= performance.now();
  }

  get isEmpty(): boolean {
    return this.writer.records === 0;
  }

  /** How long it may still grow. */
  leftMs(cutSeconds: number): number {
    return this.#beganMs === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(0, this.#beganMs + cutSeconds * 1000 - performance.now());
  }
}

/**
 * One attempt to read a shard: takes its pages, cuts them into files, and claims a checkpoint for each cut. Any number of
 * attempts may do so at once: each writes under its own random id, and one of them claims the next checkpoint.
 */
export class ShardReading {
  readonly #of: ShardToRead;
  readonly #share: CutShare;
  /** One per execution of the activity: Temporal's attempt number starts again after a reset. */
  readonly #attempt = randomBytes(6).toString('hex');

  constructor(of: ShardToRead) {
    this.#of = of;
    this.#share = of.memory.join();
  }

  /** Frees its share of memory. */
  end(): void {
    this.#share.leave();
  }

  /**
   * Yields each checkpoint it claims. Ends with the shard, if another attempt claimed the next checkpoint, or if the stream is
   * no longer followed.
   * @throws Transient `WorkerStopping` after the current cut
   */
  async *resumeFrom(last: LogCheckpoint | undefined): AsyncGenerator<LogCheckpoint> {
    let before = last;
    if (await this.#isTooLate(before)) {
      before = await this.#claim(await this.#gapAfter(before));
      if (before === undefined) return;
      yield before;
    }
    let reader = this.#reader(before);
    for (;;) {
      let next: LogCheckpoint;
      try {
        next = await this.#cutAfter(before, reader);
      } catch (error) {
        if (error instanceof NoLongerFollowed) return;
        if (!(error instanceof Terminal && error.code === 'ChangesTrimmed')) throw error;
        // Behind a gap, reading begins with the oldest record. If there is none, the stream no longer has the shard.
        next = before?.gap === undefined ? await this.#gapAfter(before) : await this.#endAfter(before);
      }
      before = await this.#claim(next);
      if (before === undefined) return;
      yield before;
      if (before.ended) return;
      if (before.gap !== undefined) reader = this.#reader(before);
      this.#refuseStopping(before.number);
    }
  }

  /** @returns undefined if another attempt has claimed the checkpoint: what this one wrote is never read */
  async #claim(checkpoint: LogCheckpoint): Promise<LogCheckpoint | undefined> {
    const { won } = await claimLogCheckpoint(this.#of.log, checkpoint, this.#of.signal);
    this.#share.hold(0);
    this.#of.onHeld({ records: 0 });
    return won ? checkpoint : undefined;
  }

  #reader(last: LogCheckpoint | undefined): ShardReader {
    const { deps, epoch, shard } = this.#of;
    const { after } = last ?? {};
    // A root's first records may be gone before the log was opened; they are not needed.
    const from = last === undefined ? shard.first : undefined;
    return deps.changeStreams.read({
      streamArn: epoch.streamArn as string,
      shard: shard.shard,
      ...(after === undefined ? {} : { after }),
      ...(from === undefined ? {} : { from }),
    });
  }

  /** Takes pages until the cut is full, then writes its file. Waits for the first record, or the shard's end. */
  async #cutAfter(last: LogCheckpoint | undefined, reader: ShardReader): Promise<LogCheckpoint> {
    const { log, shard, signal } = this.#of;
    const cut = new Cut();
    try {
      const { ended, changes } = await this.#fill(cut, reader, last);
      const number = (last?.number ?? 0) + 1;
      const place = { shard: shard.shard, number, attempt: this.#attempt };
      const file = cut.isEmpty ? undefined : await cut.writer.write(log, place, signal);
      const after = cut.after ?? last?.after;
      const total = last?.total ?? { records: 0, bytes: 0 };
      return {
        version: 1,
        ...place,
        ...(file === undefined ? {} : { file }),
        ...(after === undefined ? {} : { after }),
        ended,
        counts: cut.counts,
        total: {
          records: total.records + (file?.records ?? 0),
          bytes: total.bytes + (file?.bytes ?? 0),
        },
        ...(cut.times === undefined ? {} : { times: cut.times }),
        ...(file === undefined ? asBefore(last) : changes.madeBy(last)),
        // After its last page: so no record in it is younger.
        writtenAt: await this.#now(),
      };
    } catch (error) {
      cut.writer.discard();
      throw error;
    }
  }

  /** @returns whether the shard ends with the cut, and what made its images */
  async #fill(
    cut: Cut,
    reader: ShardReader,
    last: LogCheckpoint | undefined,
  ): Promise<{ readonly ended: boolean; readonly changes: RecordedChanges }> {
    const { deps, epoch, signal, onHeld, onPage } = this.#of;
    let { mapping, cutSeconds, cutBytes } = await this.#of.followed();
    let changes = new RecordedChanges(mapping, epoch.key, deps.hashKey);
    const ends = deps.stopping === undefined ? signal : AbortSignal.any([signal, deps.stopping]);
    for (;;) {
      if (cut.isEmpty && (await this.#of.followed()).kind !== epoch.kind) throw new NoLongerFollowed();
      const calledMs = performance.now();
      const page = await this.#page(cut, reader);
      if (page === 'cut first') return { ended: false, changes };
      if (cut.isEmpty && page.records.length > 0) {
        // A quiet shard may have waited for days.
        ({ mapping, cutSeconds, cutBytes } = await this.#of.followed());
        changes = new RecordedChanges(mapping, epoch.key, deps.hashKey);
      }
      for (const record of page.records) cut.take(record, changes);
      const isFull = isHalfFull(page.records);
      page.release?.();
      await cut.writer.drain();
      this.#share.hold(cut.writer.heldBytes);
      onPage({ newest: page.records.at(-1)?.at });
      onHeld({
        records: cut.writer.records,
        ...(cut.times === undefined ? {} : { lastAt: cut.times.last }),
      });
      if (page.ended) return { ended: true, changes };
      signal.throwIfAborted();
      if (cut.isEmpty) this.#refuseStopping(last?.number ?? 0);
      else if (this.#isStopping || this.#share.isAsked) return { ended: false, changes };
      if (cut.writer.jsonBytes >= cutBytes || cut.leftMs(cutSeconds) === 0) return { ended: false, changes };
      const waitMs = calledMs + (isFull ? LEAST_PAGE_MS : PAGE_MS) - performance.now();
      if (waitMs > 0) await this.#share.pause(Math.min(waitMs, cut.leftMs(cutSeconds)), ends);
    }
  }

  async #page(cut: Cut, reader: ShardReader) {
    const { memory, signal, onLimit } = this.#of;
    try {
      return await memory.page(this.#share, () => reader.next({ signal, onLimit }), signal);
    } catch (error) {
      // What was read before the gap is kept; the next cut meets it again.
      if (error instanceof Terminal && error.code === 'ChangesTrimmed' && !cut.isEmpty) return 'cut first';
      throw error;
    }
  }

  get #isStopping(): boolean {
    return this.#of.deps.stopping?.aborted === true;
  }

  #refuseStopping(checkpoint: number): void {
    if (!this.#isStopping) return;
    throw new Transient(
      'WorkerStopping',
      `the worker is stopping; shard ${this.#of.shard.shard} resumes from checkpoint ${checkpoint} on another one`,
    );
  }

  /** Whether reading would begin with the oldest record, and older ones may be gone: the stream does not tell. */
  async #isTooLate(last: LogCheckpoint | undefined): Promise<boolean> {
    if (last?.after !== undefined || last?.ended === true) return false;
    return mayBeTrimmed(last?.writtenAt ?? this.#of.shard.since, Date.parse(await this.#now()));
  }

  /** Marks that changes after a checkpoint are lost. Reading resumes with the oldest record that the stream has. */
  async #gapAfter(last: LogCheckpoint | undefined): Promise<LogCheckpoint> {
    const { log, epoch, shard, signal } = this.#of;
    const number = last?.number ?? 0;
    const noticedAt = await this.#now();
    const gap = await claimGap(
      log,
      {
        version: 1,
        id: `after-${shard.shard}-${number}`,
        reason: 'trimmed',
        shard: shard.shard,
        message:
          `Shard ${shard.shard} of the stream of DynamoDB table ${epoch.tableName} was not read for so long that changes after checkpoint ` +
          `${number} are no longer kept, or may not be: a stream keeps them for 24 hours, and does not tell whether there were any.`,
        noticedAt,
      },
      signal,
    );
    return { ...this.#without(last, noticedAt), gap: gap.id };
  }

  /** The stream no longer has the shard. */
  async #endAfter(last: LogCheckpoint): Promise<LogCheckpoint> {
    return { ...this.#without(last, await this.#now()), ended: true };
  }

  /** A checkpoint without records. */
  #without(last: LogCheckpoint | undefined, writtenAt: string): LogCheckpoint {
    return {
      version: 1,
      shard: this.#of.shard.shard,
      number: (last?.number ?? 0) + 1,
      attempt: this.#attempt,
      ended: false,
      counts: { inserted: 0, modified: 0, removed: 0, expired: 0 },
      total: last?.total ?? { records: 0, bytes: 0 },
      ...asBefore(last),
      writtenAt,
    };
  }

  async #now(): Promise<string> {
    const { deps, log, signal } = this.#of;
    return (await sharedTime(deps, log.store.bucket, { signal })).toISOString();
  }
}
