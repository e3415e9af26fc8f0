import { z } from 'zod';

/** What a client may send, as the service's model has it. Unknown members are let be: newer clients send more. */
const target = {
  Database: z.string().optional(),
  WorkgroupName: z.string().min(3).max(128).optional(),
  ClusterIdentifier: z.string().max(63).optional(),
  DbUser: z.string().optional(),
  SecretArn: z.string().optional(),
};
const submission = {
  ...target,
  StatementName: z.string().max(500).optional(),
  WithEvent: z.boolean().default(false),
  ClientToken: z.string().min(1).max(64).optional(),
  ResultFormat: z.enum(['JSON', 'CSV']).default('JSON'),
  SessionId: z.string().optional(),
  SessionKeepAliveSeconds: z.number().int().min(0).max(86_400).optional(),
  WaitTimeSeconds: z.number().int().min(0).max(30).default(0),
  Parameters: z
    .array(z.object({ name: z.string().regex(/^[0-9a-zA-Z_]+$/), value: z.string().min(1) }))
    .min(1)
    .optional(),
};
const statementId = z.string().regex(/^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$/);

export const ExecuteStatementRequest = z.object({ ...submission, Sql: z.string() });
export const BatchExecuteStatementRequest = z.object({
  ...submission,
  Sqls: z.array(z.string()).min(1).max(40),
  ExecutionMode: z.enum(['TRANSACTION', 'AUTO_COMMIT']).default('TRANSACTION'),
});
export const DescribeStatementRequest = z.object({
  Id: statementId,
  WaitTimeSeconds: z.number().int().min(0).max(30).default(0),
});
export const GetStatementResultRequest = DescribeStatementRequest.extend({
  NextToken: z.string().optional(),
});
export const CancelStatementRequest = z.object({ Id: statementId });
export const ListStatementsRequest = z.object({
  StatementName: z.string().optional(),
  Status: z.enum(['SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED', 'ALL']).optional(),
  MaxResults: z.number().int().min(0).max(100).default(100),
  NextToken: z.string().optional(),
});

export type Submission =
  | z.output<typeof ExecuteStatementRequest>
  | z.output<typeof BatchExecuteStatementRequest>;
