import type { Key } from '../item/key.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { agree } from '../schema/agree.ts';
import type { AgreedSchema } from '../schema/agreed-schema.ts';
import type { Seen } from '../seen/seen.ts';

/** What saw the data, in messages. The same throughout, so that no finding is reported twice. */
export const A_SAMPLE = 'a sample';

export interface SampledTable {
  readonly pipeline: string;
  readonly mapping: Mapping;
  readonly tableName: string;
  readonly key: Key;
  readonly seen: Seen;
  /** When the sample was the whole table, so that what it did not show is gone; undefined if it was not. */
  readonly wholeAt?: Date | undefined;
}

/** The agreed schema as the seal of a run would change it, if the table held only what the sample showed. */
export function schemaOfSample(
  agreed: AgreedSchema | undefined,
  { wholeAt, ...sampled }: SampledTable,
): AgreedSchema {
  const at = (wholeAt ?? new Date(0)).toISOString();
  return agree(agreed, { ...sampled, by: A_SAMPLE, at, whole: wholeAt !== undefined, layouts: [] }, 0);
}
