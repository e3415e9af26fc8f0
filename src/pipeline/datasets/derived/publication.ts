import { z } from 'zod';
import { Seconds } from '../../definition/duration.ts';
import { DatasetName } from '../definition.ts';

/** Datasets whose partitions appear together, as `tributary.yaml` defines them. */
export const PublicationDefinition = z.strictObject({
  datasets: z
    .array(DatasetName)
    .min(1)
    .max(100)
    .refine((names) => new Set(names).size === names.length, 'each dataset once')
    .describe('The derived datasets whose partitions appear together.'),
  keep: Seconds.prefault('7y').describe(
    'How long a publication keeps the generations that it names, and what these were built from, once it is not the latest any more.',
  ),
});
export type PublicationDefinition = z.infer<typeof PublicationDefinition>;

/** A partition of a publication. */
const PublishedMember = z.object({
  dataset: z.string(),
  /** Its day or month. */
  partition: z.string(),
  path: z.string(),
  generation: z.number().int().positive(),
  id: z.string(),
  /** What its rows are. */
  version: z.string(),
  /** The record of what it was built from. */
  record: z.string(),
  /** Why an operator accepted it although it was not complete. */
  accepted: z.string().optional(),
});
export type PublishedMember = z.infer<typeof PublishedMember>;

/** `000042.json`: one state of the group. Readers of the group begin with the latest. */
export const Publication = z.object({
  version: z.literal(1),
  publication: z.string(),
  number: z.number().int().positive(),
  /** Random id of the attempt that wrote it. */
  id: z.string(),
  /** By S3's clock. ISO 8601, UTC. */
  publishedAt: z.string(),
  /** How long it keeps what it was built from, once it is not the latest any more. */
  keepSeconds: z.number().optional(),
  members: z.array(PublishedMember),
});
export type Publication = z.infer<typeof Publication>;

/** Whether two publications show readers the same, from the same sources. */
export const isSamePublication = (
  a: Pick<Publication, 'members'>,
  b: Pick<Publication, 'members'>,
): boolean => membersText(a) === membersText(b);

const membersText = ({ members }: Pick<Publication, 'members'>) =>
  members
    .map(({ dataset, partition, id, generation, record, accepted = '' }) =>
      JSON.stringify([dataset, partition, generation, id, record, accepted]),
    )
    .toSorted()
    .join('\n');
