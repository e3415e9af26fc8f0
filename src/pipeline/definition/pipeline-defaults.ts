import { z } from 'zod';
import {
  PipelineDefinition,
  SourceSettings,
  StagingDefinition,
  WarehouseDefinition,
} from './pipeline-definition.ts';

const { destination: _, ...shared } = PipelineDefinition.shape;

/**
 * Settings that all pipelines of a file share: any of a pipeline's, except its table and its schema. Only checked here: the
 * file's reader merges them into each pipeline before it checks that one as a whole.
 */
export const PipelineDefaults = z.strictObject({
  ...z.object(shared).partial().shape,
  source: z
    .strictObject(SourceSettings.shape)
    .omit({ table: true })
    .partial()
    .optional()
    .describe('Settings of all sources.'),
  staging: z
    .strictObject(StagingDefinition.shape)
    .partial()
    .optional()
    .describe('Settings of all run directories.'),
  warehouse: z
    .strictObject(WarehouseDefinition.shape)
    .omit({ schema: true })
    .partial()
    .optional()
    .describe('Settings of all warehouses.'),
});
