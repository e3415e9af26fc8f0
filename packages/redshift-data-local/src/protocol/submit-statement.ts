import { createHash, randomUUID } from 'node:crypto';
import { tokenize } from '../sql/tokens/tokenizer.ts';
import type { Session } from '../statements/session.ts';
import { newStatement, type Statement, type StatementRequest } from '../statements/statement.ts';
import { checkTarget, targetOf } from './call-target.ts';
import type { Submission } from './requests.ts';
import { hasResultSet, type ServiceContext } from './service-context.ts';
import { ServiceError } from './service-error.ts';

/** ExecuteStatement and BatchExecuteStatement. */
export async function submitStatement(
  context: ServiceContext,
  request: Submission,
  what: { sqls: readonly string[]; isBatch: boolean; executionMode: 'TRANSACTION' | 'AUTO_COMMIT' },
): Promise<object> {
  const { store, runner, sessions, clock, limits } = context;
  const { sqls, isBatch, executionMode } = what;
  checkSql(sqls, limits.maxSqlBytes);
  checkParameters(sqls, request.Parameters ?? []);
  const stored: StatementRequest = {
    sqls: [...sqls],
    parameters: request.Parameters ?? [],
    ...submissionTarget(context, request),
    statementName: request.StatementName,
    withEvent: request.WithEvent,
    resultFormat: request.ResultFormat,
    executionMode,
  };
  const requestHash = createHash('sha256')
    .update(JSON.stringify([isBatch, stored, request.SessionId, request.SessionKeepAliveSeconds]))
    .digest('hex');
  const isFull = () => runner.activeStatements + context.submitting >= limits.maxActiveStatements;
  // A repeated submission is answered even if a new one would be refused; its session may be busy with it.
  if (request.ClientToken !== undefined && (request.SessionId !== undefined || isFull())) {
    const earlierId = await store.idOfToken(request.ClientToken);
    if (earlierId !== undefined) {
      const earlier = await sameRequest(context, earlierId, requestHash, request.ClientToken);
      return answer(context, earlier, request.WaitTimeSeconds);
    }
  }
  if (isFull())
    throw new ServiceError(
      'ActiveStatementsExceededException',
      'Active statements exceeded the allowed quota',
    );
  const id = randomUUID();
  const session = sessionFor(context, request, stored, id);
  const statement = newStatement(
    { id, request: stored, requestHash, isBatch, sessionId: session?.id ?? null },
    clock.now(),
  );
  const giveBack = () => {
    if (session === undefined) return;
    if (request.SessionId === undefined) sessions.close(session);
    else sessions.release(session);
  };
  context.submitting++;
  try {
    const { existingId } = await store.create(statement, request.ClientToken);
    if (existingId !== undefined) {
      giveBack();
      const existing = await sameRequest(context, existingId, requestHash, request.ClientToken!);
      return answer(context, existing, request.WaitTimeSeconds);
    }
  } catch (error) {
    giveBack();
    if (error instanceof ServiceError) throw error;
    throw new ServiceError(
      isBatch ? 'BatchExecuteStatementException' : 'ExecuteStatementException',
      `The statement could not be accepted: ${(error as Error).message}`,
      { StatementId: id },
    );
  } finally {
    context.submitting--;
  }
  const submitted = structuredClone(statement);
  runner.start(statement, session);
  return answer(context, submitted, request.WaitTimeSeconds);
}

async function answer(context: ServiceContext, statement: Statement, waitSeconds: number): Promise<object> {
  if (waitSeconds > 0) await context.runner.waitForEnd(statement.id, undefined, waitSeconds);
  const now = waitSeconds > 0 ? await context.find(statement.id) : statement;
  return {
    Id: now.id,
    CreatedAt: now.createdAt,
    ...targetOf(now.request),
    DbGroups: [],
    Status: now.status,
    HasResultSet: hasResultSet(now),
    ...(now.pid === null ? {} : { RedshiftPid: now.pid }),
    ...(now.sessionId === null ? {} : { SessionId: now.sessionId }),
  };
}

