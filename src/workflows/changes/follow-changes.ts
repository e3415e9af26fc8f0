import { TemporalFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ChangesLag, FollowChangesInput, FollowProgress } from '../../contract/changes/changes.ts';
import { followConditions, HALF_DAY_MS } from '../../contract/changes/changes-conditions.ts';
import type { FollowActivities } from '../../contract/changes/follow-activities.ts';
import { followDetails, followLine } from '../../contract/changes/follow-details.ts';
import { rootCause } from '../../contract/failure.ts';
import { showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { followSearchAttributes } from '../search-attributes.ts';
import { type CarriedAlerts, ChangesAlerts } from './changes-alerts.ts';
import { handleMessages, type Message, type Order } from './follow-handlers.ts';
import { type CarriedState, FollowState } from './follow-state.ts';
import { LogPruning } from './log-pruning.ts';
import { idOf, type RunEvent, ShardRuns } from './shard-runs.ts';
import { StreamWatches, type WatchEvent } from './stream-watches.ts';

const { openLog } = proxyActivities<FollowActivities>(profiles.short);
const bounded = proxyActivities<FollowActivities>(profiles.report);

/** What the loop takes, in order. */
type Event = Message | RunEvent | WatchEvent;

/**
 * Follows the stream of a pipeline's table: reads all its shards into the change log in S3, parents before children.
 *
 * 1. Find the stream, open its log, and find out whether reading was paused.
 * 2. Watch the stream, in an activity that returns only with news: shards to read, gaps, another stream.
 * 3. Read each shard in a child workflow, all open ones at once. A shard whose reading fails waits for an operator.
 * 4. Take messages in order. Handlers only record them, so that the outcome does not depend on how they are grouped.
 * 5. Once a day, delete what the log no longer needs.
 * 6. Continue as new whenever Temporal suggests it. Readers continue: they report by this workflow's id.
 *
 * The log in S3 is the truth: if this workflow is terminated, the next one finds every shard that is not read to its end. It
 * ends only if it is cancelled; its readers are then cancelled first.
 */
export async function followChanges(input: FollowChangesInput): Promise<void> {
  refuseUnknownInput(input, { pipeline: true, carried: true });
  const follower = new Follower(input.pipeline, input.carried as Carried | undefined);
  handleMessages(follower);
  await explainingFailure(
    () => `The changes of ${input.pipeline} are not followed`,
    () => undefined,
    () => follower.run(),
  );
}

/** What an execution carries over to the next one. */
type Carried = CarriedState & { readonly alerts?: CarriedAlerts };

class Follower {
  readonly #pipeline: string;
  readonly #state: FollowState;
  readonly #events: Event[] = [];
  readonly #runs: ShardRuns;
  readonly #watches: StreamWatches;
  readonly #pruning: LogPruning;
  readonly #alerts: ChangesAlerts;
  #hasPruned = false;
  #remembered = '';
  #listedAs = '';

  constructor(pipeline: string, carried: Carried | undefined) {
    this.#pipeline = pipeline;
    this.#alerts = new ChangesAlerts(pipeline, carried?.alerts);
    this.#state = new FollowState(idOf, carried);
    this.#runs = new ShardRuns({
      ...{ pipeline, push: this.push },
      external: () => this.#state.readers.externalChildren(),
      stagingOf: (epoch) => this.#state.epochs.find(({ log }) => log.epoch === epoch)?.log.staging,
    });
    this.#watches = new StreamWatches(pipeline, this.push);
    this.#pruning = new LogPruning(pipeline, () => {
      this.#hasPruned = true;
    });
  }

  readonly push = (event: Event): void => void this.#events.push(event);

  readonly progress = (): FollowProgress => {
    const { last: log } = this.#pruning;
    return { ...this.#state.progress(this.#pipeline), ...(log === undefined ? {} : { log }) };
  };

  readonly lag = (): ChangesLag => {
    const since = this.#state.unreadSince();
    const seconds =
      since === undefined ? 0 : Math.max(0, Math.round((Date.now() - Date.parse(since)) / 1000));
    return { seconds, bytes: 0, count: 0 };
  };

  async run(): Promise<void> {
    try {
      if (this.#state.newest === undefined) {
        const { paused, ...opened } = await openLog({ pipeline: this.#pipeline });
        this.#state.begin(paused);
        this.#state.opened(opened);
      }
      this.#pruning.begin();
      for (;;) await this.#round();
    } catch (error) {
      if (isCancellation(error)) await this.#cancelReaders();
      throw error;
    }
  }

  async #round(): Promise<void> {
    let hasFailed = false;
    for (const event of this.#events.splice(0)) if (await this.#take(event)) hasFailed = true;
    for (const name of this.#state.startable()) this.#runs.launch(name);
    this.#runs.inspect();
    if (this.#state.paused === undefined) this.#watches.begin(this.#state);
    this.#hasPruned = false;
    this.#show(hasFailed);
    if (this.#events.length > 0) return;
    const isLong = () => workflowInfo().continueAsNewSuggested;
    if (isLong()) {
      await condition(() => !this.#runs.isStarting && !this.#alerts.isRaising && allHandlersFinished());
      if (this.#events.length === 0) await this.#continueAsNew();
      return;
    }
    const isAwake = () => this.#events.length > 0 || this.#hasPruned || isLong();
    const untilMs = this.#unreadUntilMs();
    await (untilMs === undefined ? condition(isAwake) : condition(isAwake, untilMs));
  }

  /** Until half of the time has passed for which the stream keeps what is not read. */
  #unreadUntilMs(): number | undefined {
    const since = this.#state.unreadSince();
    if (since === undefined) return undefined;
    const leftMs = Date.parse(since) + HALF_DAY_MS - Date.now();
    return leftMs > 0 ? leftMs : undefined;
  }

  /** @returns whether it records a failure */
  async #take(event: Event): Promise<boolean> {
    const state = this.#state;
    const nowMs = Date.now();
    switch (event.kind) {
      case 'opened':
        state.opened(event.log);
        return false;
      case 'seen':
        state.seen(event.epoch, event.seen, nowMs);
        return false;
      case 'watch failed':
        state.trouble(event.epoch, event.failure, nowMs);
        return true;
      case 'watch cancelled':
        return false;
      case 'settled':
        state.settled(event.name);
        return false;
      case 'reported failed':
        return state.reportedFailed(event.name, event.failure, nowMs);
      case 'closed':
        return state.closed(event.name, event.status, nowMs);
      case 'ended':
        return this.#ended(event, nowMs);
      case 'order':
        event.answer = await this.#obey(event.order, nowMs);
        return false;
    }
  }

  #ended({ name, end }: Extract<RunEvent, { kind: 'ended' }>, nowMs: number): boolean {
    switch (end.kind) {
      case 'settled':
        this.#state.settled(name);
        return false;
      case 'failed':
        return this.#state.failed(name, { code: end.type, error: end.error }, nowMs, end.occurrence);
      case 'external':
        return this.#state.external(name, nowMs);
    }
  }

  async #obey(order: Order, nowMs: number): Promise<string> {
    const state = this.#state;
    switch (order.kind) {
      case 'retry':
        return state.retry(order.shard);
      case 'pause': {
        const wasPaused = state.paused !== undefined;
        const answer = state.pause(order.reason ?? 'by an operator', nowMs);
        if (!wasPaused) {
          this.#watches.cancel();
          await this.#runs.cancel(this.#reading());
        }
        return `${answer}${await this.#keepPause()}`;
      }
      case 'resume':
        return `${state.resume()}${await this.#keepPause()}`;
    }
  }

  /** Notes the pause in S3, so that it outlives this workflow. Bounded, because orders wait for it. */
  async #keepPause(): Promise<string> {
    const { paused } = this.#state;
    try {
      await bounded.keepReadingPause({
        pipeline: this.#pipeline,
        ...(paused === undefined ? {} : { paused }),
      });
      return '';
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      return `; if it is terminated, it does not remember that, because S3 could not be written: ${rootCause(error).message}`;
    }
  }

  #reading(): string[] {
    const { readers } = this.#state;
    return [...readers.runningChildren(), ...readers.externalChildren()];
  }

  async #cancelReaders(): Promise<void> {
    const open = new Set(this.#reading());
    await this.#runs.cancelFinally([...open], () => {
      for (const event of this.#events) if (isEnd(event)) open.delete(event.name);
      return open.size === 0;
    });
  }

  /** @param hasFailed a failure was recorded: a command must be emitted (sdk-rust#1606) */
  #show(hasFailed: boolean): void {
    const progress = this.progress();
    this.#alerts.observe(followConditions(progress, this.#state.unreadSince(), Date.now()));
    showDetails(followDetails(progress));
    const line = followLine(progress);
    if (hasFailed || line !== this.#remembered) upsertMemo({ tributary: line, pipeline: this.#pipeline });
    this.#remembered = line;
    const attributes = followSearchAttributes(progress);
    const listed = JSON.stringify(attributes);
    if (this.#state.newest?.log.searchable !== true || listed === this.#listedAs) return;
    this.#listedAs = listed;
    upsertSearchAttributes(attributes);
  }

  async #continueAsNew(): Promise<never> {
    this.#watches.cancel();
    this.#pruning.cancel();
    this.#runs.stopInspecting();
    const carried: Carried = { ...this.#state.carry(), alerts: this.#alerts.carry() };
    return continueAsNew<typeof followChanges>({ pipeline: this.#pipeline, carried });
  }
}

/** A reader reports its end, or its end was found out. */
const isEnd = (event: Event): event is Extract<Event, { readonly name: string }> =>
  event.kind === 'settled' ||
  event.kind === 'reported failed' ||
  event.kind === 'closed' ||
  (event.kind === 'ended' && event.end.kind !== 'external');
