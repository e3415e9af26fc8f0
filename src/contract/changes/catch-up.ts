import type { OnStaging } from '../refresh-activities.ts';

/**
 * How a run and its destination exchange staging: the run asks `applyChanges` to apply to its staging schema as well, until
 * no shard there is behind live; then the run swaps, while nothing is applied to live. A request that is repeated changes
 * nothing, so each is sent again after a while: the other side may have been terminated.
 */

/** A run's request; the argument of `followStaging`. */
export interface FollowStaging {
  readonly pipeline: string;
  readonly run: string;
  /** The staging schema. */
  readonly schema: string;
  /** The run's workflow, which is signalled. A run that has ended waits for nothing. */
  readonly workflowId: string;
  /** Unchanged by a reset of that workflow. */
  readonly firstExecutionRunId: string;
  /** New for each swap that the run tries, and after a reset: staging must catch up again. */
  readonly attempt: string;
}

/** The run no longer needs its staging schema followed: it is live, or the run has ended. The argument of `stopFollowing`. */
export interface StopFollowing {
  readonly schema: string;
  /** It is live. */
  readonly swapped?: true;
}

/** The argument of `stagingCaughtUp`, and of `stagingFollowed`, which reports how far it is. */
export interface StagingFollowed {
  readonly schema: string;
  readonly attempt: string;
  /** Applies to the staging schema so far. */
  readonly rounds: number;
  /** How long the last one took. */
  readonly seconds: number;
  /** Changes that the last one left in the log. */
  readonly left: number;
  /** Changes arrive as fast as they are applied. */
  readonly cannotCatchUp?: true;
  /** Caught up, but the destination is paused: the swap waits until it is resumed. */
  readonly paused?: true;
  /** Why it cannot follow: a refresh has to start again, or an operator must act. */
  readonly failed?: { readonly code: string; readonly message: string };
}

/** Signals to `applyChanges`. */
export const SIGNAL_FOLLOW_STAGING = 'followStaging';
export const SIGNAL_STOP_FOLLOWING = 'stopFollowing';
/** Signals to the run. */
export const SIGNAL_STAGING_CAUGHT_UP = 'stagingCaughtUp';
export const SIGNAL_STAGING_FOLLOWED = 'stagingFollowed';

/** A run that changes triggered, or that was under way. */
export interface RequestedRefresh {
  readonly workflowId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly isRunning: boolean;
}

/** The activities of catch-up: types only. */
export interface CatchUpActivities {
  /** Starts `followChanges` and `applyChanges` of a pipeline, unless they run. */
  startChanges(input: { readonly pipeline: string; readonly destination: string }): Promise<void>;
  /**
   * Asks the destination to follow a run's staging schema, and starts it unless it runs.
   * @returns whether the run is live already, and there is nothing to follow
   */
  followStaging(
    input: OnStaging & {
      readonly destination: string;
      readonly request: Omit<FollowStaging, 'pipeline' | 'run' | 'schema'>;
    },
  ): Promise<{ readonly isLive: boolean }>;
  /**
   * Starts a run, because changes need other columns than live has, or were recorded by another mapping. One at a time: a run of the destination that is
   * under way does for it, and one that was started for this less than `atMostEverySeconds` ago was the last one until then.
   */
  requestRefresh(input: {
    readonly pipeline: string;
    readonly destination: string;
    readonly reason: string;
    /** The part files of the live run do not help. */
    readonly readsTable?: boolean;
    readonly atMostEverySeconds: number;
  }): Promise<RequestedRefresh>;
  /** The staging schemas, of these runs, whose workflow has ended: it may have been terminated. */
  endedRuns(input: { readonly runs: readonly FollowStaging[] }): Promise<readonly string[]>;
  /** The number of shards on which live is ahead of a staging schema. 0 if nothing is applied to live. */
  shardsBehindLive(input: {
    readonly pipeline: string;
    readonly destination: string;
    readonly stagingSchema: string;
  }): Promise<number>;
}
