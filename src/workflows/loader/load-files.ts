import { TemporalFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { rootCause } from '../../contract/failure.ts';
import type { LoadBatchActivities } from '../../contract/load-batch-activities.ts';
import {
  batchWorkflowId,
  type LoadBatchInput,
  type LoadBatchResult,
  type LoaderProgress,
  type LoadFilesInput,
} from '../../contract/loader.ts';
import type {
  BatchRequestEnd,
  LoaderActivities,
  OpenedLoader,
  TakeBatchResult,
} from '../../contract/loader-activities.ts';
import { lagOf, loaderDetails, loaderLine } from '../../contract/loader-details.ts';
import { batchNumber } from '../../pipeline/loader/loader-directory.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { memoOfChild, showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { childWorkflows } from '../fan-out/child-workflows.ts';
import type { ChildEnd, Children } from '../fan-out/supervise.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { LoaderAlerts } from './loader-alerts.ts';
import { handleMessages, type Message, type Order } from './loader-handlers.ts';
import { type CarriedState, type Failure, LoaderState } from './loader-state.ts';
import { LookTimes } from './look-times.ts';

const short = proxyActivities<LoaderActivities>(profiles.short);
const batches = proxyActivities<LoadBatchActivities>(profiles.short);

type LoadBatch = (input: LoadBatchInput) => Promise<LoadBatchResult>;

/** What an execution carries over to the next one. */
interface Carried {
  readonly opened: OpenedLoader;
  readonly state: CarriedState;
  readonly newest: number;
  readonly tidied: number;
  readonly alerts: { readonly isHeard: boolean; readonly isOpen: boolean };
}

/** What the loop takes, in order. */
type Event =
  | Message
  | { readonly kind: 'looked'; readonly wasFree: boolean; readonly result: TakeBatchResult }
  | { readonly kind: 'look failed'; readonly failure: Failure }
  | { readonly kind: 'ended'; readonly batch: number; readonly end: ChildEnd<LoadBatchResult> }
  | { readonly kind: 'closed'; readonly batch: number; readonly status: string };

/**
 * Hints that one execution takes. Nothing may happen on them for a weekend, and a worker that has just started takes all of
 * them in one step, for which the SDK allows five seconds.
 */
const MOST_HINTS = 1000;

/** The wait before an external batch is inspected. It doubles each time, because each inspection adds to the history. */
const INSPECTION_MS = { first: 10_000, most: 10 * 60_000 };

/**
 * The loader of one table: turns the files of its inbox into batches and loads them, one at a time.
 *
 * 1. Find the table.
 * 2. Look at the inbox at the start, on a hint, when a batch is due, and once a minute. The inbox in S3 is the pending set:
 *    this workflow carries no files.
 * 3. Load a batch in a child workflow. One that fails is parked, and the next one proceeds.
 * 4. Take messages in order. Handlers only record them, so that the outcome does not depend on how they are grouped.
 * 5. Continue as new whenever Temporal suggests it, and after many hints. A batch that is being loaded continues: it reports by this workflow's id.
 *
 * It ends only if it is cancelled; the batch that is being loaded is then cancelled first.
 */
export async function loadFiles(input: LoadFilesInput): Promise<void> {
  refuseUnknownInput(input, { loader: true, carried: true });
  const carried = input.carried as Carried | undefined;
  const loader = new Loader(input.loader, carried);
  handleMessages(loader);
  await explainingFailure(
    () => `Loader ${input.loader} failed`,
    () => undefined,
    async () => {
      const opened = carried?.opened ?? (await short.openLoader({ loader: input.loader }));
      await loader.run(opened);
    },
  );
}

class Loader {
  readonly #name: string;
  readonly #state: LoaderState;
  readonly #times = new LookTimes();
  readonly #events: Event[] = [];
  readonly #batches: Children<LoadBatchResult>;
  readonly #alerts: LoaderAlerts;
  #opened: OpenedLoader | undefined;
  #newest: number;
  #tidied: number;
  #look: CancellationScope | undefined;
  #hints = 0;
  #starting = 0;
  #isInspecting = false;
  #loaders: readonly string[];
  #pauseAfterParked = Number.POSITIVE_INFINITY;
  #inbox: LoaderProgress['inbox'] = { files: 0, bytes: 0 };
  #trouble: LoaderProgress['trouble'];
  #remembered = '';

  constructor(name: string, carried: Carried | undefined) {
    this.#name = name;
    this.#loaders = [name];
    this.#state = new LoaderState(carried?.state);
    this.#newest = carried?.newest ?? 0;
    this.#tidied = carried?.tidied ?? 0;
    this.#opened = carried?.opened;
    this.#alerts = new LoaderAlerts(name, () => this.#opened, carried?.alerts);
    this.#batches = childWorkflows(idOf, (child) => this.#startChild(Number(child)));
  }

  readonly push = (message: Message): void => void this.#events.push(message);

  readonly hint = (): void => {
    this.#hints++;
    this.#times.hint();
  };

  readonly progress = (): LoaderProgress => ({
    table: this.#opened?.table ?? { database: '', schema: '', table: '' },
    loaders: this.#loaders,
    inbox: this.#inbox,
    ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
    ...this.#state.progress((batch) => idOf(String(batch))),
  });

  readonly lag = () => lagOf(this.progress(), Date.now());

  async run(opened: OpenedLoader): Promise<void> {
    this.#opened = opened;
    try {
      for (;;) await this.#round();
    } catch (error) {
      if (isCancellation(error)) await this.#cancelCurrent();
      throw error;
    }
  }

  async #round(): Promise<void> {
    let hasParked = false;
    for (const event of this.#events.splice(0)) {
      if (await this.#take(event)) hasParked = true;
    }
    if (hasParked && this.#state.pauseItself(this.#pauseAfterParked, Date.now())) {
      const { paused } = this.#state;
      if (paused !== undefined) this.#alerts.pausedItself(paused);
    }
    if (this.#state.parkedCount === 0 && this.#state.open().length === 0 && this.#state.paused === undefined)
      this.#alerts.recovered();
    const next = this.#state.takeNext(Date.now());
    if (next !== undefined) this.#launch(next.batch);
    this.#inspect();
    const lookMs = this.#lookIfDue();
    this.#changed(hasParked);
    if (this.#events.length > 0) return;
    if (this.#isLong()) {
      await condition(() => this.#starting === 0 && !this.#alerts.isRaising && allHandlersFinished());
      if (this.#events.length === 0) await this.#continueAsNew();
      return;
    }
    const hints = this.#hints;
    const isAwake = () =>
      this.#events.length > 0 || (this.#hints !== hints && this.#state.isFree) || this.#isLong();
    await (lookMs === undefined ? condition(isAwake) : condition(isAwake, Math.max(1, lookMs - Date.now())));
  }

  #isLong(): boolean {
    return workflowInfo().continueAsNewSuggested || this.#hints >= MOST_HINTS;
  }

  /** @returns whether a batch is parked because of it */
  async #take(event: Event): Promise<boolean> {
    const state = this.#state;
    const nowMs = Date.now();
    switch (event.kind) {
      case 'settled':
        state.settled(event.batch, event.result, nowMs);
        return false;
      case 'reported failed':
        return this.#parked(event.batch, state.reportedFailed(event.batch, event.failure, nowMs));
      case 'ended':
        return this.#ended(event.batch, event.end);
      case 'closed':
        return this.#parked(event.batch, state.endedWithoutReport(event.batch, event.status, nowMs));
      case 'looked':
        this.#looked(event.result, event.wasFree);
        return false;
      case 'look failed': {
        const { at } = this.#trouble ?? { at: new Date(nowMs).toISOString() };
        this.#trouble = { ...event.failure, at };
        this.#times.end(nowMs, false, undefined);
        // Like a parked batch: a command must be emitted.
        return true;
      }
      case 'order':
        event.answer = await this.#obey(event.order);
        return false;
    }
  }

  #ended(batch: number, end: ChildEnd<LoadBatchResult>): boolean {
    const nowMs = Date.now();
    switch (end.kind) {
      case 'settled':
        this.#state.settled(batch, end.output, nowMs);
        return false;
      case 'failed':
        return this.#parked(
          batch,
          this.#state.failed(batch, { code: end.type, error: end.error }, nowMs),
          end.occurrence,
        );
      case 'external':
        return this.#parked(batch, this.#state.external(batch, nowMs));
    }
  }

  /** Raises an alert if a batch is parked. @returns whether it is */
  #parked(batch: number, isParked: boolean, occurrence?: string): boolean {
    const parked = isParked ? this.#state.parkedBatch(batch) : undefined;
    if (parked !== undefined) this.#alerts.parked(parked, occurrence);
    return isParked;
  }

  #looked(result: TakeBatchResult, wasFree: boolean): void {
    this.#trouble = undefined;
    this.#loaders = result.loaders;
    this.#pauseAfterParked = result.pauseAfterParked;
    this.#alerts.isHeard = result.alerts === true;
    // An execution before this one has reported them.
    if (result.foundParked.length > 0) this.#alerts.isOpen = true;
    this.#newest = Math.max(this.#newest, result.newest);
    this.#tidied = Math.max(this.#tidied, result.tidied);
    this.#inbox = result.inbox;
    this.#state.add(result.foundOpen);
    this.#state.addParked(result.foundParked);
    this.#state.describe(result.described);
    if (result.taken !== undefined) this.#state.add([result.taken]);
    const dueMs = result.dueAt === undefined ? undefined : Date.parse(result.dueAt);
    this.#times.end(Date.now(), wasFree, dueMs);
  }

  async #obey(order: Order): Promise<string> {
    const state = this.#state;
    switch (order.kind) {
      case 'retry':
        return state.retry(order.batch);
      case 'pause':
        return state.pause(order.reason ?? 'by an operator', Date.now());
      case 'resume':
        return order.acceptTable ? this.#acceptTable() : state.resume();
      case 'skip': {
        const { batch, reason } = order;
        return this.#close(batch, 'skipped', () =>
          short.skipBatch({ loader: this.#name, batch, ...(reason === undefined ? {} : { reason }) }),
        );
      }
      case 'split':
        return this.#close(order.batch, 'split', async () => {
          // A look that began before would take the parts for batches that were found.
          await condition(() => this.#look === undefined);
          return short.splitBatch({ loader: this.#name, batch: order.batch });
        });
    }
  }

  async #acceptTable(): Promise<string> {
    try {
      await batches.acceptTable({ loader: this.#name });
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      return `the table could not be accepted: ${rootCause(error).message}`;
    }
    const resumed = this.#state.paused === undefined ? '' : `; ${this.#state.resume()}`;
    return `accepted the table that now has the name${resumed}`;
  }

  async #close(batch: number, done: string, work: () => Promise<BatchRequestEnd>): Promise<string> {
    const refusal = this.#state.refusal(batch);
    if (refusal !== undefined) return `batch ${batch}: ${refusal}`;
    try {
      const end = await work();
      if (end.kind === 'refused') return `batch ${batch}: ${end.why}`;
      const into = end.kind === 'done' ? (end.into ?? []) : [];
      this.#state.closed(batch, into);
      if (end.kind === 'closed before') return `batch ${batch}: it was ${end.outcome} before`;
      for (const part of into) this.#newest = Math.max(this.#newest, part.batch);
      const parts = into.map((each) => `${each.batch} (${counted(each.files, 'file')})`);
      return `batch ${batch}: ${done}${parts.length === 0 ? '' : ` into ${parts.join(' and ')}`}`;
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      return `batch ${batch}: could not be ${done}: ${rootCause(error).message}`;
    }
  }

  #launch(batch: number): void {
    this.#times.batchStarted();
    this.#batches.launch(String(batch), (end) => this.#events.push({ kind: 'ended', batch, end }));
  }

  async #startChild(batch: number) {
    this.#starting++;
    try {
      return await startChild<LoadBatch>('loadBatch', {
        workflowId: idOf(String(batch)),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `batch ${batchNumber(batch)} of ${this.#name}`,
        args: [{ loader: this.#name, batch, parent: workflowInfo().workflowId }],
        ...memoOfChild(),
      });
    } finally {
      this.#starting--;
    }
  }

  /** Looks at the inbox in the background. @returns when the next look is due; undefined while one is under way */
  #lookIfDue(): number | undefined {
    if (this.#look !== undefined) return undefined;
    const { isFree } = this.#state;
    const nextMs = this.#times.nextMs(isFree, this.#trouble !== undefined);
    if (nextMs > Date.now()) return nextMs;
    this.#times.begin();
    const scope = new CancellationScope();
    this.#look = scope;
    void scope.run(async () => {
      try {
        const result = await short.takeBatch({
          loader: this.#name,
          open: this.#state.open(),
          newest: this.#newest,
          tidied: this.#tidied,
          take: isFree,
          describe: this.#state.undescribed(),
        });
        this.#events.push({ kind: 'looked', wasFree: isFree, result });
      } catch (error) {
        if (isCancellation(error)) return;
        const { type, message } = rootCause(error);
        this.#events.push({ kind: 'look failed', failure: { code: type, error: message } });
      } finally {
        this.#look = undefined;
      }
    });
    return undefined;
  }

  /** Nothing reports the end of an external batch that was terminated or timed out. */
  #inspect(): void {
    const isExternal = () => this.#state.current?.isExternal === true;
    if (this.#isInspecting || !isExternal()) return;
    this.#isInspecting = true;
    const children = this.#batches;
    children.inBackground(async () => {
      try {
        for (
          let waitMs = INSPECTION_MS.first;
          isExternal();
          waitMs = Math.min(2 * waitMs, INSPECTION_MS.most)
        ) {
          await children.sleep(waitMs);
          const batch = this.#state.current?.batch;
          if (batch === undefined || !isExternal()) break;
          const status = (await children.closedStatusOf([String(batch)])).get(String(batch));
          if (status !== undefined) this.#events.push({ kind: 'closed', batch, status });
        }
      } finally {
        this.#isInspecting = false;
      }
    });
  }

  /** @param hasFailed a failure was recorded: a command must be emitted (sdk-rust#1606) */
  #changed(hasFailed: boolean): void {
    const progress = this.progress();
    showDetails(loaderDetails(progress, Date.now()));
    const line = loaderLine(progress);
    if (!hasFailed && line === this.#remembered) return;
    this.#remembered = line;
    upsertMemo({ tributary: line, loader: this.#name });
  }

  async #continueAsNew(): Promise<never> {
    this.#look?.cancel();
    this.#batches.stopBackground();
    const carried: Carried = {
      opened: this.#opened as OpenedLoader,
      state: this.#state.carry(Date.now()),
      newest: this.#newest,
      tidied: this.#tidied,
      alerts: { isHeard: this.#alerts.isHeard, isOpen: this.#alerts.isOpen },
    };
    return continueAsNew<typeof loadFiles>({ loader: this.#name, carried });
  }

  /** The loader is cancelled: cancels the batch that is being loaded, and waits until it has ended. */
  async #cancelCurrent(): Promise<void> {
    const { current } = this.#state;
    if (current === undefined) return;
    await this.#batches.nonCancellable(async () => {
      await this.#batches.cancelById(String(current.batch));
      const isOver = () => this.#events.some((event) => 'batch' in event && event.batch === current.batch);
      await condition(isOver, '5 minutes');
    });
  }
}

const idOf = (batch: string) => batchWorkflowId(workflowInfo().workflowId, Number(batch));
