import { z } from 'zod';
import { VariableName } from '../definition/variable-name.ts';

/** The block `lineage` of `tributary.yaml`. It holds no secret: it names the worker's environment variables that do. */
export const LineageDefinition = z.strictObject({
  urlFrom: VariableName.describe(
    'The environment variable of the workers that holds the whole URL, e.g. of Marquez: `https://marquez.example.com/api/v1/lineage`.',
  ),
  authorizationFrom: VariableName.optional().describe(
    'The environment variable that holds the whole Authorization header, e.g. `Bearer …`. Default: no such header.',
  ),
  namespace: z
    .string()
    .regex(/^[^\s]{1,200}$/, 'text without spaces, at most 200 characters')
    .default('tributary')
    .describe('The namespace of the jobs. A job is named after its pipeline, or `datasets.<name>`.'),
});
export type LineageDefinition = z.infer<typeof LineageDefinition>;
