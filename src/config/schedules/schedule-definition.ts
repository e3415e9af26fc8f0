import { z } from 'zod';
import { Duration } from '../../pipeline/definition/duration.ts';
import { PipelineName } from '../../pipeline/definition/pipeline-definition.ts';
import { SampleText } from '../../pipeline/seen/sample.ts';
import { isTimeZone } from '../../pipeline/text/time-zone.ts';
import { cronProblem } from './cron.ts';

/** Schedules as defined in `tributary.yaml`. */

export const ScheduleName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,79}$/,
    'lower-case letters, digits, _ and -, at most 80, beginning with a letter',
  );

/** When a schedule starts what it starts. */
export const ScheduleTimes = z.strictObject({
  cron: z
    .string()
    .superRefine((text, context) => {
      const message = cronProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional()
    .describe('The start times as a cron expression; set this or every.'),
  every: Duration.optional().describe('The interval, e.g. 12h or 7d, counted from 1970; set this or cron.'),
  timezone: z
    .string()
    .refine(isTimeZone, 'a time zone of the IANA database, in its spelling, e.g. Europe/Berlin')
    .default('UTC')
    .describe('The time zone of the cron expression, e.g. Europe/Berlin.'),
  jitter: Duration.default('1m').describe(
    'The longest random delay of each start, so that schedules do not all start at once.',
  ),
});

/** What must hold of the times, whatever is started. */
export const withOneOfCronAndEvery = <
  Times extends z.ZodType<{ cron?: string | undefined; every?: string | undefined }>,
>(
  times: Times,
): Times =>
  times.refine((schedule) => (schedule.cron === undefined) !== (schedule.every === undefined), {
    message: 'exactly one of cron and every',
    path: ['cron'],
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

const { cron, every, timezone, jitter } = ScheduleTimes.shape;

/** The settings of a pipeline's schedule. */
export const PipelineSchedule = z.strictObject({
  pipeline: PipelineName.describe('The pipeline to run.'),
  destination: PipelineName.optional().describe(
    'The name of the destination. It may be omitted if the pipeline has only one of kind `redshift`.',
  ),
  run: z
    .enum(['refresh', 'infer'])
    .default('refresh')
    .describe('refresh copies the table into the warehouse; infer only scans it.'),
  cron,
  every,
  timezone,
  jitter,
  finishWithin: Duration.optional().describe(
    'Not for infer, nor for a loader: how long after its due time a run must have replaced live, or built all that was to be built of datasets, e.g. 2h. Else the schedule is late, and an [alert](alerts.md) says so. Default: it is never late.',
  ),
  sample: SampleText.optional().describe('For infer only: the share of the table to read, e.g. 5%.'),
  examples: z
    .enum(['on', 'off'])
    .optional()
    .describe('For infer only: off writes no values from the table into the statistics.'),
  agree: z
    .boolean()
    .optional()
    .describe('For infer only: whether it agrees on the schema it finds, or only looks; default: true.'),
});

/** What only one of `refresh` and `infer` may have. */
export const withRulesOfRuns = <
  Schedule extends z.ZodType<Omit<z.infer<typeof PipelineSchedule>, 'pipeline'>>,
>(
  schedule: Schedule,
): Schedule =>
  schedule
    .refine(
      ({ run, sample, examples, agree }) =>
        run === 'infer' || (sample === undefined && examples === undefined && agree === undefined),
      { message: 'sample, examples and agree only with run: infer', path: ['sample'] },
    )
    .refine(({ run, finishWithin }) => run === 'refresh' || finishWithin === undefined, {
      message: 'finishWithin only with run: refresh',
      path: ['finishWithin'],
    });

export const ScheduleDefinition = withRulesOfRuns(withOneOfCronAndEvery(PipelineSchedule));
export type ScheduleDefinition = z.infer<typeof ScheduleDefinition>;
