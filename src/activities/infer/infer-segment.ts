import { randomBytes } from 'node:crypto';
import { Transient } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { nextPage, type Page, type Source, type Split } from '../../clients/source.ts';
import type { InferSegmentResult } from '../../contract/infer.ts';
import type { InferenceRef } from '../../contract/infer-activities.ts';
import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import {
  InferenceCheckpoint,
  type InferencePlan,
  inferenceCheckpointKey,
  inferenceSegmentDirectory,
} from '../../pipeline/run/inference.ts';
import type { Cursor } from '../../pipeline/run/segments/cursor.ts';
import { ExampleCollector } from '../../pipeline/seen/examples.ts';
import { type SampledParts, sampledParts } from '../../pipeline/seen/sample.ts';
import { emptySeen, mergeSeen } from '../../pipeline/seen/seen.ts';
import { boundedSeen } from '../../pipeline/seen/seen-bounds.ts';
import { type CauseWatch, findCauseWatch } from '../../store/cause-watch.ts';
import { claim, writtenBy } from '../../store/claim.ts';
import { type Document, findDocument } from '../../store/document.ts';
import { PageInspector } from '../../store/page-inspector.ts';
import { sourceOf } from '../../store/sources/source-of.ts';
import { atReadRate } from '../runtime/at-read-rate.ts';
import { refuseUnknownSegment } from '../runtime/known-segment.ts';
import type { Pace } from '../runtime/pace.ts';
import type { SegmentContext, SegmentTask } from '../runtime/segment-context.ts';
import { readInferencePlan } from './inference-plan.ts';

/** How many items to read from a segment whose sampled parts are empty: one partition may hold nearly the whole table. */
const ITEMS_OF_EMPTY_SAMPLE = 100;
/** A checkpoint names at most so many items that will change the agreed schema. */
const MOST_CAUSES = 100;

/**
 * Inspects one segment of an inference, or sampled parts of it, from its last checkpoint to its end. Only what was seen
 * is written, no items. If two attempts run at once, one claims the next checkpoint and the other drops what it holds.
 */
export async function inferSegment(
  { ref, segment }: SegmentTask<InferenceRef>,
  context: SegmentContext,
): Promise<InferSegmentResult> {
  const { clients, activity, signal, progress } = context;
  const store = clients.store(ref.bucket);
  const plan = await readInferencePlan(store, ref, signal);
  refuseUnknownSegment(`Inference ${ref.inference}`, plan.segments, segment);
  const { source: definition } = plan.definition;
  /** Each checkpoint holds the totals of all before it. */
  const reached = (checkpoint: InferenceCheckpoint | undefined) => {
    progress.resume(definition.table, checkpoint === undefined ? [] : [{ ...checkpoint, bytes: 0 }]);
    activity.reach(checkpoint?.number ?? 0);
  };
  const pace = await atReadRate(context, {
    run: `${ref.pipeline}/inference/${ref.inference}`,
    unitsPerSecond: definition.readUnitsPerSecond,
    atMost: plan.segments,
  });
  const { mapping } = plan.definition;
  const at = { ...ref, destination: plan.definition.destination };
  const watch = await findCauseWatch(store, at, { key: plan.source.key, mapping }, signal);
  const source = sourceOf(clients, plan);
  const scan = new SegmentInspection(context, source, store, plan, ref, segment, pace, watch);
  for (;;) {
    const before = await newestCheckpoint(store, ref, segment, signal);
    reached(before);
    if (before?.done === true) return { segment, items: before.items, readUnits: before.readUnits };
    const place = progress.place(plan.definition.redactValues);
    await activity.refuseRepeatedLoss(`segment ${segment} of inference ${ref.inference}, ${place}`);
    await scan.resumeFrom(before, (page) => progress.page(page), reached);
  }
}

/** The newest checkpoint of a segment; it includes everything that the earlier ones hold. */
export async function newestCheckpoint(
  store: ObjectStore,
  ref: InferenceRef,
  segment: number,
  signal: AbortSignal,
): Promise<InferenceCheckpoint | undefined> {
  let last: string | undefined;
  const folder = inferenceSegmentDirectory(ref, ref.inference, segment);
  for await (const { key } of store.list(folder, { signal })) last = key;
  return last === undefined
    ? undefined
    : findDocument({ store, key: last, schema: InferenceCheckpoint }, signal);
}

function addedUp(before: number | undefined, more: number): { readonly filtered?: number } {
  const filtered = (before ?? 0) + more;
  return filtered === 0 ? {} : { filtered };
}

class SegmentInspection {
  readonly #source: Source;
  readonly #store: ObjectStore;
  readonly #plan: InferencePlan;
  readonly #ref: InferenceRef;
  readonly #segment: number;
  readonly #signal: AbortSignal;
  readonly #workerStopping: AbortSignal | undefined;
  readonly #pace: Pace | undefined;
  readonly #watch: CauseWatch | undefined;
  readonly #sampled: SampledParts;
  readonly #attempt = randomBytes(6).toString('hex');

