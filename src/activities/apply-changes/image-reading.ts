import type { NeedsRefresh } from '../../contract/changes/apply-activities.ts';
import type { LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
import type { Key } from '../../pipeline/item/key.ts';
import { hidingOfImages, mappingOfImages } from '../../pipeline/mapping/destination-mapping.ts';
import { FOR_LOOKS, type Hiding, isHashing } from '../../pipeline/mapping/hiding.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
import { shownConditions } from '../../pipeline/mapping/shown-conditions.ts';
import { hidingNow } from '../runtime/hash-key.ts';

/** How images of the log become the rows that the run of a schema would have made of the items. */
export interface ImageReading {
  readonly key: Key;
  /** The run's, without what is already so in the log. */
  readonly mapping: Mapping;
  /** What the mapping hides in addition to what is hidden in the log. */
  readonly hiding: Hiding;
  /** The id of the key with which the log must have hashed values; undefined if the pipeline's own mapping hashes none. */
  readonly logKeyId: string | undefined;
}

/** What a schema has: the mapping of its run, joined with the pipeline's, and the id of the key with which it was hashed. */
interface Loaded {
  readonly schema: string;
  readonly mapping: Mapping;
  readonly key: Key;
  readonly hashKeyId: string | undefined;
}

/**
 * What the pipeline's own mapping hides is hidden in the log; the rest is hidden now, with the worker's key.
 * @param pipeline the pipeline's own mapping, by which the log is written
 * @throws Terminal `HashKeyMissing`, `BadEnvironment`
 */
export function imageReading(
  pipeline: Mapping,
  { schema, mapping: joined, key, hashKeyId }: Loaded,
  hashKey: string | undefined,
): ImageReading | NeedsRefresh {
  const { where = [], ...mapping } = mappingOfImages(pipeline, joined);
  const hidden = hidingNow(hashKey, mapping);
  if (hidden !== undefined && hidden.hashKeyId !== hashKeyId) return workerDiffers(schema);
  // The log says itself which items the pipeline's conditions leave out: they may be about what it does not show.
  const isLogged = new Set(pipeline.where?.map((each) => JSON.stringify(each)));
  const shown = new Set(shownConditions(pipeline, key, where));
  const left = where.filter((each) => shown.has(each) || !isLogged.has(JSON.stringify(each)));
  return {
    key,
    mapping: left.length === 0 ? mapping : { ...mapping, where: left },
    hiding: hidden === undefined ? FOR_LOOKS : hidingOfImages(pipeline, joined, hidden.hiding),
    logKeyId: isHashing(pipeline) ? hashKeyId : undefined,
  };
}

/** Whether equal values in this checkpoint and in the schema have equal hashes, and what is hashed in one is in the other. */
export const isHashedAlike = (
  { file, hashKeyId }: Pick<LogCheckpoint, 'file' | 'hashKeyId'>,
  logKeyId: string | undefined,
): boolean => file === undefined || hashKeyId === logKeyId;

const workerDiffers = (schema: string): NeedsRefresh => ({
  code: 'HashKeyDiffers',
  message:
    `The values in ${schema} were hashed with another TRIBUTARY_HASH_KEY than this worker has, so equal values would get ` +
    'different hashes. Give all workers the key of before and restart them or, for another key, refresh.',
});

/** @param run the run whose values were hashed otherwise */
export const logDiffers = (schema: string, run: string): NeedsRefresh => ({
  code: 'HashKeyDiffers',
  message:
    `Changes in the log were hashed with another key than the values in ${schema}, or only in one of the two values are ` +
    'hashed. Changes wait in the log. Refresh once all workers have the same TRIBUTARY_HASH_KEY and configuration.',
  run,
});
