import { z } from 'zod';
import type { Statement, StatementPart } from '../statements/statement.ts';
import { csvField } from './fields.ts';
import { decodeToken, encodeToken } from './page-token.ts';
import { hasEnded, partOf, type ServiceContext, splitId } from './service-context.ts';
import { ServiceError } from './service-error.ts';

/** A JSON document as text, because its numbers can be longer than JavaScript's. */
export class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

interface ResultRequest {
  Id: string;
  WaitTimeSeconds: number;
  NextToken?: string | undefined;
}

/** GetStatementResult (JSON) and GetStatementResultV2 (CSV): one page. */
export async function statementResult(
  context: ServiceContext,
  request: ResultRequest,
  format: 'JSON' | 'CSV',
): Promise<RawJson> {
  const { statement, part } = await finishedPart(context, request);
  if (statement.request.resultFormat !== format) {
    const other = format === 'JSON' ? 'GetStatementResultV2' : 'GetStatementResult';
    throw new ServiceError(
      'ValidationException',
      `The result of ${request.Id} is in ${statement.request.resultFormat} format: fetch it with ${other}`,
    );
  }
  const { NextToken: token } = request;
  const from =
    token === undefined
      ? 0
      : decodeToken(token, z.object({ id: z.literal(request.Id), row: z.number().int() })).row;
  // A sub-statement of a running batch may not be stored yet.
  if (!hasEnded(statement)) await context.writer.flush();
  const page =
    part.resultRows === 0 ? undefined : await context.store.resultPage(statement.id, part.number, from);
  const next = from + (page?.rowCount ?? 0);
  const nextToken =
    next < part.resultRows
      ? `,"NextToken":${JSON.stringify(encodeToken({ id: request.Id, row: next }))}`
      : '';
  const common = `"ColumnMetadata":${JSON.stringify(part.columnMetadata)},"TotalNumRows":${part.resultRows}${nextToken}`;
  if (format === 'JSON') return new RawJson(`{"Records":[${page?.content ?? ''}],${common}}`);
  const lines = `${from === 0 ? csvHeader(part) : ''}${page?.content ?? ''}`;
  return new RawJson(`{"Records":[{"CSVRecords":${JSON.stringify(lines)}}],"ResultFormat":"CSV",${common}}`);
}

/** The first page begins with the column names, as in the service's own example. */
function csvHeader(part: StatementPart): string {
  const names = (part.columnMetadata as { name: string }[]).map(({ name }) => csvField(name));
  return `${names.join(',')}\r\n`;
}

async function finishedPart(
  context: ServiceContext,
  request: ResultRequest,
): Promise<{ statement: Statement; part: StatementPart }> {
  const [id, number] = splitId(request.Id);
  await context.runner.waitForEnd(id, number, request.WaitTimeSeconds);
  const statement = await context.find(id);
  if (statement.isBatch && number === undefined)
    throw new ServiceError(
      'ValidationException',
      'Batch statements have results by sub-statement: give its Id',
    );
  const part = partOf(statement, number ?? 1);
  // Results of a rolled-back transaction are not returned; in AUTO_COMMIT each statement is independent.
  const rolledBack =
    hasEnded(statement) &&
    statement.status !== 'FINISHED' &&
    statement.request.executionMode === 'TRANSACTION';
  if (part.status !== 'FINISHED' || rolledBack || !part.hasResultSet) {
    throw new ServiceError(
      'ResourceNotFoundException',
      'Query does not have result. Please check query status with DescribeStatement.',
      { ResourceId: request.Id },
    );
  }
  return { statement, part };
}
