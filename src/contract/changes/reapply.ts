import type { DestinationRef } from './apply-activities.ts';
import type { AppliedRound } from './changes.ts';

/** Orders that apply changes of the log to a destination again: the last image of each key, up to its present positions. */

/** Updates and signals of `applyChanges`. Argument: a `RewindOrder`, or its time as text. */
export const REWIND = 'rewind';

/** What an operator asks for: all that the log has since a time is applied again. */
export interface RewindOrder {
  /** ISO 8601, with its offset from UTC. */
  readonly to: string;
  /** Only say how much that is. */
  readonly dryRun?: boolean;
}

/** The keys whose hash leaves this remainder: a range whose images exceed the memory bound is applied key set by key set. */
export interface KeySet {
  readonly of: number;
  readonly number: number;
}

/** Changes that are applied again. */
export interface Reapplied {
  /** Those that were written to the log since then. ISO 8601, UTC. */
  readonly since: string;
  readonly keys: KeySet;
}

/** What a rewind would read. */
export interface RewindSize {
  readonly shards: number;
  readonly checkpoints: number;
  readonly changes: number;
  /** Of the log's files, compressed. */
  readonly bytes: number;
}

export interface ReapplyInput extends DestinationRef {
  readonly what: Reapplied;
}

export type ReapplyResult =
  | { readonly kind: 'applied'; readonly applied: AppliedRound }
  | { readonly kind: 'nothing' }
  /** The images exceed `applyBytes`: nothing was applied. Half of the keys at a time do not, or half of these. */
  | { readonly kind: 'too many' };

/** The activities: types only. On the control queue: */
export interface ReapplyActivities {
  /** @throws Terminal `CannotRewind` */
  lookAtRewind(input: DestinationRef & Pick<Reapplied, 'since'>): Promise<RewindSize>;
}

/** On the queue for changes. */
export interface ReapplyRoundActivities {
  /** Applies the last images again, in one guarded transaction that leaves the positions as they are. */
  reapplyRound(input: ReapplyInput): Promise<ReapplyResult>;
}
