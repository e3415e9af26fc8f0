import { randomBytes } from 'node:crypto';
import { Terminal, Transient } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { ScanPage } from '../../clients/table-source.ts';
import type { ExtractSegmentInput, SegmentResult } from '../../contract/refresh.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import { nextLayouts } from '../../pipeline/columns/layout-growth.ts';
import type { Checkpoint } from '../../pipeline/run/checkpoint.ts';
import { type Plan, segmentsAtOnce } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { isSealed } from '../../pipeline/run/segment-history.ts';
import { emptySeen, mergeSeen, type Seen } from '../../pipeline/seen/seen.ts';
import { claim, writtenBy } from '../../store/claim.ts';
import { CutWriter } from '../../store/cut-writer.ts';
import { checkpointDocument, readCheckpoints, readPlan } from '../../store/run-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { refuseUnknownSegment } from '../runtime/known-segment.ts';
import { locateRun } from '../runtime/locate-run.ts';
import { countExtracted } from '../runtime/metrics.ts';
import { Pace } from '../runtime/pace.ts';
import { replaySegment } from './replay-segment.ts';

/**
 * Scans one segment from its last checkpoint to its end.
 *
 * Any number of attempts may do this at once, on any hosts: each writes its files under a random id of its own,
 * and only one of them can put the next checkpoint. The others drop what they hold and go on from there.
 */
export async function extractSegmentPages(
  deps: Dependencies,
  input: ExtractSegmentInput,
): Promise<SegmentResult> {
  const ref = await locateRun(deps, input);
  const store = deps.store(ref.bucket);
  let reached = 0;
  return whileHeartbeating(
    () => ({ checkpoint: reached }),
    async (signal) => {
      const plan = await readPlan(store, ref, signal);
      refuseUnknownSegment(`Run ${ref.run}`, plan.segments, input.segment);
      const { refersTo } = plan;
      if (refersTo !== undefined) {
        await replaySegment(store, ref, { ...plan, refersTo }, input.segment, signal);
      }
      const scan = new SegmentScan(deps, plan, ref, input.segment, signal);
      for (;;) {
        const history = await readCheckpoints(store, ref, input.segment, signal);
        reached = history.length;
        if (isSealed(history)) return resultOf(input.segment, history);
        for await (const checkpoint of scan.resumeFrom(history)) reached = checkpoint.number;
      }
    },
  );
}

class SegmentScan {
  readonly #deps: Dependencies;
  readonly #plan: Plan;
  readonly #ref: RunRef;
  readonly #segment: number;
  readonly #signal: AbortSignal;
  readonly #store: ObjectStore;
  readonly #pace: Pace;
  /** Once for each execution of the activity: Temporal's attempt number starts again after a reset. */
  readonly #attempt = randomBytes(6).toString('hex');

  constructor(deps: Dependencies, plan: Plan, ref: RunRef, segment: number, signal: AbortSignal) {
    this.#deps = deps;
    this.#plan = plan;
    this.#ref = ref;
    this.#segment = segment;
    this.#signal = signal;
    this.#store = deps.store(ref.bucket);
    this.#pace = new Pace(plan.definition.source.readUnitsPerSecond, segmentsAtOnce(plan), deps.stopping);
  }

