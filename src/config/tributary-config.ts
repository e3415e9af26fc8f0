import { z } from 'zod';
import { AlertsDefinition } from '../pipeline/alerts/alerts-definition.ts';
import { type DatasetDefinition, DatasetName } from '../pipeline/datasets/definition.ts';
import type { DerivedDefinition } from '../pipeline/datasets/derived/definition.ts';
import type { FetchedDefinition } from '../pipeline/datasets/derived/fetched-definition.ts';
import { PublicationDefinition } from '../pipeline/datasets/derived/publication.ts';
import type { Pipeline } from '../pipeline/definition/pipeline.ts';
import { PipelineDefaults } from '../pipeline/definition/pipeline-defaults.ts';
import { PipelineName } from '../pipeline/definition/pipeline-definition.ts';
import { LineageDefinition } from '../pipeline/lineage/lineage-definition.ts';
import { LoaderDefinition, LoaderName } from '../pipeline/loader/loader-definition.ts';
import { DatasetDefaults } from './datasets/dataset-defaults.ts';
import { DatasetEntry, EitherDataset } from './datasets/dataset-entry.ts';
import { LoaderDefaults } from './loaders/loader-defaults.ts';
import { PipelineEntry } from './pipeline-entry.ts';
import { type ScheduleDefinition, ScheduleName } from './schedules/schedule-definition.ts';
import { type DatasetSchedule, type LoadSchedule, ScheduleEntry } from './schedules/schedule-entry.ts';

const DATASETS =
  'All datasets by name: partitioned tables that are made of JSON files in S3, or of other datasets.';

/** The whole `tributary.yaml`, as it is written. */
export const ConfigDocument = z.strictObject({
  defaults: PipelineDefaults.extend({
    loaders: LoaderDefaults.optional().describe(
      'Settings that all loaders share. A loader’s own settings replace them.',
    ),
    datasets: DatasetDefaults.optional().describe('Settings that all datasets share.'),
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
  datasets: z.record(DatasetName, DatasetEntry).default({}).describe(DATASETS),
  publications: z
    .record(DatasetName, PublicationDefinition)
    .default({})
    .describe('Groups of derived datasets by name: their partitions appear together.'),
  schedules: z
    .record(
      ScheduleName,
      ScheduleEntry.describe('When a pipeline or a dataset runs, or a loader loads a prefix.'),
    )
    .default({})
    .describe('Schedules by name; "tributary schedule apply" creates and updates them in Temporal.'),
  alerts: AlertsDefinition.prefault({}).describe(
    'Where alerts go. The workers read this block from their own file.',
  ),
  lineage: LineageDefinition.optional().describe(
    'The OpenLineage endpoint that gets the events of runs. The workers read this block from their own file.',
  ),
});

/** The same, with the pipelines of single tables apart from the patterns of several, and the schedules of loaders and datasets apart. */
export interface TributaryConfig
  extends Omit<z.infer<typeof ConfigDocument>, 'datasets' | 'pipelines' | 'schedules'> {
  readonly pipelines: Readonly<Record<string, Pipeline>>;
  readonly patterns: Readonly<Record<string, PipelineEntry>>;
  /** Those that are made of files. */
  readonly datasets: Readonly<Record<string, DatasetDefinition>>;
  /** Those that are made of other datasets. */
  readonly derivedDatasets: Readonly<Record<string, DerivedDefinition>>;
  /** Those whose partitions a function fetches. */
  readonly fetchedDatasets: Readonly<Record<string, FetchedDefinition>>;
  /** The schedules of pipelines. */
  readonly schedules: Readonly<Record<string, ScheduleDefinition>>;
  readonly loadSchedules: Readonly<Record<string, LoadSchedule>>;
  readonly datasetSchedules: Readonly<Record<string, DatasetSchedule>>;
}

/** JSON Schema (draft 2020-12) of the file's input form, for completion and checks in editors. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(
    ConfigDocument.extend({ datasets: z.record(DatasetName, EitherDataset).default({}).describe(DATASETS) }),
    { io: 'input' },
  );
  return { $schema, title: 'Tributary configuration', ...schema };
}
