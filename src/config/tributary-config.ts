import { z } from 'zod';
import { AlertsDefinition } from '../pipeline/alerts/alerts-definition.ts';
import { DatasetDefinition, DatasetName } from '../pipeline/datasets/definition.ts';
import type { Pipeline } from '../pipeline/definition/pipeline.ts';
import { PipelineDefaults } from '../pipeline/definition/pipeline-defaults.ts';
import { PipelineName } from '../pipeline/definition/pipeline-definition.ts';
import { LineageDefinition } from '../pipeline/lineage/lineage-definition.ts';
import { LoaderDefinition, LoaderName } from '../pipeline/loader/loader-definition.ts';
import { LoaderDefaults } from './loaders/loader-defaults.ts';
import { PipelineEntry } from './pipeline-entry.ts';
import { type ScheduleDefinition, ScheduleName } from './schedule-definition.ts';
import { type LoadSchedule, ScheduleEntry } from './schedule-entry.ts';

/** The whole `tributary.yaml`, as it is written. */
export const ConfigDocument = z.strictObject({
  defaults: PipelineDefaults.extend({
    loaders: LoaderDefaults.optional().describe(
      'Settings that all loaders share. A loader’s own settings replace them.',
    ),
  })
    .optional()
    .describe('Settings that all pipelines share. A pipeline’s own settings replace them.'),
  pipelines: z
    .record(PipelineName, PipelineEntry)
    .default({})
    .describe('All pipelines by name: one DynamoDB table and the schema built from it.'),
  loaders: z
    .record(LoaderName, LoaderDefinition)
    .default({})
    .describe('All loaders by name: files that arrive in S3, and the live table they are loaded into.'),
  datasets: z
    .record(DatasetName, DatasetDefinition)
    .default({})
    .describe('All datasets by name: JSON files in S3, and the partitioned table that is made of them.'),
  schedules: z
    .record(ScheduleName, ScheduleEntry.describe('When a pipeline runs, or a loader loads a prefix.'))
    .default({})
    .describe('Schedules by name; "tributary schedule apply" creates and updates them in Temporal.'),
  alerts: AlertsDefinition.prefault({}).describe(
    'Where alerts go. The workers read this block from their own file.',
  ),
  lineage: LineageDefinition.optional().describe(
    'The OpenLineage endpoint that gets the events of runs. The workers read this block from their own file.',
  ),
});

/** The same, with the pipelines of single tables apart from the patterns of several, and the schedules of loaders apart. */
export interface TributaryConfig extends Omit<z.infer<typeof ConfigDocument>, 'pipelines' | 'schedules'> {
  readonly pipelines: Readonly<Record<string, Pipeline>>;
  readonly patterns: Readonly<Record<string, PipelineEntry>>;
  /** The schedules of pipelines. */
  readonly schedules: Readonly<Record<string, ScheduleDefinition>>;
  readonly loadSchedules: Readonly<Record<string, LoadSchedule>>;
}

/** JSON Schema (draft 2020-12) of the file's input form, for completion and checks in editors. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ConfigDocument, { io: 'input' });
  return { $schema, title: 'Tributary configuration', ...schema };
}
