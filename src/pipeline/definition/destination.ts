import { z } from 'zod';
import { DestinationMapping } from '../mapping/destination-mapping.ts';
import { AlertAtLag } from './alert-at-lag.ts';
import { BucketName, KeyPrefix } from './aws-names.ts';
import { Descriptions } from './descriptions.ts';
import { PipelineDefinition, PipelineName, WarehouseSettings } from './pipeline-definition.ts';

/** A pipeline's `destinations`: where its items go, each at its own pace and by its own mapping. */

/** The name of a pipeline's single `warehouse`, and of the destination that continues it. */
export const WAREHOUSE = 'warehouse';

export const DestinationName = PipelineName;

const ownMapping = DestinationMapping.optional().describe(
  'Overrides for this destination, beside those of the pipeline. It can leave out and hide more, but never brings back what the pipeline’s own mapping ignores, excludes, hashes, masks or filters.',
);

const { onDrift, checks, maxRejects, allowEmpty } = PipelineDefinition.shape;

/** What a run into this destination uses instead of, or beside, the pipeline's. */
const OWN_SETTINGS = {
  mapping: ownMapping,
  descriptions: Descriptions.optional().describe('What tables and columns mean, beside the pipeline’s.'),
  onDrift: onDrift.unwrap().optional().describe('Instead of the pipeline’s.'),
  checks: checks.unwrap().optional().describe('Checks of this destination, beside the pipeline’s.'),
  maxRejects: maxRejects.unwrap().optional().describe('Instead of the pipeline’s.'),
  allowEmpty: allowEmpty.describe('Instead of the pipeline’s.'),
};

const { kind: _, ...warehouse } = WarehouseSettings.shape;

/** Before what must hold of its settings together: see `withOneOfEach`. */
export const RedshiftDestination = z.strictObject({
  kind: z
    .literal('redshift')
    .describe('A schema of Redshift, which runs replace, and to which changes are applied.'),
  ...warehouse,
  ...OWN_SETTINGS,
});

/** A prefix, which may end with a slash. */
const Folder = z
  .string()
  .transform((text) => text.replace(/\/$/, ''))
  .pipe(KeyPrefix);

export const S3Destination = z.strictObject({
  kind: z.literal('s3').describe('Every change, once, in files by day. It needs `source.changes`.'),
  bucket: BucketName.describe('The S3 bucket.'),
  prefix: Folder.describe('The key prefix of the files, outside of all run directories.'),
  format: z.literal('jsonl').default('jsonl').describe('The format of the files: one change per line.'),
  alertAtLag: AlertAtLag,
  mapping: ownMapping,
});
export type S3Destination = z.infer<typeof S3Destination>;
