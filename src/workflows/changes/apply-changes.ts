import { TemporalFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
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
import {
  type ApplyChangesInput,
  type ApplyProgress,
  SINGLE_DESTINATION,
} from '../../contract/changes/changes.ts';
import { rootCause } from '../../contract/failure.ts';
import { showDetails } from '../as-typed.ts';
import { explainingFailure } from '../explaining-failure.ts';
import { refuseUnknownInput } from '../known-input.ts';
import { profiles } from '../profiles.ts';
import { applySearchAttributes } from '../search-attributes.ts';
import { type ApplyMessage, type ApplyOrder, handleApplyMessages } from './apply-handlers.ts';
import { type ApplyFailure, ApplyState, type CarriedApply, type NextApply } from './apply-state.ts';

const short = proxyActivities<ApplyActivities>(profiles.short);
const bounded = proxyActivities<ApplyActivities>(profiles.report);
const rounds = proxyActivities<ApplyRoundActivities>(profiles.changes);

/** A round that finds nothing ends after this time. */
const ROUND_SECONDS = 600;

/** What an execution carries over to the next one. */
interface Carried {
  readonly opened: OpenedDestination;
  readonly state: CarriedApply;
}

/** What the loop takes, in order. */
type Event =
  | ApplyMessage
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
 * 4. Take messages in order. Handlers only record them, so that the outcome does not depend on how they are grouped.
 * 5. Continue as new between two rounds, whenever Temporal suggests it.
 *
 * It ends only if it is cancelled.
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
  #opened: OpenedDestination | undefined;
  /** The round that runs. */
  #round: CancellationScope | undefined;
  #hinted = false;
  #remembered = '';
  #listedAs = '';

  constructor(pipeline: string, destination: string, carried: Carried | undefined) {
    this.#pipeline = pipeline;
    this.#destination = destination;
    this.#state = new ApplyState(Date.now(), carried?.state);
  }

  readonly push = (event: Event): void => void this.#events.push(event);

  readonly hint = (): void => {
    this.#hinted = true;
  };

  readonly progress = (): ApplyProgress => ({
    ...{ pipeline: this.#pipeline, destination: this.#destination },
    ...this.#state.progress(Date.now()),
  });

  readonly lag = () => this.#state.lag(Date.now());

  begin(paused: OpenedDestination['paused']): void {
    this.#state.begin(paused);
  }

  async run(opened: OpenedDestination): Promise<void> {
    this.#opened = opened;
    for (;;) {
      let hasFailed = false;
      for (const event of this.#events.splice(0)) {
        await this.#take(event);
        if (event.kind === 'failed') hasFailed = true;
      }
      if (this.#hinted) this.#state.hint();
      this.#hinted = false;
      if (workflowInfo().continueAsNewSuggested && !this.#state.isRunning) {
        await condition(allHandlersFinished);
        if (this.#events.length === 0) await this.#continueAsNew(opened);
        continue;
      }
      const next = this.#state.next(Date.now(), opened.applySeconds);
      if (next.kind === 'apply') this.#launch(next);
      this.#show(hasFailed);
      const isAwake = () => this.#events.length > 0 || this.#hinted;
      const untilMs = next.kind === 'wait' ? next.untilMs : undefined;
      await (untilMs === undefined
        ? condition(isAwake)
        : condition(isAwake, Math.max(1, untilMs - Date.now())));
    }
  }

  #launch({ dueInSeconds, known }: Extract<NextApply, { kind: 'apply' }>): void {
    this.#state.started();
    const scope = new CancellationScope();
    this.#round = scope;
    const round = scope.run(() =>
      rounds.applyRound({
        ...{ pipeline: this.#pipeline, destination: this.#destination },
        ...{ atMostSeconds: ROUND_SECONDS, dueInSeconds },
        ...(known === undefined ? {} : { known }),
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
        return this.#state.ended(event.result, nowMs);
      case 'failed':
        return this.#state.failed(event.failure, nowMs);
      case 'cancelled':
        return this.#state.cancelled();
      case 'order':
        event.answer = await this.#obey(event.order);
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
        return `${answer}${await this.#keepPause()}`;
      }
      case 'resume':
        return `${this.#state.resume()}${await this.#keepPause()}`;
    }
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
    const carried: Carried = { opened, state: this.#state.carry() };
    const { pipeline, destination } = { pipeline: this.#pipeline, destination: this.#destination };
    return continueAsNew<typeof applyChanges>({ pipeline, destination, carried });
  }
}
