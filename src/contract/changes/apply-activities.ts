import type { AppliedRound, ChangesLag } from './changes.ts';

/** The activities that `applyChanges` calls: types only. */

export interface ApplyRoundInput {
  readonly pipeline: string;
  readonly destination: string;
  /** Where the log is. */
  readonly staging: { readonly bucket: string; readonly prefix: string };
  /** A schema of a run that is loaded and verified, instead of live. */
  readonly stagingSchema?: string;
  /** It returns after this time if there is nothing to apply. */
  readonly atMostSeconds: number;
}

export interface ApplyRoundResult {
  /** Absent if there was nothing to apply. */
  readonly applied?: AppliedRound;
  readonly lag: ChangesLag;
  /** Why nothing can be applied before a refresh: live has no positions, a gap lies ahead, or another epoch began. */
  readonly needsRefresh?: { readonly code: string; readonly message: string };
}

export interface OpenedDestination {
  readonly staging: { readonly bucket: string; readonly prefix: string };
  readonly applySeconds: number;
  readonly searchable: boolean;
  readonly paused?: { readonly reason: string; readonly at: string };
}

export interface ApplyActivities {
  openDestination(input: {
    readonly pipeline: string;
    readonly destination: string;
  }): Promise<OpenedDestination>;
  /**
   * Applies what the log has to live, or to a run's staging schema, in one guarded transaction: all whole checkpoints until
   * `applySeconds` or `applyBytes`. Waits until there is something.
   */
  applyRound(input: ApplyRoundInput): Promise<ApplyRoundResult>;
}
