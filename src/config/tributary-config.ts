import { z } from 'zod';
import { PipelineDefinition, PipelineName } from '../pipeline/definition/pipeline-definition.ts';
import { ScheduleDefinition, ScheduleName } from './schedule-definition.ts';

/** The whole of `tributary.yaml`. */
export const TributaryConfig = z.strictObject({
  pipelines: z
    .record(PipelineName, PipelineDefinition)
    .describe('Every pipeline by its name: one DynamoDB table and the schema made of it.'),
  schedules: z
    .record(ScheduleName, ScheduleDefinition.describe('When a pipeline is run.'))
    .default({})
    .describe('Schedules by their names; "tributary schedule apply" makes them so.'),
});
export type TributaryConfig = z.infer<typeof TributaryConfig>;

/** JSON Schema (draft 2020-12) of the file as people write it, for editors' completion and checks. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(TributaryConfig, { io: 'input' });
  return { $schema, title: 'Tributary configuration', ...schema };
}
