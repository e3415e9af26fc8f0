import type { Statement, StatementPart } from '../statements/statement.ts';
import { targetOf } from './call-target.ts';
import { hasEnded, hasResultSet, partOf, type ServiceContext, splitId } from './service-context.ts';

/** DescribeStatement, for a statement or a sub-statement. */
export async function describeStatement(
  context: ServiceContext,
  request: { Id: string; WaitTimeSeconds: number },
): Promise<object> {
  const [id, number] = splitId(request.Id);
  await context.runner.waitForEnd(id, number, request.WaitTimeSeconds);
  const statement = await written(context, await context.find(id));
  const common = {
    Id: request.Id,
    ...targetOf(statement.request),
    ...(statement.pid === null ? {} : { RedshiftPid: statement.pid }),
    ...(statement.sessionId === null ? {} : { SessionId: statement.sessionId }),
    ResultFormat: statement.request.resultFormat,
  };
  if (number !== undefined) {
    const part = partOf(statement, number);
    return { ...common, ...describePart(statement, part), Id: request.Id };
  }
  const whole = {
    Status: statement.status,
    CreatedAt: statement.createdAt,
    UpdatedAt: statement.updatedAt,
    Duration: statement.durationNs,
    ...(statement.error === null ? {} : { Error: statement.error }),
    ...(statement.request.parameters.length > 0 ? { QueryParameters: statement.request.parameters } : {}),
  };
  if (!statement.isBatch) {
    const { Error: _error, Id: _id, ...part } = describePart(statement, statement.parts[0]!);
    return { ...part, ...common, ...whole };
  }
  return {
    ...common,
    ...whole,
    HasResultSet: hasResultSet(statement),
    ResultRows: -1,
    ResultSize: -1,
    RedshiftQueryId: 0,
    ExecutionMode: statement.request.executionMode,
    SubStatements: statement.parts.map((part) => describePart(statement, part)),
  };
}

/** A state that clients see outlives the server: for a running statement, it is the state when its writing began. */
async function written(context: ServiceContext, statement: Statement): Promise<Statement> {
  if (hasEnded(statement)) return statement;
  const seen = structuredClone(statement);
  await context.writer.flush();
  return seen;
}

function describePart(statement: Statement, part: StatementPart): Record<string, unknown> {
  return {
    Id: `${statement.id}:${part.number}`,
    Status: part.status,
    CreatedAt: part.startedAt ?? statement.createdAt,
    UpdatedAt: part.updatedAt,
    Duration: part.durationNs,
    QueryString: part.sql,
    HasResultSet: part.hasResultSet,
    ResultRows: part.resultRows,
    ResultSize: part.resultBytes,
    RedshiftQueryId: part.status === 'SUBMITTED' ? -1 : part.queryId,
    ...(part.error === null ? {} : { Error: part.error }),
  };
}
