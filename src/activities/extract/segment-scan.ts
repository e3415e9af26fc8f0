import { randomBytes } from 'node:crypto';
import { Terminal, Transient } from '../../clients/errors.ts';
import { parseItems, refuseOtherCount } from '../../clients/item-bytes.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { nextPage, type Page, type Source } from '../../clients/source.ts';
import type { ColumnLimits } from '../../pipeline/columns/column-room.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import { nextLayouts } from '../../pipeline/columns/layout-growth.ts';
import type { Hiding } from '../../pipeline/mapping/hide/hiding.ts';
import { limitsWhileReading } from '../../pipeline/run/first-layouts.ts';
import { nullTextOf, type Plan } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { Checkpoint } from '../../pipeline/run/segments/checkpoint.ts';
import type { Cursor } from '../../pipeline/run/segments/cursor.ts';
import { isCutFull } from '../../pipeline/run/segments/cut-size.ts';
import { emptySeen, mergeSeen, type Seen } from '../../pipeline/seen/seen.ts';
import { boundedSeen } from '../../pipeline/seen/seen-bounds.ts';
import type { CauseWatch } from '../../store/cause-watch.ts';
import { claim, writtenBy } from '../../store/claim.ts';
import { CutWriter } from '../../store/cut-writer.ts';
import { SharedLayouts } from '../../store/grown-layouts.ts';
import { checkpointDocument } from '../../store/run-files.ts';
import type { Pace } from '../runtime/pace.ts';
import type { SegmentContext } from '../runtime/segment-context.ts';
import type { SegmentProgress } from '../runtime/segment-progress.ts';

type Pages = ReturnType<Source['pages']>;

/** Sums over a cut's pages. */
interface PageTotals {
  pages: number;
  items: number;
  readUnits: number;
}

/** One attempt to extract a segment: reads its pages, cuts them into part files, and claims a checkpoint for each cut. */
export class SegmentScan {
  readonly #source: Source;
  readonly #plan: Plan;
  readonly #limits: ColumnLimits;
  readonly #ref: RunRef;
  readonly #segment: number;
  readonly #signal: AbortSignal;
  readonly #workerStopping: AbortSignal | undefined;
  readonly #store: ObjectStore;
  readonly #layouts: SharedLayouts;
  readonly #pace: Pace | undefined;
  readonly #progress: SegmentProgress;
  readonly #hiding: Hiding | undefined;
  readonly #watch: Promise<CauseWatch | undefined>;
  /** One per execution of the activity: Temporal's attempt number starts again after a reset. */
  readonly #attempt = randomBytes(6).toString('hex');

  /** @param options with the pace of a run that has a read rate */
  constructor(options: {
    readonly context: SegmentContext;
    readonly source: Source;
    readonly plan: Plan;
    readonly ref: RunRef;
    readonly segment: number;
    readonly pace: Pace | undefined;
    readonly hiding: Hiding | undefined;
    /** Finds the items that will change the agreed schema; undefined if there is none yet. */
    readonly watch: Promise<CauseWatch | undefined>;
  }) {
    const { clients, signal, stopping, progress } = options.context;
    this.#source = options.source;
    this.#plan = options.plan;
    this.#limits = limitsWhileReading(options.plan);
    this.#ref = options.ref;
    this.#segment = options.segment;
    this.#signal = signal;
    this.#workerStopping = stopping;
    this.#progress = progress;
    this.#store = clients.store(options.ref.bucket);
    this.#layouts = new SharedLayouts(this.#store, options.ref, options.plan.layouts);
    this.#pace = options.pace;
    this.#hiding = options.hiding;
    this.#watch = options.watch;
  }

