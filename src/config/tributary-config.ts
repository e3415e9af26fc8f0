import { z } from 'zod';
import { PipelineDefinition, PipelineName } from '../pipeline/pipeline-definition.ts';

/** The whole of `tributary.yaml`. */
export const TributaryConfig = z.strictObject({
  pipelines: z
    .record(PipelineName, PipelineDefinition)
    .describe('Every pipeline by its name: one DynamoDB table and the schema made of it.'),
});
export type TributaryConfig = z.infer<typeof TributaryConfig>;

/** JSON Schema (draft 2020-12) of the file as people write it, for editors' completion and checks. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(TributaryConfig, { io: 'input' });
  return { $schema, title: 'Tributary configuration', ...schema };
}
