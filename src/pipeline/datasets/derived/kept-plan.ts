import { z } from 'zod';

const count = z.number().int().nonnegative();

/** `plans/<time>-<id>.json`: what a run would build, and why, when it was planned. */
export const KeptPlan = z.object({
  version: z.literal(1),
  id: z.string(),
  /** By S3's clock. ISO 8601, UTC. */
  plannedAt: z.string(),
  /** The time for which the run is meant. */
  for: z.string(),
  /** What the plan is about; absent: all datasets. */
  datasets: z.array(z.string()).optional(),
  /** How many partitions are complete, by dataset. */
  complete: z.record(z.string(), count),
  /** All that are not, each dataset after all that it reads, oldest first. */
  partitions: z.array(
    z.object({ dataset: z.string(), partition: z.string(), state: z.string(), reason: z.string() }),
  ),
});
export type KeptPlan = z.infer<typeof KeptPlan>;
