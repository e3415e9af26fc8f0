import { z } from 'zod';
import { PipelineName } from '../pipeline/definition/pipeline-definition.ts';
import { datePlaceholderProblem } from '../pipeline/loader/date-placeholders.ts';
import { LoaderName } from '../pipeline/loader/loader-definition.ts';
import {
  PipelineSchedule,
  ScheduleDefinition,
  ScheduleTimes,
  withOneOfCronAndEvery,
  withRulesOfRuns,
} from './schedule-definition.ts';

/** An entry of `schedules` in the file: it runs a pipeline, or has a loader load files. */

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

const OF_LOADERS = Object.keys(LoadSettings.shape) as (keyof typeof LoadSettings.shape)[];
const OF_BOTH = Object.keys(ScheduleTimes.shape);
const OF_PIPELINES = ['destination', 'run', 'finishWithin', 'sample', 'examples', 'agree'] as const;

export const ScheduleEntry = withRulesOfRuns(
  withOneOfCronAndEvery(
    PipelineSchedule.extend({
      ...LoadSettings.partial().shape,
      pipeline: PipelineName.optional().describe('The pipeline to run.'),
    }),
  ),
).superRefine((entry, context) => {
  const { pipeline, loader } = entry;
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', message, path: [path] });
  if ((pipeline === undefined) === (loader === undefined))
    refuse(pipeline === undefined ? 'pipeline' : 'loader', 'exactly one of pipeline and loader');
  else if (loader === undefined) {
    for (const key of OF_LOADERS) if (entry[key] !== undefined) refuse(key, `${key} only with a loader`);
  } else {
    if (entry.load === undefined) refuse('load', 'load, the prefix or manifest that the loader loads');
    for (const key of OF_PIPELINES)
      if (entry[key] !== undefined && entry[key] !== 'refresh') refuse(key, `${key} only with a pipeline`);
  }
});
export type ScheduleEntry = z.infer<typeof ScheduleEntry>;

/** The entries of pipelines, and those of loaders. */
export function divideSchedules(entries: Readonly<Record<string, ScheduleEntry>>): {
  readonly schedules: Record<string, ScheduleDefinition>;
  readonly loadSchedules: Record<string, LoadSchedule>;
} {
  const schedules: Record<string, ScheduleDefinition> = {};
  const loadSchedules: Record<string, LoadSchedule> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (entry.loader === undefined) schedules[name] = ScheduleDefinition.parse(entry);
    else {
      const own = Object.entries(entry).filter(([key]) => [...OF_LOADERS, ...OF_BOTH].includes(key));
      loadSchedules[name] = LoadSchedule.parse(Object.fromEntries(own));
    }
  }
  return { schedules, loadSchedules };
}
