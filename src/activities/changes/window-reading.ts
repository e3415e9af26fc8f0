import { randomBytes } from 'node:crypto';
import { log as logger } from '@temporalio/activity';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { ChangeRecord } from '../../pipeline/changes/change-record.ts';
import { netChange } from '../../pipeline/changes/export-record.ts';
import type { LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
import { type WindowPlace, windowPlaceOf, windowPlaceText } from '../../pipeline/changes/window-place.ts';
import { claimGap, claimLogCheckpoint, lastLogCheckpoint } from '../../store/changes/log-files.ts';
import { RecordsWriter } from '../../store/changes/record-files.ts';
import { removeWindowExports } from '../../store/changes/window-exports.ts';
import { readExportFile } from '../../store/sources/export-file.ts';
import { damagedExport } from '../../store/sources/export-manifests.ts';
import { CHANGE_LINES } from '../../store/sources/window-files.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { CutShare } from './cut-memory.ts';
import { asBefore, RecordedChanges } from './recorded-change.ts';
import type { ShardToRead } from './shard-reading.ts';
import { type LostWindow, type ReadyExport, WindowExports } from './window-export.ts';

/** Some changes of a file. */
interface WindowPage {
  readonly changes: readonly ChangeRecord[];
  /** After them. */
  readonly place: WindowPlace;
}

/** What a cut has taken so far. */
class Cut {
  readonly writer = new RecordsWriter();
  readonly counts = { inserted: 0, modified: 0, removed: 0, expired: 0 };
  times: { first: number; last: number } | undefined;

  take(change: ChangeRecord, recorded: RecordedChanges): void {
    const { kind, at } = change;
    this.writer.append(recorded.of(change));
    this.counts[kind === 'INSERT' ? 'inserted' : kind === 'MODIFY' ? 'modified' : 'removed']++;
    const { first, last } = this.times ?? { first: at, last: at };
    this.times = { first: Math.min(first, at), last: Math.max(last, at) };
  }
}

/**
 * One attempt to read a window: exports it, and writes its files to the log, in cuts, each with a numbered checkpoint. The
 * counterpart of `ShardReading`.
 */
export class WindowReading {
  readonly #of: ShardToRead;
  readonly #exports: WindowExports;
  readonly #share: CutShare;
  /** One per execution of the activity: Temporal's attempt number starts again after a reset. */
  readonly #attempt = randomBytes(6).toString('hex');

  constructor(of: ShardToRead) {
    this.#of = of;
    this.#exports = new WindowExports(of);
    this.#share = of.memory.join();
  }

  /** Frees its share of memory. */
  end(): void {
    this.#share.leave();
  }

  /**
   * Yields each checkpoint it claims. Ends with the window, or if another attempt claimed the next checkpoint.
   * @throws Transient `WorkerStopping` after the current cut
   */
  async *resumeFrom(last: LogCheckpoint | undefined): AsyncGenerator<LogCheckpoint> {
    let before = last;
    try {
      for await (const next of this.#checkpoints(last)) {
        if (!(await this.#claim(next))) return;
        before = next;
        yield next;
      }
    } catch (error) {
      if (error instanceof Terminal && (await this.#isAhead(before))) return;
      throw error;
    }
    const { log, shard, signal } = this.#of;
    // What is left is deleted with the log.
    await removeWindowExports(log, shard.shard, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      logger.warn('the files of an export could not be deleted', {
        shard: shard.shard,
        error: String(error),
      });
    });
  }

  /** Another attempt is, and has perhaps deleted the export. */
  async #isAhead(before: LogCheckpoint | undefined): Promise<boolean> {
    const { log, shard, signal } = this.#of;
    const last = await lastLogCheckpoint(log, shard.shard, before?.number, signal);
    return (last?.number ?? 0) > (before?.number ?? 0);
  }

  /** @returns whether the checkpoint counts */
  async #claim(checkpoint: LogCheckpoint): Promise<boolean> {
    const { won } = await claimLogCheckpoint(this.#of.log, checkpoint, this.#of.signal);
    this.#share.hold(0);
    this.#of.onHeld({ records: 0 });
    return won;
  }

  async *#checkpoints(last: LogCheckpoint | undefined): AsyncGenerator<LogCheckpoint> {
    if (last?.gap !== undefined) {
      yield { ...(await this.#after(last)), ended: true };
      return;
    }
    const from = last?.after === undefined ? undefined : windowPlaceOf(last.after);
    const found = from === undefined ? await this.#exports.ready() : await this.#exports.resumed(from.nth);
    if ('reason' in found) {
      const gap = await this.#gap(found, last);
      yield gap;
      yield { ...(await this.#after(gap)), ended: true };
      return;
    }
    yield* this.#cuts(found, from ?? { nth: found.nth, file: 0, byte: 0, items: 0 }, last);
  }

  async *#cuts(
    found: ReadyExport,
    from: WindowPlace,
    last: LogCheckpoint | undefined,
  ): AsyncGenerator<LogCheckpoint> {
    const pages = this.#pages(found, from);
    let before = last;
    try {
      for (let place: WindowPlace | undefined = from; place !== undefined; ) {
        const next = await this.#cutOf(pages, place, before);
        yield next;
        before = next;
        place = next.after === undefined ? undefined : windowPlaceOf(next.after);
        if (place !== undefined) this.#refuseStopping(next.number);
      }
    } finally {
      await pages.return();
    }
  }

  /** Takes pages until the cut is full, then writes its file. @param from where the pages begin */
  async #cutOf(
    pages: AsyncGenerator<WindowPage, void>,
    from: WindowPlace,
    before: LogCheckpoint | undefined,
  ): Promise<LogCheckpoint> {
    const { memory, signal, epoch, deps } = this.#of;
    const cut = new Cut();
    try {
      const { cutBytes, mapping } = await this.#of.followed();
      const recorded = new RecordedChanges(mapping, epoch.key, deps.hashKey);
      let place: WindowPlace | undefined = from;
      for (let isFull = false; !isFull; ) {
        const page = await memory.page(this.#share, () => pages.next(), signal);
        if (page === 'cut first') break;
        place = page.done === true ? undefined : page.value.place;
        if (page.done === true) break;
        await this.#take(page.value.changes, cut, recorded);
        isFull = cut.writer.jsonBytes >= cutBytes || this.#share.isAsked || this.#isStopping;
      }
      return await this.#cutAfter(before, cut, place, recorded);
    } catch (error) {
      cut.writer.discard();
      throw error;
    }
  }

  async #take(changes: readonly ChangeRecord[], cut: Cut, recorded: RecordedChanges): Promise<void> {
    for (const change of changes) cut.take(change, recorded);
    await cut.writer.drain();
    this.#share.hold(cut.writer.heldBytes);
    this.#of.onPage({ newest: changes.at(-1)?.at });
    this.#of.onHeld({
      records: cut.writer.records,
      ...(cut.times === undefined ? {} : { lastAt: cut.times.last }),
    });
  }

  /** @param place where reading resumes; undefined at the end of the window */
  async #cutAfter(
    last: LogCheckpoint | undefined,
    cut: Cut,
    place: WindowPlace | undefined,
    recorded: RecordedChanges,
  ): Promise<LogCheckpoint> {
    const { log, signal } = this.#of;
    const blank = await this.#after(last);
    const file = cut.writer.records === 0 ? undefined : await cut.writer.write(log, blank, signal);
    const { records, bytes } = blank.total;
    return {
      ...blank,
      ...(file === undefined ? {} : { file }),
      ...(place === undefined ? {} : { after: windowPlaceText(place) }),
      ended: place === undefined,
      counts: cut.counts,
      total: { records: records + (file?.records ?? 0), bytes: bytes + (file?.bytes ?? 0) },
      ...(cut.times === undefined ? {} : { times: cut.times }),
      ...(file === undefined ? {} : recorded.madeBy(last)),
    };
  }

  async *#pages({ files, viewType, nth }: ReadyExport, from: WindowPlace): AsyncGenerator<WindowPage, void> {
    const { log, signal } = this.#of;
    const options = { limit: Number.POSITIVE_INFINITY, signal, form: CHANGE_LINES };
    for (const [file, listed] of files.entries()) {
      if (file < from.file) continue;
      const position = file === from.file ? from : { byte: 0, items: 0 };
      for await (const { items, end } of readExportFile(log.store, listed, position, options)) {
        const changes = items.map((line) => {
          const change = netChange(line, viewType);
          if (change !== undefined) return change;
          throw damagedExport(
            log.store,
            listed.key,
            'has a line that is not a change of an incremental export',
          );
        });
        yield { changes, place: { nth, file, byte: end.byte, items: end.items } };
      }
    }
  }

  /** Marks that the window's changes are lost. */
  async #gap({ reason, message }: LostWindow, last: LogCheckpoint | undefined): Promise<LogCheckpoint> {
    const { log, shard, signal } = this.#of;
    const noticedAt = await this.#now();
    const id = `window-${shard.shard}`;
    const gap = { version: 1 as const, id, reason, message, shard: shard.shard, noticedAt };
    return { ...(await this.#after(last)), gap: (await claimGap(log, gap, signal)).id };
  }

  /** A checkpoint without records. */
  async #after(last: LogCheckpoint | undefined): Promise<LogCheckpoint> {
    return {
      ...{ version: 1, shard: this.#of.shard.shard, number: (last?.number ?? 0) + 1 },
      ...{ attempt: this.#attempt, ended: false },
      counts: { inserted: 0, modified: 0, removed: 0, expired: 0 },
      total: last?.total ?? { records: 0, bytes: 0 },
      ...asBefore(last),
      writtenAt: await this.#now(),
    };
  }

  get #isStopping(): boolean {
    return this.#of.deps.stopping?.aborted === true;
  }

  #refuseStopping(checkpoint: number): void {
    if (!this.#isStopping) return;
    throw new Transient(
      'WorkerStopping',
      `the worker is stopping; window ${this.#of.shard.shard} resumes from checkpoint ${checkpoint} on another one`,
    );
  }

  async #now(): Promise<string> {
    const { deps, log, signal } = this.#of;
    return (await sharedTime(deps, log.store.bucket, { signal })).toISOString();
  }
}