  get #stopping(): boolean {
    return this.#deps.stopping?.aborted === true;
  }

  /** Yields each checkpoint it puts; ends at the segment's end, or where another attempt was faster. */
  async *resumeFrom(history: readonly Checkpoint[]): AsyncGenerator<Checkpoint> {
    let { layouts, seen } = this.#grown(history);
    let number = history.length;
    let from = history.at(-1)?.lastEvaluatedKey;
    let page: Promise<ScanPage> | undefined = this.#scan(from);
    while (page !== undefined) {
      number++;
      const cut = await this.#fillCut(page, number, from, layouts);
      page = cut.nextPage;
      await this.#refuseOtherTable();
      const document = checkpointDocument(this.#store, this.#ref, this.#segment, number);
      const { won } = await claim(document, cut.checkpoint, writtenBy(this.#attempt), this.#signal);
      if (!won) return;
      countExtracted(this.#ref.pipeline, cut.checkpoint);
      yield cut.checkpoint;
      if (page !== undefined && this.#stopping) {
        page.catch(() => {});
        throw new Transient(
          'WorkerStopping',
          `the worker stops; segment ${this.#segment} goes on from checkpoint ${number} on another one`,
        );
      }
      from = cut.checkpoint.lastEvaluatedKey;
      seen = mergeSeen(seen, cut.checkpoint.seen);
      layouts = nextLayouts(layouts, seen, this.#plan.source.key);
    }
  }

  /** The layouts of the next cut follow from the plan and the checkpoints alone, whoever wrote them. */
  #grown(history: readonly Checkpoint[]): { layouts: readonly Layout[]; seen: Seen } {
    let layouts: readonly Layout[] = this.#plan.layouts;
    let seen = emptySeen();
    for (const checkpoint of history) {
      seen = mergeSeen(seen, checkpoint.seen);
      layouts = nextLayouts(layouts, seen, this.#plan.source.key);
    }
    return { layouts, seen };
  }

  async #fillCut(
    firstPage: Promise<ScanPage>,
    number: number,
    startedFrom: Checkpoint['startedFrom'],
    layouts: readonly Layout[],
  ): Promise<{ checkpoint: Checkpoint; nextPage: Promise<ScanPage> | undefined }> {
    const { key } = this.#plan.source;
    const { cutBytes, cutSeconds, compression } = this.#plan.definition.staging;
    const startedAt = new Date();
    const writer = new CutWriter({
      store: this.#store,
      ref: this.#ref,
      writer: { segment: this.#segment, cut: number, attempt: this.#attempt },
      key,
      layouts,
      mapping: this.#plan.definition.mapping,
      compression,
    });
    let nextPage: Promise<ScanPage> | undefined = firstPage;
    let last: ScanPage | undefined;
    let pages = 0;
    let items = 0;
    let readUnits = 0;
    try {
      do {
        last = await nextPage;
        // The next page is on its way while this one is encoded.
        nextPage = last.lastEvaluatedKey === undefined ? undefined : this.#scan(last.lastEvaluatedKey);
        pages++;
        items += last.count;
        readUnits += last.readUnits;
        for (const item of last.items) writer.write(item);
        await writer.drain();
        await this.#pace.spent(last.readUnits, this.#signal);
        this.#signal.throwIfAborted();
      } while (
        nextPage !== undefined &&
        !this.#stopping &&
        writer.heldBytes < cutBytes &&
        Date.now() - startedAt.getTime() < cutSeconds * 1000
      );
      const written = await writer.finish(items, this.#signal);
      const checkpoint: Checkpoint = {
        version: 1,
        run: this.#plan.run,
        segment: this.#segment,
        number,
        attempt: this.#attempt,
        ...(startedFrom === undefined ? {} : { startedFrom }),
        ...(last.lastEvaluatedKey === undefined ? {} : { lastEvaluatedKey: last.lastEvaluatedKey }),
        pages,
        items,
        readUnits,
        startedAt: startedAt.toISOString(),
        endedAt: new Date().toISOString(),
        ...written,
      };
      return { checkpoint, nextPage };
    } catch (error) {
      writer.discard();
      throw error;
    }
  }

  /**
   * A table that was deleted and made anew under its name would go on from the old one's keys without a word. Asked
   * after a cut's last page, the planned table's id says that all of its pages came from that table.
   */
  async #refuseOtherTable(): Promise<void> {
    const { definition, source, run, pipeline } = this.#plan;
    if (source.tableId === undefined) return;
    const { tableId } = await this.#deps.source.describe(definition.source.table, { signal: this.#signal });
    if (tableId === source.tableId) return;
    throw new Terminal(
      'TableRecreated',
      `DynamoDB table ${definition.source.table} is not the one that run ${run} began to copy: it was deleted, and made ` +
        `or restored under its name. The two are not mixed. Cancel this run and start a new one: "tributary run ${pipeline}".`,
    );
  }

  #scan(from: Checkpoint['lastEvaluatedKey']): Promise<ScanPage> {
    const page = this.#deps.source.scanPage({
      table: this.#plan.definition.source.table,
      segment: this.#segment,
      segments: this.#plan.segments,
      from,
      signal: this.#signal,
    });
    // It may fail while the page before it is still being uploaded: whoever awaits it is told then, but Node
    // ends the whole process for a rejection that nobody awaits yet.
    page.catch(() => {});
    return page;
  }
}

function resultOf(segment: number, history: readonly Checkpoint[]): SegmentResult {
  const result = { segment, items: 0, files: 0, bytes: 0, checkpoints: history.length, rejects: 0 };
  for (const checkpoint of history) {
    result.items += checkpoint.items;
    result.files += checkpoint.files.length;
    result.bytes += checkpoint.files.reduce((sum, file) => sum + file.bytes, checkpoint.odd?.bytes ?? 0);
    result.rejects += checkpoint.rejects?.items ?? 0;
  }
  return result;
}
