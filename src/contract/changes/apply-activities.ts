import type { AppliedRound, ChangesLag } from './changes.ts';

/** The activities that `applyChanges` calls: types only. */

export interface ApplyRoundInput extends DestinationRef {
  /** A schema of a run that is loaded and verified, instead of live. */
  readonly stagingSchema?: string;
  /** It returns after this time if there is nothing to apply. */
  readonly atMostSeconds: number;
  /** It applies nothing before: the last apply is too recent. Default: 0. */
  readonly dueInSeconds?: number;
  /** Why changes wait for a refresh, as the round before found: it is not found again from the same log. */
  readonly known?: NeedsRefresh;
  /** Changes that an operator skipped. */
  readonly skips?: readonly SkipOrder[];
  /** `idle` of the round before: it found nothing to apply, and nothing has replaced live since then. */
  readonly idle?: string;
}

/** Updates and signals of `applyChanges`. */
export const SKIP_CHANGE = 'skipChange';

/** A change that is left out: its key has no rows but an entry with the operator's reason, until its next change. */
export interface SkipOrder {
  /** As the failure names it. */
  readonly keyHash: string;
  readonly shard: string;
  readonly checkpoint: number;
  readonly reason: string;
}

export interface ApplyRoundResult {
  /** Absent if there was nothing to apply. */
  readonly applied?: AppliedRound;
  readonly lag: ChangesLag;
  /**
   * Why changes wait for a refresh: live has no positions, something was lost, or a column would need another type. What was
   * applied nevertheless is in `applied`.
   */
  readonly needsRefresh?: NeedsRefresh;
  /** Names the positions behind which there is nothing to apply. */
  readonly idle?: string;
  /** As the worker's configuration has it now. Absent in histories of older versions. */
  readonly pace?: Pick<OpenedDestination, 'applySeconds' | 'refreshAtMostEverySeconds' | 'alertAtLagSeconds'>;
}

/** Why changes wait for a refresh. */
export interface NeedsRefresh {
  readonly code:
    | 'NothingLive'
    | 'NoPositions'
    | 'PositionsUnclear'
    | 'ChangesLost'
    | 'TypesChange'
    | 'NamesChange'
    | 'WithheldDiffers'
    | 'HashKeyDiffers';
  readonly message: string;
  /** The run whose tables cannot take the changes. */
  readonly run?: string;
}

/** A destination of a pipeline's changes. */
export interface DestinationRef {
  readonly pipeline: string;
  readonly destination: string;
}

export interface OpenedDestination {
  /** The live schema, or the address of a history. */
  readonly schema: string;
  readonly applySeconds: number;
  /** From one refresh that changes trigger to the next. Absent in histories of older versions. */
  readonly refreshAtMostEverySeconds?: number;
  /** The lag that operators should hear of. Absent in histories of older versions. */
  readonly alertAtLagSeconds?: number;
  readonly searchable: boolean;
  readonly paused?: { readonly reason: string; readonly at: string };
}

/** Updates and signals of `applyChanges`: the destination is one no more. */
export const REMOVE_DESTINATION = 'remove';

export interface ApplyActivities {
  /**
   * Notes in S3 that an operator has removed the destination: the log is not kept for it, until it is opened again.
   * @returns the workflow of a run that is to replace its tables; nothing is noted then
   */
  removeDestination(input: DestinationRef): Promise<{ readonly refresh?: string }>;
  openDestination(input: DestinationRef): Promise<OpenedDestination>;
  /** Notes in S3 that the destination is paused or, without `paused`, that it is not. */
  keepDestinationPause(
    input: DestinationRef & { readonly paused?: NonNullable<OpenedDestination['paused']> },
  ): Promise<void>;
}

/** These run on the task queue `tributary-changes`. */
export interface ApplyRoundActivities {
  /**
   * Applies what the log has to live, or to a run's staging schema, in one guarded transaction: all whole checkpoints until
   * `applySeconds` or `applyBytes`. To a destination of kind `s3`, it writes them in files. Waits until there is something.
   */
  applyRound(input: ApplyRoundInput): Promise<ApplyRoundResult>;
}
