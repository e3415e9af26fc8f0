import {
  defineSignal,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import type { ApplyRoundActivities, ApplyRoundResult } from '../../contract/changes/apply-activities.ts';
import {
  type CatchUpActivities,
  type FollowStaging,
  SIGNAL_FOLLOW_STAGING,
  SIGNAL_STAGING_CAUGHT_UP,
  SIGNAL_STAGING_FOLLOWED,
  SIGNAL_STOP_FOLLOWING,
  type StagingFollowed,
  type StopFollowing,
} from '../../contract/changes/catch-up.ts';
import { rootCause } from '../../contract/failure.ts';
import { intervals, profiles } from '../profiles.ts';
import { type CarriedCatchUp, CatchUpState } from './catch-up-state.ts';
import type { Begun } from './turns.ts';

const short = proxyActivities<CatchUpActivities>(profiles.short);
const rounds = proxyActivities<ApplyRoundActivities>(profiles.changes);

/** Runs hear no more often how far they are. */
const REPORT_MS = 60_000;

/** What the loop takes. */
export type StagingEvent =
  | { readonly kind: 'follow'; readonly request: FollowStaging }
  | { readonly kind: 'stop following'; readonly stop: StopFollowing }
  | { readonly kind: 'staging'; readonly step: StagingStep };

type StagingStep =
  | {
      readonly kind: 'applied';
      readonly schema: string;
      readonly seconds: number;
      readonly result: ApplyRoundResult;
    }
  | { readonly kind: 'compared'; readonly schema: string; readonly behind: number }
  | { readonly kind: 'looked'; readonly ended: readonly string[] }
  | { readonly kind: 'failed'; readonly schema: string; readonly code: string; readonly message: string };

interface OfDestination {
  readonly pipeline: string;
  readonly destination: string;
  /** The seconds between applies. */
  readonly applySeconds: number;
}

/**
 * The staging schemas that runs asked this destination to follow: rounds of applies, the comparison with live, and what the
 * runs are to know. One step at a time, each an activity; `CatchUpState` decides which.
 */
export class StagingRounds {
  readonly #state: CatchUpState;
  readonly #push: (event: StagingEvent) => void;
  #isBusy = false;
  #isCompared = false;
  #lookedMs = 0;
  #reportedMs = 0;
  #reported = '';

  /** Registers its signals: create it before the first await. @param carried what an earlier execution carried over */
  constructor(push: (event: StagingEvent) => void, carried?: CarriedCatchUp) {
    this.#push = push;
    this.#state = new CatchUpState(carried);
    setHandler(
      defineSignal<[unknown]>(SIGNAL_FOLLOW_STAGING),
      (message) => {
        const request = followStagingOf(message);
        if (request === undefined)
          log.warn('a signal that does not fit was ignored', { signal: SIGNAL_FOLLOW_STAGING });
        else push({ kind: 'follow', request });
      },
      { description: 'Sent by a run before it replaces live: apply to its staging schema as well' },
    );
    setHandler(
      defineSignal<[unknown]>(SIGNAL_STOP_FOLLOWING),
      (message) => {
        const { schema, swapped } = (message ?? {}) as Partial<StopFollowing>;
        if (typeof schema !== 'string') return;
        push({ kind: 'stop following', stop: { schema, ...(swapped === true ? { swapped } : {}) } });
      },
      { description: 'Sent by a run that has replaced live, or has ended' },
    );
  }

  carry(): CarriedCatchUp {
    return this.#state.carry();
  }

  /** A step runs: nothing is applied to live meanwhile. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Whether a staging schema is applied to, in turn with live. */
  get isFollowing(): boolean {
    return this.#state.staging !== undefined;
  }

  appliesToLive(nowMs: number): boolean {
    return this.#state.appliesToLive(nowMs);
  }

  /** When to look again whether the runs that wait still run; undefined if none does. */
  get nextLookMs(): number | undefined {
    return this.#state.runs.length === 0 ? undefined : this.#lookedMs + intervals.followedRunsMs;
  }

  /** How far the current run is; undefined if there is none. */
  report(isPaused: boolean): (StagingFollowed & { readonly run: string }) | undefined {
    const [current] = this.#state.runs;
    const report = this.#state.report(isPaused);
    return current === undefined || report === undefined ? undefined : { ...report, run: current.run };
  }

  /** Takes what has happened. */
  take(event: StagingEvent, { isPaused, applySeconds }: { isPaused: boolean; applySeconds: number }): void {
    const nowMs = Date.now();
    switch (event.kind) {
      case 'follow':
        this.#state.follow(event.request);
        // It asks again because it has not heard.
        if (this.#state.isCaughtUp) this.#notify(SIGNAL_STAGING_CAUGHT_UP, isPaused);
        break;
      case 'stop following':
        this.#state.stop(event.stop.schema);
        break;
      case 'staging':
        this.#isBusy = false;
        this.#takeStep(event.step, { isPaused, applySeconds, nowMs });
    }
  }

  #takeStep(
    step: StagingStep,
    { isPaused, applySeconds, nowMs }: { isPaused: boolean; applySeconds: number; nowMs: number },
  ): void {
    switch (step.kind) {
      case 'applied': {
        const { schema, seconds, result } = step;
        const { applied, lag, needsRefresh } = result;
        if (needsRefresh !== undefined) this.#state.failed(schema, needsRefresh);
        else
          this.#state.applied(
            schema,
            { seconds, changes: applied?.changes ?? 0, left: lag.count },
            applySeconds,
          );
        this.#isCompared = false;
        break;
      }
      case 'compared':
        this.#isCompared = true;
        if (this.#state.compared(step.schema, step.behind, { isPaused, nowMs }))
          this.#notify(SIGNAL_STAGING_CAUGHT_UP, isPaused);
        break;
      case 'looked':
        for (const schema of step.ended) this.#state.stop(schema);
        break;
      case 'failed':
        this.#state.failed(step.schema, step);
    }
    this.#notifyIfNew(isPaused, nowMs);
  }

  /** Starts the next step, if there is one. @returns which */
  begin({ pipeline, destination, applySeconds }: OfDestination, isPaused: boolean): Begun {
    const nowMs = Date.now();
    const { runs, staging, isClosing } = this.#state;
    if (runs.length > 0 && nowMs - this.#lookedMs >= intervals.followedRunsMs) {
      this.#lookedMs = nowMs;
      this.#run(async () => ({ kind: 'looked', ended: await short.endedRuns({ runs }) }));
      return 'look';
    }
    if (staging === undefined) return undefined;
    const { schema } = staging;
    const of = { pipeline, destination };
    if (isClosing && !this.#isCompared) {
      this.#run(async () => ({
        ...{ kind: 'compared', schema },
        behind: await short.shardsBehindLive({ ...of, stagingSchema: schema }),
      }));
      return 'staging';
    }
    // One that only waits for the destination to be resumed follows at the usual pace.
    const dueInSeconds = isClosing && isPaused ? applySeconds : 0;
    const waits = { atMostSeconds: isClosing ? applySeconds : 0, dueInSeconds };
    this.#run(async () => {
      const result = await rounds.applyRound({ ...of, ...waits, stagingSchema: schema });
      const ended = Date.now();
      return { kind: 'applied', schema, result, seconds: (ended - nowMs) / 1000 };
    });
    return 'staging';
  }

  #run(step: () => Promise<StagingStep>): void {
    this.#isBusy = true;
    const schema = this.#state.staging?.schema ?? '';
    step().then(
      (ended) => this.#push({ kind: 'staging', step: ended }),
      (error: unknown) => {
        const { type: code, message } = rootCause(error);
        this.#push({ kind: 'staging', step: { kind: 'failed', schema, code, message } });
      },
    );
  }

  #notifyIfNew(isPaused: boolean, nowMs: number): void {
    const report = this.#state.report(isPaused);
    if (report === undefined || this.#state.isCaughtUp) return;
    const { attempt, paused, cannotCatchUp, failed } = report;
    const what = JSON.stringify([attempt, paused, cannotCatchUp, failed]);
    if (what === this.#reported && nowMs - this.#reportedMs < REPORT_MS) return;
    this.#reported = what;
    this.#reportedMs = nowMs;
    this.#notify(SIGNAL_STAGING_FOLLOWED, isPaused);
  }

  /** Sends the report in the background. A run that has ended needs none. */
  #notify(signal: string, isPaused: boolean): void {
    const [current] = this.#state.runs;
    const report = this.#state.report(isPaused);
    if (current === undefined || report === undefined) return;
    getExternalWorkflowHandle(current.workflowId)
      .signal(signal, report)
      .catch((error: unknown) => {
        log.info('a run could not be notified', { run: current.run, error: String(error) });
      });
  }
}

/** Undefined if it is not a run's request. */
function followStagingOf(message: unknown): FollowStaging | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const request = message as Record<keyof FollowStaging, unknown>;
  const names = ['pipeline', 'run', 'schema', 'workflowId', 'firstExecutionRunId', 'attempt'] as const;
  if (names.some((name) => typeof request[name] !== 'string')) return undefined;
  return Object.fromEntries(names.map((name) => [name, request[name]])) as unknown as FollowStaging;
}
