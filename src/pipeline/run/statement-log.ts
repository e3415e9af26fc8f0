import { z } from 'zod';

const count = z.number().int().nonnegative();

/** The most characters of a statement to keep. The rest can be read in Redshift by the query's id. */
export const MAX_SQL_CHARACTERS = 1000;

const LoggedStatement = z.object({
  /** Its text, truncated to `MAX_SQL_CHARACTERS`. */
  sql: z.string(),
  /** The length of the full text. */
  characters: count,
  /** Its execution time, as reported by the Data API. */
  seconds: z.number().nonnegative().optional(),
  /** Redshift's query id, as in `sys_query_history`. */
  queryId: z.number().optional(),
});

/** One submission to the Data API: statements that ran as one transaction. */
export const LoggedTransaction = z.object({
  /** The Data API's id. Submitting again with the same client token gives the same id. */
  id: z.string(),
  name: z.string(),
  /** By the warehouse's clock if known, else by the worker's. ISO 8601, UTC. */
  submittedAt: z.string(),
  status: z.enum(['FINISHED', 'FAILED', 'ABORTED']),
  /** The batch's execution time, as reported by the Data API. Only if it finished. */
  seconds: z.number().nonnegative().optional(),
  error: z.string().optional(),
  statements: z.array(LoggedStatement),
});
export type LoggedTransaction = z.infer<typeof LoggedTransaction>;

/**
 * `statements/<phase>-<id>.json`: the statements that one execution of an activity ran in the warehouse and whose end it
 * saw. It is only informative: no decision depends on it, and if an execution dies, its last seconds are missing.
 */
export const StatementLog = z.object({
  version: z.literal(1),
  run: z.string(),
  phase: z.string(),
  transactions: z.array(LoggedTransaction),
});
export type StatementLog = z.infer<typeof StatementLog>;
