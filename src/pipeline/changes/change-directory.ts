/**
 * The keys of a pipeline's change log in S3: the one place for the grammar.
 *
 *     <prefix>/<pipeline>/changes/<epoch>/
 *       epoch.json                                       one stream of one table, or its exports          (If-None-Match)
 *       shards/<shard>/shard.json                        the shard, its parent, where reading began       (If-None-Match)
 *                     /export-00000001.json              the first export of a window                   (If-None-Match)
 *                     /checkpoint-00000001.json          what a cut wrote, and where reading resumes      (If-None-Match)
 *                     /records/00000001-<attempt>.jsonl.zst   changes, one per line, in the shard's order
 *       gaps/<id>.json                                   what was lost, and when it was noticed           (If-None-Match)
 *     <prefix>/<pipeline>/changes/_exports/              what DynamoDB exports, until it is in the log
 *     <prefix>/<pipeline>/changes/_reading/pause.json    why reading the stream is paused; absent if it is not
 *     <prefix>/<pipeline>/changes/_apply/<destination>/  what applies write for COPY, and an operator's orders: pause.json, removed.json
 *
 * Checkpoints are numbered from 1. A position (shard, checkpoint) is exact, because a checkpoint is written once.
 */

export interface ChangesLocation {
  readonly prefix: string;
  readonly pipeline: string;
}

export interface EpochLocation extends ChangesLocation {
  readonly epoch: string;
}

export interface ShardLocation extends EpochLocation {
  /** The stream's id of the shard, or the window of an export. */
  readonly shard: string;
}

/** The name of an epoch's directory. */
export const EPOCH_NAME = /^[0-9a-f]{16}$/;

const digits = (n: number) => String(n).padStart(8, '0');

export const changesDirectory = (at: ChangesLocation) => `${at.prefix}/${at.pipeline}/changes/`;
const epochDirectory = (at: EpochLocation) => `${changesDirectory(at)}${at.epoch}/`;
export const epochKey = (at: EpochLocation) => `${epochDirectory(at)}epoch.json`;
export const shardsDirectory = (at: EpochLocation) => `${epochDirectory(at)}shards/`;
const shardDirectory = (at: ShardLocation) => `${shardsDirectory(at)}${at.shard}/`;
export const shardKey = (at: ShardLocation) => `${shardDirectory(at)}shard.json`;
/** What was requested for a window. @param nth of its exports, from 1 */
export const windowExportKey = (at: ShardLocation, nth: number) =>
  `${shardDirectory(at)}export-${digits(nth)}.json`;
/** What all checkpoints of a shard begin with. */
export const logCheckpointPrefix = (at: ShardLocation) => `${shardDirectory(at)}checkpoint-`;
export const logCheckpointKey = (at: ShardLocation, checkpoint: number) =>
  `${logCheckpointPrefix(at)}${digits(checkpoint)}.json`;
/** The number of the checkpoint with this key; undefined for any other object. */
export function logCheckpointOf(key: string): number | undefined {
  const found = /\/checkpoint-(\d{8})\.json$/.exec(key)?.[1];
  return found === undefined ? undefined : Number(found);
}
/** @param attempt random id of the execution that wrote it */
export const recordsKey = (at: ShardLocation, checkpoint: number, attempt: string) =>
  `${shardDirectory(at)}records/${digits(checkpoint)}-${attempt}.jsonl.zst`;
export const gapsDirectory = (at: EpochLocation) => `${epochDirectory(at)}gaps/`;
export const gapKey = (at: EpochLocation, id: string) => `${gapsDirectory(at)}${id}.json`;

/** Where DynamoDB writes the exports of windows. */
export const windowExportsDirectory = (at: ChangesLocation) => `${changesDirectory(at)}_exports/`;
/** Why reading the stream is paused; absent if it is not. */
export const readingPauseKey = (at: ChangesLocation) => `${changesDirectory(at)}_reading/pause.json`;
/** What all destinations' applies write is below it. */
export const appliesDirectory = (at: ChangesLocation) => `${changesDirectory(at)}_apply/`;
/** What is kept beside the log for one destination. */
export const destinationDirectory = (at: ChangesLocation, destination: string) =>
  `${appliesDirectory(at)}${destination}/`;
/** Where the files of one apply are. @param attempt random id of the execution that wrote them */
export const applyDirectory = (at: ChangesLocation, destination: string, attempt: string) =>
  `${destinationDirectory(at, destination)}${attempt}/`;
/** Why the destination is paused; absent if it is not. */
export const destinationPauseKey = (at: ChangesLocation, destination: string) =>
  `${destinationDirectory(at, destination)}pause.json`;
/** An operator has removed the destination; absent if it is one. */
export const destinationRemovalKey = (at: ChangesLocation, destination: string) =>
  `${destinationDirectory(at, destination)}removed.json`;
