import { z } from 'zod';
import { Layout } from '../columns/layout.ts';
import { PipelineDefinition, RunName } from '../definition/pipeline-definition.ts';
import { Key } from '../item/key.ts';
import { Mapping } from '../mapping/mapping.ts';

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
    /** DynamoDB's own; absent in plans of older versions. */
    tableId: z.string().optional(),
    key: Key,
    /** DynamoDB's own estimates, about six hours old. */
    approximateItems: z.number(),
    approximateBytes: z.number(),
  }),
  segments: z.number().int().positive(),
  /** The layouts extraction starts with, from a sample of every segment; the root first. */
  layouts: z.array(Layout),
  /**
   * A run made of an earlier one: it takes that one's part files, and reads anew only what was set aside then. The
   * earlier run must not be removed before this one.
   */
  refersTo: z
    .object({
      run: RunName,
      /** By which its items that fitted no layout were read. */
      mapping: Mapping,
    })
    .optional(),
});
export type Plan = z.infer<typeof Plan>;

/** Segments under way at once, where nothing limits the run's reads: more only lengthens queues. */
const MOST_AT_ONCE = 50;
/** Where a rate limit is shared, few segments share it, so that each has enough of it. */
const MOST_AT_ONCE_WITH_RATE = 8;

/** How many segments of a run are extracted at once, over all workers: its read rate is shared by so many. */
export function segmentsAtOnce({ definition, segments }: Plan): number {
  const limited = definition.source.readUnitsPerSecond !== undefined;
  return Math.min(segments, limited ? MOST_AT_ONCE_WITH_RATE : MOST_AT_ONCE);
}
