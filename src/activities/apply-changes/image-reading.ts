import type { NeedsRefresh } from '../../contract/changes/apply-activities.ts';
import type { LogCheckpoint } from '../../pipeline/changes/log-documents.ts';
import type { Key } from '../../pipeline/item/key.ts';
import { hidingOfImages, mappingOfImages } from '../../pipeline/mapping/destination-mapping.ts';
import { FOR_LOOKS, type Hiding, isHashing } from '../../pipeline/mapping/hide/hiding.ts';
import { shownConditions } from '../../pipeline/mapping/hide/shown-conditions.ts';
import { withheldId } from '../../pipeline/mapping/hide/withheld-id.ts';
import type { Mapping } from '../../pipeline/mapping/mapping.ts';
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
  /** What images must have been made by; undefined if the schema is of an older version, which does not know it. */
  readonly withheldId: string | undefined;
}

/** What a schema has: the mapping of its run, joined with the pipeline's, and the id of the key with which it was hashed. */
interface Loaded {
  readonly schema: string;
  readonly mapping: Mapping;
  readonly key: Key;
  readonly hashKeyId: string | undefined;
  /** The pipeline's own mapping when its data was read; undefined in schemas of older versions. */
  readonly logMapping: Mapping | undefined;
}

/**
 * What the pipeline's own mapping hides is hidden in the log; the rest is hidden now, with the worker's key. Only images can be
 * read that the pipeline's mapping made as it was when the schema's data was read.
 * @param now the pipeline's own mapping
 * @throws Terminal `HashKeyMissing`, `BadEnvironment`
 */
export function imageReading(
  now: Mapping,
  { schema, mapping: joined, key, hashKeyId, logMapping }: Loaded,
  hashKey: string | undefined,
): ImageReading | NeedsRefresh {
  const pipeline = logMapping ?? now;
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
    withheldId: logMapping && withheldId(logMapping),
  };
}

/** What of a checkpoint's images is otherwise than in the schema, so that they cannot be applied to it. */
export type Otherwise =
  /** Something was left out, hidden or filtered in one of the two, and not in the other. */
  | 'withheld'
  /** Equal values would have different hashes, or are hashed in one of the two only. */
  | 'hashed';

/** Undefined if its images can be applied. Checkpoints of older versions do not say what was withheld. */
export function madeOtherwise(
  { file, hashKeyId, withheld }: Pick<LogCheckpoint, 'file' | 'hashKeyId' | 'withheld'>,
  reading: Pick<ImageReading, 'logKeyId' | 'withheldId'>,
): Otherwise | undefined {
  if (file === undefined) return undefined;
  const isKnown = withheld !== undefined && reading.withheldId !== undefined;
  if (isKnown && withheld.id !== reading.withheldId) return 'withheld';
  return hashKeyId === reading.logKeyId ? undefined : 'hashed';
}

const workerDiffers = (schema: string): NeedsRefresh => ({
  code: 'HashKeyDiffers',
  message:
    `The values in ${schema} were hashed with another TRIBUTARY_HASH_KEY than this worker has, so equal values would get ` +
    'different hashes. Give all workers the key of before and restart them or, for another key, refresh.',
});

/** @param run the run that made the schema */
export const logDiffers = (otherwise: Otherwise, schema: string, run: string): NeedsRefresh => ({
  ...(otherwise === 'withheld' ? withheldDiffers(schema) : hashesDiffer(schema)),
  run,
});

const withheldDiffers = (schema: string): NeedsRefresh => ({
  code: 'WithheldDiffers',
  message:
    `Changes in the log were recorded while the pipeline's own mapping left out, hid or filtered otherwise than when ${schema} was ` +
    'read, so they would leave out or bring back what its rows have. Changes wait in the log. A refresh reads the table by the ' +
    'mapping as it is now; all workers must have the same configuration.',
});

const hashesDiffer = (schema: string): NeedsRefresh => ({
  code: 'HashKeyDiffers',
  message:
    `Changes in the log were hashed with another key than the values in ${schema}. Changes wait in the log. Refresh once all ` +
    'workers have the same TRIBUTARY_HASH_KEY and configuration.',
});