function checkSql(sqls: readonly string[], maxBytes: number): void {
  if (sqls.some((sql) => sql.trim() === ''))
    throw new ServiceError('ValidationException', 'SQL statement cannot be empty.');
  const bytes = sqls.reduce((sum, sql) => sum + Buffer.byteLength(sql), 0);
  if (bytes > maxBytes) {
    throw new ServiceError(
      'ValidationException',
      `Cannot exceed the maximum allowed query size of ${maxBytes} bytes: ${bytes}`,
    );
  }
}

/** Every parameter must be used, and no name may repeat. A name without a parameter fails when the SQL runs. */
function checkParameters(sqls: readonly string[], parameters: readonly { name: string }[]): void {
  const names = parameters.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0)
    throw new ServiceError(
      'ValidationException',
      `Parameters list contains duplicates: [${twice.join(', ')}]`,
    );
  if (names.length === 0) return;
  const used = new Set(sqls.flatMap(parametersIn));
  const unused = names.filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw new ServiceError(
      'ValidationException',
      `Parameters list contains unused parameters. Unused parameters: [${unused.join(', ')}]`,
    );
  }
}

function parametersIn(sql: string): string[] {
  try {
    return tokenize(sql).flatMap((token) => (token.kind === 'parameter' ? [token.value] : []));
  } catch {
    // SQL that cannot be parsed fails when it runs, with a better reason.
    return [...sql.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  }
}

/** The target recorded for a statement: its own, or its session's. */
function submissionTarget(
  context: ServiceContext,
  request: Submission,
): Pick<StatementRequest, 'database' | 'workgroupName' | 'clusterIdentifier' | 'dbUser' | 'secretArn'> {
  if (request.SessionId === undefined) {
    checkTarget(request, context.served);
    return {
      database: request.Database!,
      workgroupName: request.WorkgroupName,
      clusterIdentifier: request.ClusterIdentifier,
      dbUser: request.DbUser,
      secretArn: request.SecretArn,
    };
  }
  const { WorkgroupName, ClusterIdentifier, Database, DbUser, SecretArn } = request;
  if ([WorkgroupName, ClusterIdentifier, Database, DbUser, SecretArn].some((given) => given !== undefined)) {
    throw new ServiceError(
      'ValidationException',
      'A session has its target: WorkgroupName, ClusterIdentifier, Database, DbUser and SecretArn cannot be given with SessionId',
    );
  }
  const session = openSession(context, request.SessionId);
  const { database, workgroupName, clusterIdentifier, dbUser } = session;
  return { database, workgroupName, clusterIdentifier, dbUser };
}

/**
 * The errors are those that the service was seen to return (github.com/awslabs/mcp, issues 4587 and 4375): one for an id
 * that never existed, one for a closed session and for a busy one, since no statement is queued.
 */
function openSession(context: ServiceContext, id: string): Session {
  const session = context.sessions.find(id);
  if (session === undefined)
    throw new ServiceError('ValidationException', `Session with Id: ${id} is invalid`);
  if (session.status !== 'AVAILABLE')
    throw new ServiceError('ValidationException', 'Session is not available');
  return session;
}

/** Acquires the session for the statement; undefined for a statement without one. */
function sessionFor(
  context: ServiceContext,
  request: Submission,
  stored: StatementRequest,
  statementId: string,
): Session | undefined {
  const { sessions, limits } = context;
  const keepAliveSeconds = request.SessionKeepAliveSeconds;
  if (request.SessionId !== undefined) {
    const session = openSession(context, request.SessionId);
    sessions.use(session, statementId, keepAliveSeconds);
    return session;
  }
  if (keepAliveSeconds === undefined || keepAliveSeconds === 0) return undefined;
  if (sessions.openCount >= limits.maxSessions)
    throw new ServiceError('ActiveSessionsExceededException', 'Active sessions exceeded the allowed quota');
  return sessions.open(stored, keepAliveSeconds, statementId);
}

async function sameRequest(
  context: ServiceContext,
  id: string,
  requestHash: string,
  token: string,
): Promise<Statement> {
  const statement = await context.find(id);
  if (statement.requestHash !== requestHash) {
    throw new ServiceError(
      'ValidationException',
      `ClientToken ${token} was already used for another request (statement ${id})`,
    );
  }
  return statement;
}
