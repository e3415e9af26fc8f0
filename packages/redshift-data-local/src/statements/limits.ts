import { z } from 'zod';

/** Calls per second and operation (AWS: "Amazon Redshift Data API quotas"; Batch, List and Cancel are not confirmed). */
const AWS_CALLS_PER_SECOND: Record<string, number> = {
  ExecuteStatement: 30,
  BatchExecuteStatement: 20,
  DescribeStatement: 100,
  GetStatementResult: 20,
  GetStatementResultV2: 20,
  ListStatements: 3,
  ListSessions: 3,
  ListTables: 3,
  ListSchemas: 3,
  ListDatabases: 3,
  DescribeTable: 3,
  CancelStatement: 3,
};

const whole = z.number().int().min(1);
const KILOBYTES = 1024;

/** The service's quotas. The defaults are AWS's, except for the rates, which are off by default. */
export const Limits = z.strictObject({
  /** Statements that have not ended; one more is ActiveStatementsExceededException. */
  maxActiveStatements: whole.default(500),
  /** Open sessions; one more is ActiveSessionsExceededException. */
  maxSessions: whole.default(500),
  /** Calls that wait for one statement; one more is ActiveWaitingRequestsExceededException. AWS gives no number. */
  maxWaitingRequests: whole.default(10),
  /** SQL of one submission, all its statements together. */
  maxSqlBytes: whole.default(100 * KILOBYTES),
  /** One row of a result. */
  maxRowBytes: whole.default(64 * KILOBYTES),
  maxResultBytes: whole.default(500 * KILOBYTES * KILOBYTES),
  /** A statement that runs longer is ended. */
  statementSeconds: whole.default(24 * 3600),
  /** How long a statement and its results are kept. */
  resultSeconds: whole.default(24 * 3600),
  /** How long a client token refers to its statement. */
  tokenSeconds: whole.default(8 * 3600),
  /** Calls per second by operation; more is ThrottlingException. `aws` for AWS's rates. */
  callsPerSecond: z
    .union([z.literal('aws'), z.record(z.string(), z.number().positive())])
    .default({})
    .transform((rates) => (rates === 'aws' ? AWS_CALLS_PER_SECOND : rates)),
});
export type Limits = z.output<typeof Limits>;
