import { z } from 'zod';
import type { Session } from '../statements/session.ts';
import type { Statement } from '../statements/statement.ts';
import { targetOf } from './call-target.ts';
import { decodeToken, encodeToken, pageOf } from './page-token.ts';
import type * as requests from './requests.ts';
import type { ServiceContext } from './service-context.ts';
import { ServiceError } from './service-error.ts';

/** ListStatements: newest first. */
export async function listStatements(
  context: ServiceContext,
  request: z.output<typeof requests.ListStatements>,
): Promise<object> {
  const before =
    request.NextToken === undefined
      ? undefined
      : decodeToken(request.NextToken, z.tuple([z.string(), z.string()]));
  await context.writer.flush();
  const { statements, next } = await context.store.list({
    namePrefix: request.StatementName,
    status: request.Status === 'ALL' ? undefined : request.Status,
    database: request.Database,
    target: oneTarget(request),
    before,
    limit: request.MaxResults === 0 ? 100 : request.MaxResults,
  });
  return {
    Statements: statements.map(listedStatement),
    ...(next === undefined ? {} : { NextToken: encodeToken(next) }),
  };
}

function listedStatement(statement: Statement): object {
  const { request } = statement;
  return {
    Id: statement.id,
    ...(statement.isBatch ? { QueryStrings: request.sqls } : { QueryString: request.sqls[0] }),
    ...(request.parameters.length === 0 ? {} : { QueryParameters: request.parameters }),
    ...(request.statementName === undefined ? {} : { StatementName: request.statementName }),
    ...(request.secretArn === undefined ? {} : { SecretArn: request.secretArn }),
    ...(statement.sessionId === null ? {} : { SessionId: statement.sessionId }),
    Status: statement.status,
    CreatedAt: statement.createdAt,
    UpdatedAt: statement.updatedAt,
    IsBatchStatement: statement.isBatch,
    ResultFormat: request.resultFormat,
  };
}

/** ListSessions: those that are open, newest first, unless the request names a status or one session. */
export function listSessions(
  context: ServiceContext,
  request: z.output<typeof requests.ListSessions>,
): object {
  const { SessionId: id, Status: status, Database: database } = request;
  if (id !== undefined) {
    const filters = [status, database, request.ClusterIdentifier, request.WorkgroupName];
    if (filters.some((given) => given !== undefined)) {
      throw new ServiceError(
        'ValidationException',
        'Status, ClusterIdentifier, WorkgroupName and Database cannot be given with SessionId',
      );
    }
    const session = context.sessions.find(id);
    if (session === undefined)
      throw new ServiceError('ResourceNotFoundException', `Session ${id} does not exist.`, {
        ResourceId: id,
      });
    return { Sessions: [listedSession(session)] };
  }
  const sessions = context.sessions.list({ status, database, target: oneTarget(request) });
  const limit = request.MaxResults === 0 ? 100 : request.MaxResults;
  const { page, ...next } = pageOf(sessions, 'sessions', limit, request.NextToken);
  return { Sessions: page.map(listedSession), ...next };
}

function listedSession(session: Session): object {
  return {
    SessionId: session.id,
    Status: session.status,
    CreatedAt: session.createdAt,
    UpdatedAt: session.updatedAt,
    ...targetOf(session),
    SessionAliveSeconds: session.keepAliveSeconds,
    SessionTtl: session.closesAt,
    ...(session.currentStatementId === undefined ? {} : { CurrentStatementId: session.currentStatementId }),
  };
}

function oneTarget(request: {
  WorkgroupName?: string | undefined;
  ClusterIdentifier?: string | undefined;
}): string | undefined {
  if (request.WorkgroupName !== undefined && request.ClusterIdentifier !== undefined)
    throw new ServiceError(
      'ValidationException',
      'Only one of WorkgroupName and ClusterIdentifier can be given',
    );
  return request.WorkgroupName ?? request.ClusterIdentifier;
}