  constructor(
    { signal, stopping }: SegmentContext,
    source: Source,
    store: ObjectStore,
    plan: InferencePlan,
    ref: InferenceRef,
    segment: number,
    pace: Pace | undefined,
    watch: CauseWatch | undefined,
  ) {
    this.#source = source;
    this.#store = store;
    this.#plan = plan;
    this.#ref = ref;
    this.#segment = segment;
    this.#signal = signal;
    this.#workerStopping = stopping;
    this.#pace = pace;
    this.#watch = watch;
    const offset = Number.parseInt(fingerprint(`${ref.inference}/${segment}`, 8), 16) / 2 ** 32;
    this.#sampled = sampledParts(plan.share, plan.segments, offset);
  }

  get #stopping(): boolean {
    return this.#workerStopping?.aborted === true;
  }

  /**
   * Claims a checkpoint as often as extraction does, and when the worker stops. Ends at the segment's end, or if another
   * attempt claimed the next checkpoint.
   */
  async resumeFrom(
    before: InferenceCheckpoint | undefined,
    onPage: (page: Page) => void,
    onCheckpoint: (checkpoint: InferenceCheckpoint) => void,
  ): Promise<void> {
    const cutMs = this.#plan.definition.staging.cutSeconds * 1000;
    let at: InferenceCheckpoint = before ?? this.#nothing();
    while (!at.done) {
      const next = await this.#inspect(at, Date.now() + cutMs, onPage);
      const { won } = await claim(
        this.#checkpoint(next.number),
        next,
        writtenBy(this.#attempt),
        this.#signal,
      );
      if (!won) return;
      at = next;
      onCheckpoint(next);
      if (!at.done && this.#stopping) {
        throw new Transient(
          'WorkerStopping',
          `the worker is stopping; segment ${this.#segment} resumes from checkpoint ${at.number} on another one`,
        );
      }
    }
  }

  /** Reads pages until it is time for a checkpoint. */
  async #inspect(
    before: InferenceCheckpoint,
    untilMs: number,
    onPage: (page: Page) => void,
  ): Promise<InferenceCheckpoint> {
    const { key } = this.#plan.source;
    const examples = this.#plan.examples ? new ExampleCollector(before.examples) : undefined;
    // Only common attributes have all their examples from the first page; an item with any other is looked at.
    const { mapping } = this.#plan.definition;
    const inspector = new PageInspector(key, mapping, (item) => examples?.look(item), this.#watch);
    let { partsDone, cursor, items, readUnits } = before;
    const take = (page: Page) => {
      inspector.take(page);
      items += page.count;
      readUnits += page.readUnits;
      onPage(page);
    };
    const { read } = this.#sampled;
    let pages = this.#pagesOf(partsDone, cursor);
    do {
      const page = await nextPage(pages);
      take(page);
      cursor = page.next;
      if (cursor === undefined) pages = this.#pagesOf(++partsDone, undefined);
      this.#signal.throwIfAborted();
    } while (partsDone < read.length && Date.now() < untilMs && !this.#stopping);
    const done = partsDone === read.length;
    if (done && items === 0 && this.#plan.share < 1) take(await this.#firstItems());
    const causes = [...(before.causes ?? []), ...(this.#watch?.take() ?? [])];
    return {
      version: 2,
      segment: this.#segment,
      number: before.number + 1,
      attempt: this.#attempt,
      partsDone,
      ...(cursor === undefined ? {} : { cursor }),
      done,
      items,
      rejects: before.rejects + inspector.rejects,
      ...addedUp(before.filtered, inspector.filtered),
      readUnits,
      seen: boundedSeen(mergeSeen(before.seen, inspector.takeSeen())),
      examples: examples?.examples() ?? {},
      ...(causes.length === 0 ? {} : { causes: causes.slice(0, MOST_CAUSES) }),
    };
  }

  #checkpoint(number: number): Document<InferenceCheckpoint> {
    const key = inferenceCheckpointKey(this.#ref, this.#ref.inference, this.#segment, number);
    return { store: this.#store, key, schema: InferenceCheckpoint };
  }

  #firstItems(): Promise<Page> {
    const { segments } = this.#plan;
    return nextPage(this.#pages({ segment: this.#segment, segments }, undefined, ITEMS_OF_EMPTY_SAMPLE));
  }

  /** @param part its place among the sampled parts. Nothing is requested before a page is asked for. */
  #pagesOf(part: number, from: Cursor | undefined): ReturnType<Source['pages']> {
    const { parts, read } = this.#sampled;
    const split = {
      segment: this.#segment * parts + (read[part] as number),
      segments: this.#plan.segments * parts,
    };
    return this.#pages(split, from);
  }

  /** At the run's read rate. */
  #pages(split: Split, from: Cursor | undefined, limit?: number): ReturnType<Source['pages']> {
    return this.#source.pages(split, from, { limit, pace: this.#pace, signal: this.#signal });
  }

  #nothing(): InferenceCheckpoint {
    return {
      version: 2,
      segment: this.#segment,
      number: 0,
      attempt: this.#attempt,
      partsDone: 0,
      done: false,
      items: 0,
      rejects: 0,
      readUnits: 0,
      seen: emptySeen(),
      examples: {},
    };
  }
}
