import type { ObjectStore } from '../../clients/object-store.ts';
import {
  type EpochLocation,
  epochKey,
  gapKey,
  logCheckpointKey,
  shardKey,
} from '../../pipeline/changes/change-directory.ts';
import { Epoch, Gap, LogCheckpoint, LogShard } from '../../pipeline/changes/log-documents.ts';
import type { Document } from '../document.ts';

/** A change log: the directory of one epoch, in one bucket. */
export interface ChangeLog {
  readonly store: ObjectStore;
  readonly at: EpochLocation;
}

const remedy =
  'Restore it from an earlier version of the object. If there is none, refresh the destinations: changes are lost.';

export const epochDocument = ({ store, at }: ChangeLog): Document<Epoch> => ({
  store,
  key: epochKey(at),
  schema: Epoch,
  remedy,
});

export const shardDocument = ({ store, at }: ChangeLog, shard: string): Document<LogShard> => ({
  store,
  key: shardKey({ ...at, shard }),
  schema: LogShard,
  remedy,
});

export const logCheckpointDocument = (
  { store, at }: ChangeLog,
  shard: string,
  number: number,
): Document<LogCheckpoint> => ({
  store,
  key: logCheckpointKey({ ...at, shard }, number),
  schema: LogCheckpoint,
  remedy,
});

export const gapDocument = ({ store, at }: ChangeLog, id: string): Document<Gap> => ({
  store,
  key: gapKey(at, id),
  schema: Gap,
  remedy: 'Delete it: if something is still lost, the gap is noticed again.',
});
