import { TemporalFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ApplyActivities,
  ApplyRoundActivities,
  ApplyRoundResult,
  OpenedDestination,
} from '../../contract/changes/apply-activities.ts';
import { applyDetails, applyLine } from '../../contract/changes/apply-details.ts';
import type { CatchUpActivities, RequestedRefresh } from '../../contract/changes/catch-up.ts';
import {
  type ApplyChangesInput,
  type ApplyProgress,
  SINGLE_DESTINATION,
} from '../../contract/changes/changes.ts';
import { applyConditions, HALF_DAY_MS, LATE } from '../../contract/changes/changes-conditions.ts';
import type { RewindOrder } from '../../contract/changes/reapply.ts';
import { rootCause } from '../../contract/failure.ts';
import { showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { OrderRefused } from '../order.ts';
import { profiles } from '../profiles.ts';
import { applySearchAttributes } from '../search-attributes.ts';
import { type ApplyMessage, type ApplyOrder, handleApplyMessages } from './apply-handlers.ts';
import { type ApplyFailure, ApplyState, type CarriedApply, type NextApply } from './apply-state.ts';
import type { CarriedCatchUp } from './catch-up-state.ts';
import { type CarriedAlerts, ChangesAlerts } from './changes-alerts.ts';
import { LagWatch } from './lag-watch.ts';
import { type ReapplyEvent, ReapplyRounds } from './reapply-rounds.ts';
import type { CarriedReapply } from './reapply-state.ts';
import { type StagingEvent, StagingRounds } from './staging-rounds.ts';
import { Turns } from './turns.ts';

const short = proxyActivities<ApplyActivities>(profiles.short);
const bounded = proxyActivities<ApplyActivities>(profiles.report);
const boundedRefresh = proxyActivities<CatchUpActivities>(profiles.report);
const rounds = proxyActivities<ApplyRoundActivities>(profiles.changes);

/** What only other columns can hold, or only the table has. Other reasons, such as something lost, wait for an operator or a schedule. */
const TRIGGERS: ReadonlySet<string> = new Set(['TypesChange', 'NamesChange', 'WithheldDiffers']);
/** A round that finds nothing ends after this time. */
const ROUND_SECONDS = 600;

/** What an execution carries over to the next one. */
interface Carried {
  readonly opened: OpenedDestination;
  readonly state: CarriedApply;
  /** Absent if an older version carried it. */
  readonly catchUp?: CarriedCatchUp;
  readonly alerts?: CarriedAlerts;
  readonly reapply?: CarriedReapply;
}

/** What the loop takes, in order. */
type Event =
  | ApplyMessage
  | StagingEvent
  | ReapplyEvent
  | { readonly kind: 'ended'; readonly result: ApplyRoundResult }
  | { readonly kind: 'failed'; readonly failure: ApplyFailure }
  | { readonly kind: 'cancelled' };

/**
 * Applies the changes of a pipeline to one destination.
 *
 * 1. Find the destination, and whether it was paused.
 * 2. Apply round by round: one activity waits until the log has something, and applies it in one transaction. The positions
 *    in the warehouse say what is applied: this workflow carries nothing of it.
 * 3. A round that fails permanently blocks the destination until `retryApply`. Changes wait in the log meanwhile.
 * 4. While a run catches up, apply to its staging schema in turn with live, then to staging alone until it is not behind live,
 *    then to neither while the run swaps. See `CatchUpState`.
 * 5. A rewind takes turns with the rounds. See `ReapplyState`.
 * 6. Take messages in order. Handlers only record them, so that the outcome does not depend on how they are grouped.
 * 7. Continue as new between two rounds, whenever Temporal suggests it.
 *
 * It ends only if it is cancelled, or its destination is removed.
 */
export async function applyChanges(input: ApplyChangesInput): Promise<void> {
  refuseUnknownInput(input, { pipeline: true, destination: true, carried: true });
  const { pipeline, destination = SINGLE_DESTINATION } = input;
  const carried = input.carried as Carried | undefined;
  const applier = new Applier(pipeline, destination, carried);
  handleApplyMessages(applier);
  await explainingFailure(
    () => `Applying changes of ${pipeline} to ${destination} failed`,
    () => undefined,
    async () => {
      if (carried !== undefined) return applier.run(carried.opened);
      const { paused, ...opened } = await short.openDestination({ pipeline, destination });
      applier.begin(paused);
      return applier.run(opened);
    },
  );
}

class Applier {
  readonly #pipeline: string;
  readonly #destination: string;
  readonly #state: ApplyState;
  readonly #events: Event[] = [];
  readonly #staging: StagingRounds;
  readonly #alerts: ChangesAlerts;
  readonly #lagWatch: LagWatch;
  readonly #reapply: ReapplyRounds;
  #opened: OpenedDestination | undefined;
  /** The round that runs. */
  #round: CancellationScope | undefined;
  readonly #turns = new Turns();
  #wasRewindsTurn = false;
  #refresh: RequestedRefresh | undefined;
  #hinted = false;
  #mayBeLate = false;
  #isRemoved = false;
  #remembered = '';
  #listedAs = '';

  constructor(pipeline: string, destination: string, carried: Carried | undefined) {
    this.#pipeline = pipeline;
    this.#destination = destination;
    this.#state = new ApplyState(Date.now(), carried?.state);
    this.#staging = new StagingRounds(this.push, carried?.catchUp);
    this.#alerts = new ChangesAlerts(pipeline, carried?.alerts);
    this.#lagWatch = new LagWatch(
      () => ({ lagSeconds: this.lag().seconds, alertAtLagSeconds: this.#opened?.alertAtLagSeconds }),
      () => {
        this.#mayBeLate = true;
      },
    );
    this.#reapply = new ReapplyRounds(this.push, carried?.reapply);
  }

  readonly push = (event: Event): void => void this.#events.push(event);

  readonly hint = (): void => {
    this.#hinted = true;
  };

  readonly progress = (): ApplyProgress => ({
    ...{ pipeline: this.#pipeline, destination: this.#destination },
    ...this.#state.progress(Date.now()),
    ...(this.#refresh === undefined ? {} : { refresh: this.#refresh }),
    ...this.#catchUp(),
    ...(this.#reapply.progress === undefined ? {} : { reapply: this.#reapply.progress }),
  });

  readonly lag = () => this.#state.lag(Date.now());

  begin(paused: OpenedDestination['paused']): void {
    this.#state.begin(paused);
  }

  async run(begun: OpenedDestination): Promise<void> {
    this.#opened = begun;
    this.#lagWatch.begin();
    for (;;) {
      let hasFailed = false;
      for (const event of this.#events.splice(0)) {
        await this.#take(event);
        if (
          event.kind === 'failed' ||
          (event.kind === 'staging' && event.step.kind === 'failed') ||
          event.kind === 'not reapplied'
        )
          hasFailed = true;
      }
      const opened = this.#opened;
      if (this.#hinted) this.#state.hint();
      this.#hinted = false;
      const isBusy = this.#state.isRunning || this.#staging.isBusy || this.#reapply.isBusy;
      if (this.#isRemoved && !isBusy) {
        if (await this.#hasEnded()) return;
        continue;
      }
      if (workflowInfo().continueAsNewSuggested && !isBusy) {
        await condition(() => allHandlersFinished() && !this.#alerts.isRaising);
        if (this.#events.length === 0) await this.#continueAsNew(opened);
        continue;
      }
      const untilMs = isBusy || this.#isRemoved ? undefined : this.#begin(opened);
      this.#show(hasFailed);
      this.#mayBeLate = false;
      const isAwake = () => this.#events.length > 0 || this.#hinted || this.#mayBeLate;
      await (untilMs === undefined
        ? condition(isAwake)
        : condition(isAwake, Math.max(1, untilMs - Date.now())));
    }
  }

  /** @returns whether nothing is left to do: otherwise a message has arrived */
  async #hasEnded(): Promise<boolean> {
    this.#lagWatch.cancel();
    this.#alerts.observe([]);
    upsertMemo({ tributary: 'removed', pipeline: this.#pipeline });
    await condition(() => this.#events.length > 0 || (allHandlersFinished() && !this.#alerts.isRaising));
    return this.#events.length === 0;
  }

  /**
   * Begins what comes next: a round on live or, while a run catches up, on live and its staging schema in turn.
   * @returns if nothing runs now, when to look again without a message; undefined: not before one
   */
  #begin({ applySeconds }: OpenedDestination): number | undefined {
    const nowMs = Date.now();
    const next = this.#state.next(nowMs, applySeconds);
    const { isFollowing } = this.#staging;
    const mayApply = this.#staging.appliesToLive(nowMs);
    const isLivesTurn =
      mayApply && next.kind === 'apply' && this.#turns.isLives(isFollowing, next.dueInSeconds);
    const of = { pipeline: this.#pipeline, destination: this.#destination, applySeconds };
    if (mayApply && !isFollowing && next.kind === 'apply' && !this.#wasRewindsTurn) {
      this.#wasRewindsTurn = true;
      if (this.#reapply.begin({ pipeline: of.pipeline, destination: of.destination })) return undefined;
    }
    this.#wasRewindsTurn = false;
    if (!isLivesTurn || !isFollowing) {
      const begun = this.#staging.begin(of, this.#state.paused !== undefined);
      this.#turns.begun(begun);
      if (begun !== undefined) return undefined;
    }
    if (mayApply && next.kind === 'apply') {
      this.#turns.begun('live');
      this.#launch(next, isFollowing || this.#reapply.isUnderWay ? 0 : ROUND_SECONDS);
      return undefined;
    }
    const { nextLookMs } = this.#staging;
    const untilMs = mayApply && next.kind === 'wait' ? next.untilMs : undefined;
    return untilMs === undefined || nextLookMs === undefined
      ? (untilMs ?? nextLookMs)
      : Math.min(untilMs, nextLookMs);
  }

  #launch(
    { dueInSeconds, known, idle, skips }: Extract<NextApply, { kind: 'apply' }>,
    atMostSeconds: number,
  ): void {
    this.#state.started(Date.now(), atMostSeconds);
    const scope = new CancellationScope();
    this.#round = scope;
    const round = scope.run(() =>
      rounds.applyRound({
        ...{ pipeline: this.#pipeline, destination: this.#destination },
        ...{ atMostSeconds, dueInSeconds },
        ...(known === undefined ? {} : { known }),
        ...(idle === undefined ? {} : { idle }),
        ...(skips === undefined ? {} : { skips }),
      }),
    );
    round.then(
      (result) => this.push({ kind: 'ended', result }),
      (error: unknown) => {
        if (isCancellation(error)) return this.push({ kind: 'cancelled' });
        const { type, message } = rootCause(error);
        return this.push({ kind: 'failed', failure: { code: type, error: message } });
      },
    );
  }

  async #take(event: Event): Promise<void> {
    const nowMs = Date.now();
    switch (event.kind) {
      case 'ended':
        this.#state.ended(event.result, nowMs);
        this.#takePace(event.result.pace);
        return this.#requestRefresh(event.result.needsRefresh);
      case 'failed':
        return this.#state.failed(event.failure, nowMs);
      case 'cancelled':
        return this.#state.cancelled();
      case 'follow':
      case 'stop following':
      case 'staging':
        return this.#takeStaging(event);
      case 'reapplied':
      case 'not reapplied':
      case 'reapply cancelled':
        return this.#reapply.take(event, nowMs);
      case 'order':
        return this.#answer(event);
    }
  }

  /** The configuration may have changed since the destination was opened. */
  #takePace(pace: ApplyRoundResult['pace']): void {
    if (pace === undefined || this.#opened === undefined) return;
    const { schema, searchable } = this.#opened;
    this.#opened = { schema, searchable, ...pace };
  }

  /** Live cannot take a change. What changes showed is agreed on already, so the run's columns will hold it. */
  async #requestRefresh(needs: ApplyRoundResult['needsRefresh']): Promise<void> {
    const { refreshAtMostEverySeconds: atMostEverySeconds } = this.#opened ?? {};
    if (needs === undefined || !TRIGGERS.has(needs.code) || atMostEverySeconds === undefined) return;
    // A run that catches up is the refresh.
    if (this.#catchUp().catchUp !== undefined) return;
    const of = { pipeline: this.#pipeline, destination: this.#destination };
    try {
      this.#refresh = await boundedRefresh.requestRefresh({
        ...of,
        reason: needs.message,
        ...(needs.code === 'WithheldDiffers' ? { readsTable: true } : {}),
        atMostEverySeconds,
      });
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      log.warn('no refresh could be started; this is repeated', { ...of, why: rootCause(error).message });
    }
  }

  #takeStaging(event: StagingEvent): void {
    const { applySeconds = 0 } = this.#opened ?? {};
    const wasFollowing = this.#staging.isFollowing;
    this.#staging.take(event, { isPaused: this.#state.paused !== undefined, applySeconds });
    // It may be waiting for changes for minutes.
    if (this.#staging.isFollowing && !wasFollowing) this.#round?.cancel();
    if (event.kind !== 'stop following') return;
    // Live is another schema by now, to which the change may fit that blocked the one before.
    if (event.stop.swapped === true) this.#state.retry();
    this.#state.hint();
  }

  #catchUp(): Pick<ApplyProgress, 'catchUp'> {
    const report = this.#staging.report(this.#state.paused !== undefined);
    if (report === undefined) return {};
    const { run, rounds: made, seconds, left } = report;
    return { catchUp: { run, rounds: made, seconds, left } };
  }

  async #answer(event: ApplyMessage): Promise<void> {
    try {
      event.answer = await this.#obey(event.order);
    } catch (error) {
      if (!(error instanceof OrderRefused)) throw error;
      event.refusal = error.message;
    }
  }

  async #obey(order: ApplyOrder): Promise<string> {
    switch (order.kind) {
      case 'retry':
        return this.#state.retry();
      case 'pause': {
        const answer = this.#state.pause(order.reason ?? 'by an operator', Date.now());
        // A round may wait for changes for minutes, and would apply them.
        this.#round?.cancel();
        this.#reapply.cancel();
        return `${answer}${await this.#keepPause()}`;
      }
      case 'resume':
        return `${this.#state.resume()}${await this.#keepPause()}`;
      case 'rewind':
        return this.#rewind(order.rewind);
      case 'replay': {
        this.#refuseIfBusy();
        const answer = this.#reapply.replay(order.keyHashes);
        this.#round?.cancel();
        return answer;
      }
      case 'skip':
        return this.#state.skip(order.skip);
      case 'remove':
        return this.#remove();
    }
  }

  async #remove(): Promise<string> {
    const of = { pipeline: this.#pipeline, destination: this.#destination };
    const { refresh } = await bounded.removeDestination(of).catch((error: unknown) => {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      throw new OrderRefused(`It could not be noted in S3: ${rootCause(error).message}`);
    });
    if (refresh !== undefined)
      throw new OrderRefused(
        `Workflow ${refresh} refreshes its tables. Cancel it, or wait until it has ended, then remove the destination.`,
      );
    this.#isRemoved = true;
    this.#round?.cancel();
    this.#reapply.cancel();
    return (
      `removed: nothing more is applied to it, and no changes are kept for it. Now take it out of the configuration of ` +
      `pipeline ${this.#pipeline}: otherwise its next refresh adds it again. What it has in ${this.#opened?.schema} stays`
    );
  }

  async #rewind(order: RewindOrder): Promise<string> {
    if (order.dryRun !== true) this.#refuseIfBusy();
    const of = { pipeline: this.#pipeline, destination: this.#destination };
    const answer = await this.#reapply.rewind(of, order);
    // It may be waiting for changes for minutes.
    if (this.#reapply.isUnderWay) this.#round?.cancel();
    return answer;
  }

  /** @throws OrderRefused */
  #refuseIfBusy(): void {
    const { paused, blocked } = this.#state;
    if (paused !== undefined) throw new OrderRefused(`It is paused: ${paused.reason}. Resume it first.`);
    if (blocked !== undefined)
      throw new OrderRefused(`It is blocked: ${blocked.code}. Fix that first, then send retryApply.`);
    const { catchUp } = this.#catchUp();
    if (catchUp === undefined) return;
    throw new OrderRefused(
      `Run ${catchUp.run} is about to replace its tables, and reads the whole table. Wait until it has ended.`,
    );
  }

  /** Notes the pause in S3, so that it outlives this workflow. Bounded, because orders wait for it. */
  async #keepPause(): Promise<string> {
    const { paused } = this.#state;
    try {
      await bounded.keepDestinationPause({
        ...{ pipeline: this.#pipeline, destination: this.#destination },
        ...(paused === undefined ? {} : { paused }),
      });
      return '';
    } catch (error) {
      if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
      return `; if it is terminated, it does not remember that, because S3 could not be written: ${rootCause(error).message}`;
    }
  }

  /** @param hasFailed a failure was recorded: a command must be emitted (sdk-rust#1606) */
  #show(hasFailed: boolean): void {
    const progress = this.progress();
    // One that was late is so until its lag is half of that: not every apply around the limit is an alert.
    const limit = this.#opened?.alertAtLagSeconds ?? HALF_DAY_MS / 1000;
    this.#alerts.observe(applyConditions(progress, this.#alerts.holds(LATE) ? limit / 2 : limit));
    showDetails(applyDetails(progress));
    const line = applyLine(progress);
    if (hasFailed || line !== this.#remembered) upsertMemo({ tributary: line, pipeline: this.#pipeline });
    this.#remembered = line;
    const attributes = applySearchAttributes(progress);
    const listed = JSON.stringify(attributes);
    if (this.#opened?.searchable !== true || listed === this.#listedAs) return;
    this.#listedAs = listed;
    upsertSearchAttributes(attributes);
  }

  async #continueAsNew(opened: OpenedDestination): Promise<never> {
    this.#lagWatch.cancel();
    const reapply = this.#reapply.carry();
    const carried: Carried = {
      opened,
      state: this.#state.carry(),
      catchUp: this.#staging.carry(),
      alerts: this.#alerts.carry(),
      ...(reapply === undefined ? {} : { reapply }),
    };
    const { pipeline, destination } = { pipeline: this.#pipeline, destination: this.#destination };
    return continueAsNew<typeof applyChanges>({ pipeline, destination, carried });
  }
}
