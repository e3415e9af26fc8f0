import { z } from 'zod';
import { ServiceError } from './service-error.ts';

/** Requests, as the service's model defines them. Unknown members are ignored: newer clients send more. */
const where = {
  WorkgroupName: z.string().min(3).max(128).optional(),
  ClusterIdentifier: z.string().min(1).max(63).optional(),
  DbUser: z.string().optional(),
  SecretArn: z.string().optional(),
};
const target = { ...where, Database: z.string().optional() };
const waitTime = z.number().int().min(0).max(30).default(0);
const UUID_PATTERN = /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$/;
const uuid = z.string().regex(UUID_PATTERN);
const submission = {
  ...target,
  StatementName: z.string().min(0).max(500).optional(),
  WithEvent: z.boolean().default(false),
  ClientToken: z.string().min(1).max(64).optional(),
  ResultFormat: z.enum(['JSON', 'CSV']).default('JSON'),
  SessionId: uuid.optional(),
  SessionKeepAliveSeconds: z.number().int().min(0).max(86_400).optional(),
  WaitTimeSeconds: waitTime,
  Parameters: z
    .array(z.object({ name: z.string().regex(/^[0-9a-zA-Z_]+$/), value: z.string().min(1) }))
    .min(1)
    .optional(),
};

export const ExecuteStatement = z.object({ ...submission, Sql: z.string() });
export const BatchExecuteStatement = z.object({
  ...submission,
  Sqls: z.array(z.string()).min(1).max(40),
  ExecutionMode: z.enum(['TRANSACTION', 'AUTO_COMMIT']).default('TRANSACTION'),
});
export const DescribeStatement = z.object({ Id: uuid, WaitTimeSeconds: waitTime });
export const GetStatementResult = DescribeStatement.extend({ NextToken: z.string().optional() });
export const CancelStatement = z.object({ Id: uuid });

const statementsPage = {
  MaxResults: z.number().int().min(0).max(100).default(100),
  NextToken: z.string().optional(),
};
export const ListStatements = z.object({
  ...statementsPage,
  ...where,
  Database: z.string().optional(),
  StatementName: z.string().max(500).optional(),
  Status: z.enum(['SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED', 'ALL']).optional(),
});
export const ListSessions = z.object({
  ...statementsPage,
  ...where,
  Database: z.string().optional(),
  SessionId: uuid.optional(),
  Status: z.enum(['AVAILABLE', 'BUSY', 'CLOSED']).optional(),
});

const cataloguePage = {
  MaxResults: z.number().int().min(0).max(1000).default(1000),
  NextToken: z.string().optional(),
};
export const ListDatabases = z.object({ ...target, ...cataloguePage });
const catalogue = {
  ...where,
  Database: z.string(),
  ConnectedDatabase: z.string().optional(),
  ...cataloguePage,
};
export const ListSchemas = z.object({ ...catalogue, SchemaPattern: z.string().optional() });
export const ListTables = ListSchemas.extend({ TablePattern: z.string().optional() });
export const DescribeTable = z.object({
  ...catalogue,
  Schema: z.string().optional(),
  Table: z.string().optional(),
});

export type Submission = z.output<typeof ExecuteStatement> | z.output<typeof BatchExecuteStatement>;

/** Checks a request. @throws ValidationException in the service's words. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // The service has its own words for identifiers.
  if (
    issue?.code === 'invalid_format' &&
    issue.path.length === 1 &&
    /^(Id|SessionId)$/.test(String(issue.path[0]))
  ) {
    const name = String(issue.path[0]);
    throw new ServiceError(
      'ValidationException',
      `${name[0]!.toLowerCase()}${name.slice(1)} must satisfy regex pattern: ${UUID_PATTERN.source}`,
    );
  }
  const problems = result.error.issues.map(
    ({ path, message }) => `Value at '${path.join('.')}' failed to satisfy constraint: ${message}`,
  );
  throw new ServiceError(
    'ValidationException',
    `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`,
  );
}
