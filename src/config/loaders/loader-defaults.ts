import { z } from 'zod';
import {
  BatchLimits,
  FilesSource,
  LoaderDefinition,
  LoaderStaging,
  LoaderTarget,
} from '../../pipeline/loader/loader-definition.ts';

const { format: _format, merge: _merge, ...settings } = LoaderDefinition.partial().shape;

/**
 * `defaults.loaders`: settings that all loaders of a file share. What belongs to one table or one kind of file is not among
 * them: the table, the format, the merge rule. Only checked here: the file's reader merges them into each loader before it
 * checks that one as a whole.
 */
export const LoaderDefaults = z.strictObject({
  ...settings,
  source: z
    .strictObject(FilesSource.shape)
    .omit({ prefix: true, match: true, listPrefixes: true })
    .partial()
    .optional()
    .describe('Settings of all sources.'),
  target: z
    .strictObject(LoaderTarget.shape)
    .omit({ table: true, create: true, columns: true })
    .partial()
    .optional()
    .describe('Settings of all targets.'),
  batch: z.strictObject(BatchLimits.shape).partial().optional().describe('Settings of all batches.'),
  staging: z
    .strictObject(LoaderStaging.shape)
    .partial()
    .optional()
    .describe('Where in S3 all loaders keep what waits and what they do.'),
});
