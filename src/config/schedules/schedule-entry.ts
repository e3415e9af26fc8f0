import { z } from 'zod';
import { DatasetName } from '../../pipeline/datasets/definition.ts';
import { Duration } from '../../pipeline/definition/duration.ts';
import { PipelineName } from '../../pipeline/definition/pipeline-definition.ts';
import { datePlaceholderProblem } from '../../pipeline/keys/date-placeholders.ts';
import { LoaderName } from '../../pipeline/loader/loader-definition.ts';
import {
  PipelineSchedule,
  ScheduleDefinition,
  ScheduleTimes,
  withOneOfCronAndEvery,
  withRulesOfRuns,
} from './schedule-definition.ts';

/** An entry of `schedules` in the file: it runs a pipeline or a dataset, or has a loader load files. */

const Template = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((text, context) => {
    const message = datePlaceholderProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const LoadSettings = z.strictObject({
  loader: LoaderName.describe('Instead of a pipeline: the loader that loads files.'),
  load: Template.refine(
    (text) => /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^/]/.test(text),
    'the address of a prefix or a manifest in S3, e.g. s3://landing/quakes/day=%Y-%m-%d/',
  ).describe(
    'For a loader only: the prefix or manifest that it loads. %Y, %m, %d and %H are of the start in the time zone, `daysBack` days earlier.',
  ),
  daysBack: z
    .number()
    .int()
    .min(0)
    .max(366)
    .optional()
    .describe('For a loader only: how many days before the start the dates are; 1: yesterday. Default: 0.'),
  replace: Template.optional().describe(
    "For a loader only: the rows of the table that the files replace, as a condition in SQL, e.g. `day = '%Y-%m-%d'`. Default: none.",
  ),
});

/** A schedule on which a loader loads a prefix or a manifest, beside the files that arrive. */
export const LoadSchedule = withOneOfCronAndEvery(LoadSettings.extend(ScheduleTimes.shape));
export type LoadSchedule = z.infer<typeof LoadSchedule>;

const DatasetRun = z.strictObject({
  dataset: DatasetName.optional().describe(
    'Instead of a pipeline: the dataset to run, with all that it is made of and that is made of it.',
  ),
  datasets: z
    .union([z.literal('all'), z.array(DatasetName).min(1)])
    .optional()
    .describe('Instead of a pipeline: `all` for all datasets, or a list of those to run.'),
  finishWithin: Duration.optional(),
});

/** A schedule on which datasets take new files, and are built. */
export const DatasetSchedule = withOneOfCronAndEvery(DatasetRun.extend(ScheduleTimes.shape));
export type DatasetSchedule = z.infer<typeof DatasetSchedule>;

const OF_LOADERS = Object.keys(LoadSettings.shape) as (keyof typeof LoadSettings.shape)[];
const OF_TIMES = Object.keys(ScheduleTimes.shape);
const OF_DATASETS = Object.keys(DatasetRun.shape);
const OF_PIPELINES = ['destination', 'run', 'sample', 'examples', 'agree'] as const;

export const ScheduleEntry = withRulesOfRuns(
  withOneOfCronAndEvery(
    PipelineSchedule.extend({
      ...LoadSettings.partial().shape,
      ...DatasetRun.omit({ finishWithin: true }).shape,
      pipeline: PipelineName.optional().describe('The pipeline to run.'),
    }),
  ),
).superRefine((entry, context) => {
  const { pipeline, loader, dataset, datasets } = entry;
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', message, path: [path] });
  const started = Object.entries({ pipeline, loader, dataset, datasets }).filter(
    ([, each]) => each !== undefined,
  );
  if (started.length !== 1) {
    const [extra = 'pipeline'] = started.at(-1) ?? [];
    refuse(extra, 'exactly one of pipeline, loader, dataset and datasets');
    return;
  }
  if (loader !== undefined && entry.finishWithin !== undefined)
    refuse('finishWithin', 'finishWithin only with a pipeline or datasets');
  if (loader === undefined)
    for (const key of OF_LOADERS) if (entry[key] !== undefined) refuse(key, `${key} only with a loader`);
  if (loader !== undefined && entry.load === undefined)
    refuse('load', 'load, the prefix or manifest that the loader loads');
  if (pipeline === undefined)
    for (const key of OF_PIPELINES)
      if (entry[key] !== undefined && entry[key] !== 'refresh') refuse(key, `${key} only with a pipeline`);
});
export type ScheduleEntry = z.infer<typeof ScheduleEntry>;

/** The entries of pipelines, of loaders and of datasets. */
export function divideSchedules(entries: Readonly<Record<string, ScheduleEntry>>): {
  readonly schedules: Record<string, ScheduleDefinition>;
  readonly loadSchedules: Record<string, LoadSchedule>;
  readonly datasetSchedules: Record<string, DatasetSchedule>;
} {
  const schedules: Record<string, ScheduleDefinition> = {};
  const loadSchedules: Record<string, LoadSchedule> = {};
  const datasetSchedules: Record<string, DatasetSchedule> = {};
  for (const [name, entry] of Object.entries(entries)) {
    const own = (keys: readonly string[]) =>
      Object.fromEntries(Object.entries(entry).filter(([key]) => [...keys, ...OF_TIMES].includes(key)));
    if (entry.loader !== undefined) loadSchedules[name] = LoadSchedule.parse(own(OF_LOADERS));
    else if (entry.pipeline === undefined) datasetSchedules[name] = DatasetSchedule.parse(own(OF_DATASETS));
    else schedules[name] = ScheduleDefinition.parse(entry);
  }
  return { schedules, loadSchedules, datasetSchedules };
}
