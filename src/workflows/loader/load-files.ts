import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { LoaderProgress, LoadFilesInput } from '../../contract/loader/loader.ts';
import type {
  LoaderActivities,
  OpenedLoader,
  TakeBatchResult,
} from '../../contract/loader/loader-activities.ts';
import { lagOf, loaderDetails, loaderLine } from '../../contract/loader/loader-details.ts';
import { showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { loaderSearchAttributes } from '../search-attributes.ts';
import { BatchRuns, idOf, type RunEvent } from './batch-runs.ts';
import { type CarriedLooks, InboxLooks, type LookEvent } from './inbox-looks.ts';
import { keepPause } from './keep-pause.ts';
import { LoaderAlerts } from './loader-alerts.ts';
import { handleMessages, type Message } from './loader-handlers.ts';
import { type CarriedState, LoaderState } from './loader-state.ts';
import { obeyOrder } from './obey-order.ts';

const short = proxyActivities<LoaderActivities>(profiles.short);

/** What an execution carries over to the next one. */
interface Carried {
  readonly opened: OpenedLoader;
  readonly state: CarriedState;
  readonly looks: CarriedLooks;
  readonly alerts: { readonly isHeard: boolean; readonly isOpen: boolean };
}

/** What the loop takes, in order. */
type Event = Message | LookEvent | RunEvent;

/**
 * Hints that one execution takes. Nothing may happen on them for a weekend, and a worker that has just started takes all of
 * them in one step, for which the SDK allows five seconds.
 */
const MOST_HINTS = 1000;

/**
 * The loader of one table: turns the files of its inbox into batches and loads them, one at a time.
 *
 * 1. Find the table.
 * 2. Look at the inbox at the start, on a hint, when a batch is due, and once a minute. The inbox in S3 is the pending set:
 *    this workflow carries no files.
 * 3. Load a batch in a child workflow. One that fails is parked, and the next one proceeds.
 * 4. Take messages in order. Handlers only record them, so that the outcome does not depend on how they are grouped.
 * 5. Continue as new whenever Temporal suggests it, and after many hints. A batch that is being loaded continues: it reports
 *    by this workflow's id.
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
      if (carried !== undefined) return loader.run(carried.opened);
      const { paused, ...opened } = await short.openLoader({ loader: input.loader });
      loader.begin(paused);
      return loader.run(opened);
    },
  );
}

class Loader {
  readonly #name: string;
  readonly #state: LoaderState;
  readonly #events: Event[] = [];
  readonly #looks: InboxLooks;
  readonly #runs: BatchRuns;
  readonly #alerts: LoaderAlerts;
  #opened: OpenedLoader | undefined;
  #remembered = '';
  #listedAs = '';

  constructor(name: string, carried: Carried | undefined) {
    this.#name = name;
    this.#opened = carried?.opened;
    this.#state = new LoaderState(carried?.state);
    this.#looks = new InboxLooks(name, this.push, carried?.looks);
    this.#runs = new BatchRuns(name, this.push);
    this.#alerts = new LoaderAlerts(name, () => this.#opened, carried?.alerts);
  }

  readonly push = (event: Event): void => void this.#events.push(event);

  readonly hint = (): void => this.#looks.hint();

  readonly progress = (): LoaderProgress => {
    const { loaders, inbox, trouble } = this.#looks;
    return {
      table: this.#opened?.table ?? { database: '', schema: '', table: '' },
      loaders,
      inbox,
      ...(trouble === undefined ? {} : { trouble }),
      ...this.#state.progress(idOf),
    };
  };

  readonly lag = () => lagOf(this.progress(), Date.now());

  /** @param paused as an earlier execution was when it was terminated or cancelled */
  begin(paused: LoaderProgress['paused']): void {
    this.#state.begin(Date.now(), paused);
  }

  async run(opened: OpenedLoader): Promise<void> {
    this.#opened = opened;
    try {
      for (;;) await this.#round();
    } catch (error) {
      const { current } = this.#state;
      if (isCancellation(error) && current !== undefined) {
        const hasEnded = (event: Event) => 'batch' in event && event.batch === current.batch;
        await this.#runs.cancel(current.batch, () => this.#events.some(hasEnded));
      }
      throw error;
    }
  }

  async #round(): Promise<void> {
    let hasFailed = false;
    for (const event of this.#events.splice(0)) {
      if (await this.#take(event)) hasFailed = true;
    }
    await this.#alertOfPause(hasFailed);
    const next = this.#state.takeNext(Date.now());
    if (next !== undefined) {
      this.#looks.batchStarted();
      this.#runs.launch(next.batch);
    }
    this.#runs.inspect(this.#state);
    const lookMs = this.#looks.beginIfDue(this.#state);
    this.#show(hasFailed);
    if (this.#events.length > 0) return;
    if (this.#isLong()) {
      await condition(() => !this.#runs.isStarting && !this.#alerts.isRaising && allHandlersFinished());
      if (this.#events.length === 0) await this.#continueAsNew();
      return;
    }
    const { hints } = this.#looks;
    const isAwake = () =>
      this.#events.length > 0 || (this.#looks.hints !== hints && this.#state.isFree) || this.#isLong();
    await (lookMs === undefined ? condition(isAwake) : condition(isAwake, Math.max(1, lookMs - Date.now())));
  }

  #isLong(): boolean {
    return workflowInfo().continueAsNewSuggested || this.#looks.hints >= MOST_HINTS;
  }

  /** @returns whether it records a failure */
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
        return this.#ended(event);
      case 'closed':
        return this.#parked(event.batch, state.endedWithoutReport(event.batch, event.status, nowMs));
      case 'looked':
        this.#looked(event.result, event.wasFree);
        return false;
      case 'look failed':
        this.#looks.failed(event.failure);
        return true;
      case 'order':
        event.answer = await obeyOrder(event.order, { loader: this.#name, state, looks: this.#looks });
        return false;
    }
  }

  #ended({ batch, end }: Extract<RunEvent, { kind: 'ended' }>): boolean {
    const nowMs = Date.now();
    switch (end.kind) {
      case 'settled':
        this.#state.settled(batch, end.output, nowMs);
        return false;
      case 'failed': {
        const isParked = this.#state.failed(batch, { code: end.type, error: end.error }, nowMs);
        return this.#parked(batch, isParked, end.occurrence);
      }
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
    this.#looks.looked(result, wasFree);
    this.#state.add(result.foundOpen);
    this.#state.addParked(result.foundParked);
    this.#state.describe(result.described);
    this.#state.seenRetry(result.retried);
    if (result.taken !== undefined) this.#state.add([result.taken]);
    this.#alerts.isHeard = result.alerts === true;
    // An execution before this one has reported them.
    if (result.foundParked.length > 0) this.#alerts.isOpen = true;
  }

  async #alertOfPause(hasFailed: boolean): Promise<void> {
    const state = this.#state;
    const pausesItself = hasFailed && state.pauseItself(this.#looks.pauseAfterParked, Date.now());
    if (pausesItself && state.paused !== undefined) {
      this.#alerts.pausedItself(state.paused);
      const why = await keepPause(this.#name, state.paused);
      if (why !== '') log.warn('the pause is not kept in S3', { loader: this.#name, why });
    }
    if (state.open().length === 0 && state.paused === undefined) this.#alerts.recovered();
  }

  /** @param hasFailed a failure was recorded: a command must be emitted (sdk-rust#1606) */
  #show(hasFailed: boolean): void {
    const progress = this.progress();
    showDetails(loaderDetails(progress, Date.now()));
    const line = loaderLine(progress);
    if (hasFailed || line !== this.#remembered) upsertMemo({ tributary: line, loader: this.#name });
    this.#remembered = line;
    const attributes = loaderSearchAttributes(progress);
    const listed = JSON.stringify(attributes);
    if (this.#opened?.searchable !== true || listed === this.#listedAs) return;
    this.#listedAs = listed;
    upsertSearchAttributes(attributes);
  }

  async #continueAsNew(): Promise<never> {
    this.#looks.cancel();
    this.#runs.stopInspecting();
    const { isHeard, isOpen } = this.#alerts;
    const carried: Carried = {
      opened: this.#opened as OpenedLoader,
      state: this.#state.carry(Date.now()),
      looks: this.#looks.carry(),
      alerts: { isHeard, isOpen },
    };
    return continueAsNew<typeof loadFiles>({ loader: this.#name, carried });
  }
}
