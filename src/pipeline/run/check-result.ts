import { z } from 'zod';

/** `checks/<check>.json`: the result of one of the pipeline's checks of a run's tables, before they go live. */
export const CheckResult = z.object({
  /** Its name in the configuration. */
  check: z.string(),
  /** `failed`: nothing goes live. `skipped`: it no longer applies. */
  outcome: z.enum(['passed', 'warned', 'failed', 'skipped']),
  /** What it found; absent if it passed. */
  found: z.string().optional(),
});
export type CheckResult = z.infer<typeof CheckResult>;
