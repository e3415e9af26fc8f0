import { z } from 'zod';

const count = z.number().int().nonnegative();

/** Longest text of one statement that is kept: the rest can be read in Redshift by the query's id. */
export const MAX_SQL_CHARACTERS = 1000;

const LoggedStatement = z.object({
  /** Its text, shortened to `MAX_SQL_CHARACTERS`. */
  sql: z.string(),
  /** Length of the whole text. */
  characters: count,
  /** Its own time, as the Data API told it. */
  seconds: z.number().nonnegative().optional(),
  /** Redshift's number of it, as in `sys_query_history`. */
  queryId: z.number().optional(),
});

/** One submission to the Data API: statements that ran as one transaction. */
export const LoggedTransaction = z.object({
  /** The Data API's id. One that was submitted again by its client token has the same. */
  id: z.string(),
  name: z.string(),
  /** Of the warehouse's clock where it told one, else of the worker's. ISO 8601, UTC. */
  submittedAt: z.string(),
  status: z.enum(['FINISHED', 'FAILED', 'ABORTED']),
  /** The batch's own time, as the Data API told it; only of finished ones. */
  seconds: z.number().nonnegative().optional(),
  error: z.string().optional(),
  statements: z.array(LoggedStatement),
});
export type LoggedTransaction = z.infer<typeof LoggedTransaction>;

/**
 * `statements/<phase>-<id>.json`: what one execution of an activity had the warehouse run, up to its end. For
 * people: nothing is decided by it, and an execution that dies takes its last seconds with it.
 */
export const StatementLog = z.object({
  version: z.literal(1),
  run: z.string(),
  phase: z.string(),
  transactions: z.array(LoggedTransaction),
});
export type StatementLog = z.infer<typeof StatementLog>;
