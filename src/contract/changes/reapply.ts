import type { DestinationRef } from './apply-activities.ts';
import type { AppliedRound } from './changes.ts';

/** Orders that apply changes of the log to a destination again: the last image of each key, up to its present positions. */

/** Updates and signals of `applyChanges`. Argument: a `RewindOrder`, or its time as text. */
export const REWIND = 'rewind';
/** Updates and signals of `applyChanges`: entries of `_tributary_set_aside` are tried again. Argument: key hashes; absent: all. */
export const REPLAY_SET_ASIDE = 'replaySetAside';

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
export type Reapplied = SinceThen | SetAsideThen;

interface SinceThen {
  /** Those that were written to the log since then. ISO 8601, UTC. */
  readonly since: string;
  readonly keys: KeySet;
}

/** What was set aside, and is tried again. */
export interface SetAsideThen {
  readonly setAside: {
    /** Absent: all of them. */
    readonly keyHashes?: readonly string[];
    /** Only those behind this entry. */
    readonly after?: EntryPlace;
  };
}

/** Where an entry is in their order. */
interface EntryPlace {
  readonly shard: string;
  readonly checkpoint: number;
  readonly keyHash: string;
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

/** Of entries that were set aside. */
export interface EntriesTried {
  /** Entries of which the log has no record any more: a refresh reads these items. */
  readonly gone?: number;
  /** Behind this entry there are more. */
  readonly more?: EntryPlace;
}

export type ReapplyResult =
  | ({ readonly kind: 'applied'; readonly applied: AppliedRound } & EntriesTried)
  | ({ readonly kind: 'nothing' } & EntriesTried)
  /** The images exceed `applyBytes`: nothing was applied. Half of the keys at a time do not, or half of these. */
  | { readonly kind: 'too many' };

/** The activities: types only. On the control queue: */
export interface ReapplyActivities {
  /** @throws Terminal `CannotRewind` */
  lookAtRewind(input: DestinationRef & Pick<SinceThen, 'since'>): Promise<RewindSize>;
}

/** On the queue for changes. */
export interface ReapplyRoundActivities {
  /** Applies the last images again, in one guarded transaction that leaves the positions as they are. */
  reapplyRound(input: ReapplyInput): Promise<ReapplyResult>;
}
