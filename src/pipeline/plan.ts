import { z } from 'zod';
import { Key } from './key.ts';
import { Layout } from './layout.ts';
import { PipelineDefinition } from './pipeline-definition.ts';

/** `plan.json`: what a run copies, from where, in how many segments; written once, before anything else. */
export const Plan = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  run: z.string(),
  /** The workflow that made the run: its first execution's run id, unchanged by a reset. */
  owner: z.object({ workflowId: z.string(), firstExecutionRunId: z.string() }),
  /** When extraction began: nothing read later can be older than this. ISO 8601, UTC. */
  plannedAt: z.string(),
  definition: PipelineDefinition,
  source: z.object({
    tableName: z.string(),
    key: Key,
    /** DynamoDB's own estimates, about six hours old. */
    approximateItems: z.number(),
    approximateBytes: z.number(),
  }),
  segments: z.number().int().positive(),
  /** The layouts extraction starts with, from a sample of every segment; the root first. */
  layouts: z.array(Layout),
});
export type Plan = z.infer<typeof Plan>;