  get #stopping(): boolean {
    return this.#workerStopping?.aborted === true;
  }

  /**
   * Yields each checkpoint it claims. Ends at the segment's end, or if another attempt claimed the next checkpoint.
   * @throws Transient `WorkerStopping` after the current cut
   */
  async *resumeFrom(history: readonly Checkpoint[]): AsyncGenerator<Checkpoint> {
    let { layouts, seen } = await this.#grown(history);
    let readUnits = history.reduce((sum, checkpoint) => sum + checkpoint.readUnits, 0);
    let number = history.length;
    let from = history.at(-1)?.cursor;
    const pages = this.#pages(from);
    let page: Promise<Page> | undefined = this.#ahead(pages);
    while (page !== undefined) {
      number++;
      const cut = await this.#fillCut(pages, page, { number, from, readUnits }, layouts);
      page = cut.nextPage;
      readUnits += cut.checkpoint.readUnits;
      await this.#refuseOtherTable();
      const document = checkpointDocument(this.#store, this.#ref, this.#segment, number);
      const { won } = await claim(document, cut.checkpoint, writtenBy(this.#attempt), this.#signal);
      // What this attempt wrote for the cut will never be loaded.
      if (!won) return;
      yield cut.checkpoint;
      if (page !== undefined && this.#stopping) {
        throw new Transient(
          'WorkerStopping',
          `the worker is stopping; segment ${this.#segment} resumes from checkpoint ${number} on another one`,
        );
      }
      from = cut.checkpoint.cursor;
      seen = boundedSeen(mergeSeen(seen, cut.checkpoint.seen));
      if (page !== undefined && this.#isMissing(layouts, seen)) layouts = await this.#grow(seen);
    }
  }

  /** The layouts of the next cut, and what all cuts before it saw. */
  async #grown(history: readonly Checkpoint[]): Promise<{ layouts: readonly Layout[]; seen: Seen }> {
    const { layouts } = this.#plan;
    let seen = emptySeen();
    let hasGrown = false;
    for (const checkpoint of history) {
      seen = boundedSeen(mergeSeen(seen, checkpoint.seen));
      hasGrown ||= this.#isMissing(layouts, seen);
    }
    return { layouts: hasGrown ? await this.#grow(seen) : layouts, seen };
  }

  /** Whether a column is common that these layouts do not have. */
  #isMissing(layouts: readonly Layout[], seen: Seen): boolean {
    return nextLayouts(layouts, seen, this.#plan.source.key, this.#limits) !== layouts;
  }

  /** Brings the run's layouts up to what this segment saw. */
  #grow(seen: Seen): Promise<readonly Layout[]> {
    const { key } = this.#plan.source;
    return this.#layouts.grow((from) => nextLayouts(from, seen, key, this.#limits), this.#signal);
  }

  /**
   * Takes pages until the cut is full, then uploads it.
   * @param start the cut's number, where it begins to read, and the read units of the cuts before it
   */
  async #fillCut(
    pages: Pages,
    firstPage: Promise<Page>,
    start: { readonly number: number; readonly from: Cursor | undefined; readonly readUnits: number },
    layouts: readonly Layout[],
  ): Promise<{ checkpoint: Checkpoint; nextPage: Promise<Page> | undefined }> {
    const { definition, source, run } = this.#plan;
    const { number, from: startedFrom } = start;
    const startedAt = new Date();
    const writer = new CutWriter({
      store: this.#store,
      ref: this.#ref,
      writer: { segment: this.#segment, cut: number, attempt: this.#attempt },
      key: source.key,
      layouts,
      ...(this.#plan.shapes === undefined ? {} : { shapes: this.#plan.shapes }),
      mapping: definition.mapping,
      compression: definition.staging.compression,
      nullText: nullTextOf(this.#plan),
      ...(this.#hiding === undefined ? {} : { hiding: this.#hiding }),
    });
    const totals: PageTotals = { pages: 0, items: 0, readUnits: 0 };
    let ahead: Promise<Page> | undefined = firstPage;
    let cursor: Cursor | undefined;
    try {
      do {
        const page: Page = await ahead;
        cursor = page.next;
        // The next page is read while this one is encoded.
        ahead = cursor === undefined ? undefined : this.#ahead(pages);
        await this.#takePage(page, writer, totals);
      } while (ahead !== undefined && !this.#isFull(writer, startedAt, totals, start.readUnits));
      const written = await writer.finish(totals.items, this.#signal);
      const causes = (await this.#watch)?.take() ?? [];
      const checkpoint: Checkpoint = {
        version: 2,
        run,
        segment: this.#segment,
        number,
        attempt: this.#attempt,
        ...(startedFrom === undefined ? {} : { startedFrom }),
        ...(cursor === undefined ? {} : { cursor }),
        ...totals,
        startedAt: startedAt.toISOString(),
        endedAt: new Date().toISOString(),
        ...written,
        ...(causes.length === 0 ? {} : { causes }),
      };
      return { checkpoint, nextPage: ahead };
    } catch (error) {
      writer.discard();
      throw error;
    }
  }

  /** Hands a page's items to the cut. Returns when memory allows another page. */
  async #takePage(page: Page, cut: CutWriter, totals: PageTotals): Promise<void> {
    totals.pages++;
    totals.items += page.count;
    totals.readUnits += page.readUnits;
    this.#progress.page(page);
    const watch = await this.#watch;
    if (page.bytes === undefined) {
      for (const item of page.items) {
        cut.write(item);
        if (cut.isCrowded) await cut.drain();
      }
      watch?.page(cut.trees, () => page.items);
    } else {
      const { bytes } = page;
      let items = 0;
      for (let at = page.bytes.start; at < page.bytes.end; ) {
        const taken = cut.writeBytes(page.bytes, at);
        items += taken.items;
        at = taken.next;
        if (cut.isCrowded) await cut.drain();
      }
      watch?.page(cut.trees, () => parseItems(bytes, bytes.start));
      page.bytes.release?.();
      refuseOtherCount(page.count, items);
    }
    await cut.drain();
    this.#signal.throwIfAborted();
  }

  /** A stopping worker cuts at once, so that no page it read is lost. */
  #isFull(cut: CutWriter, startedAt: Date, { readUnits }: PageTotals, readBefore: number): boolean {
    const { definition, source, segments } = this.#plan;
    const { cutBytes, cutSeconds } = definition.staging;
    if (this.#stopping || Date.now() - startedAt.getTime() >= cutSeconds * 1000) return true;
    return isCutFull(
      { heldBytes: cut.heldBytes, readUnits },
      { readUnits: readBefore + readUnits, expectedBytes: source.approximateBytes / segments },
      cutBytes,
    );
  }

  /**
   * If a table was deleted and recreated under its name, a scan would silently continue in the new table from the old
   * one's keys. So after a cut's last page, its table's id must be the planned one: then all its pages came from that
   * table.
   */
  async #refuseOtherTable(): Promise<void> {
    const { definition, source, run, pipeline } = this.#plan;
    if (source.tableId === undefined) return;
    const tableId = await this.#source.tableId(this.#signal);
    if (tableId === source.tableId) return;
    throw new Terminal(
      'TableRecreated',
      `DynamoDB table ${definition.source.table} is not the one that run ${run} began to copy: it was deleted, and recreated ` +
        `or restored under the same name. The two are not mixed. Cancel this run and start a new one: "tributary run ${pipeline}".`,
    );
  }

  #pages(from: Cursor | undefined): Pages {
    const split = { segment: this.#segment, segments: this.#plan.segments };
    return this.#source.pages(split, from, { pace: this.#pace, signal: this.#signal });
  }

  #ahead(pages: Pages): Promise<Page> {
    const page = nextPage(pages);
    // The page may fail while the one before it is still being uploaded. Its caller sees that failure later, but Node
    // ends the process for a rejection that nothing awaits yet.
    page.catch(() => {});
    return page;
  }
}
