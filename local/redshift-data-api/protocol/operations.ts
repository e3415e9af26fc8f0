import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { StatementRunner } from '../statements/statement-runner.ts';
import {
  type Statement,
  type StatementPart,
  type StatementRequest,
  type StatementStore,
  terminalStatuses,
} from '../statements/statement-store.ts';
import * as requests from './requests.ts';
import { ServiceError } from './service-error.ts';

export type ServiceOptions = {
  store: StatementStore;
  runner: StatementRunner;
  workgroup: string;
  database: string;
  maxActiveStatements: number;
};

/** AWS: "The maximum query statement size is 100 KB". */
const maxSqlBytes = 100 * 1024;
/** Our page of results. The service's own size is not documented; it is told by NextToken only. */
const pageBytes = 1024 * 1024;
const pageRows = 1_000;

/** A JSON document written by hand, because its numbers are longer than JavaScript's. */
export class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The operations of the Data API by name. Each takes the request's JSON and gives the answer's, or throws `ServiceError`. */
export class DataApiService {
  private readonly options: ServiceOptions;
  constructor(options: ServiceOptions) {
    this.options = options;
  }

  async perform(operation: string, body: unknown): Promise<object> {
    switch (operation) {
      case 'ExecuteStatement': {
        const request = parse(requests.ExecuteStatementRequest, body);
        return this.submit(request, [request.Sql], false, 'TRANSACTION');
      }
      case 'BatchExecuteStatement': {
        const request = parse(requests.BatchExecuteStatementRequest, body);
        return this.submit(request, request.Sqls, true, request.ExecutionMode);
      }
      case 'DescribeStatement':
        return this.describe(parse(requests.DescribeStatementRequest, body));
      case 'GetStatementResult':
        return this.result(parse(requests.GetStatementResultRequest, body));
      case 'CancelStatement':
        return this.cancel(parse(requests.CancelStatementRequest, body));
      case 'ListStatements':
        return this.list(parse(requests.ListStatementsRequest, body));
      default:
        throw new ServiceError(
          'UnknownOperationException',
          `not supported by the local Redshift: the operation ${operation}`,
        );
    }
  }

  private async submit(
    request: requests.Submission,
    sqls: string[],
    isBatch: boolean,
    executionMode: 'TRANSACTION' | 'AUTO_COMMIT',
  ): Promise<object> {
    const { store, runner } = this.options;
    this.checkTarget(request);
    if (request.SessionId !== undefined || request.SessionKeepAliveSeconds !== undefined) {
      throw new ServiceError('ValidationException', 'not supported by the local Redshift: sessions');
    }
    if (request.ResultFormat === 'CSV')
      throw new ServiceError('ValidationException', 'not supported by the local Redshift: ResultFormat CSV');
    for (const sql of sqls) {
      if (sql.trim() === '') throw new ServiceError('ValidationException', 'Sql must not be empty');
    }
    const sqlBytes = sqls.reduce((sum, sql) => sum + Buffer.byteLength(sql), 0);
    if (sqlBytes > maxSqlBytes)
      throw new ServiceError(
        'ValidationException',
        `Cannot exceed the maximum allowed query size of ${maxSqlBytes} bytes: ${sqlBytes}`,
      );
    const stored: StatementRequest = {
      sqls,
      parameters: request.Parameters ?? [],
      database: request.Database ?? this.options.database,
      workgroupName: request.WorkgroupName,
      clusterIdentifier: request.ClusterIdentifier,
      dbUser: request.DbUser,
      secretArn: request.SecretArn,
      statementName: request.StatementName,
      withEvent: request.WithEvent,
      resultFormat: request.ResultFormat,
      executionMode,
    };
    const hash = createHash('sha256')
      .update(JSON.stringify([isBatch, stored]))
      .digest('hex');
    if (runner.activeStatements >= this.options.maxActiveStatements) {
      throw new ServiceError(
        'ActiveStatementsExceededException',
        'Active statements exceeded the allowed quota',
      );
    }
    const wanted = randomUUID();
    const id = await store.create(wanted, request.ClientToken, hash, isBatch, stored);
    const statement = await this.find(id);
    if (id === wanted) runner.start(statement);
    else if (statement.requestHash !== hash) {
      throw new ServiceError(
        'ValidationException',
        `ClientToken ${request.ClientToken} was already used for another request (statement ${id})`,
      );
    }
    if (request.WaitTimeSeconds > 0) await runner.waitForEnd(id, request.WaitTimeSeconds);
    const now = request.WaitTimeSeconds > 0 ? await this.find(id) : statement;
    return {
      Id: id,
      CreatedAt: now.createdAt,
      ...targetOf(now.request),
      DbGroups: [],
      Status: now.status,
      HasResultSet: hasResultSet(now),
      ...(now.pid === null ? {} : { RedshiftPid: now.pid }),
    };
  }

  /** One workgroup and one database stand behind this endpoint; a cluster's name is taken as its workgroup's. */
  private checkTarget(request: {
    WorkgroupName?: string | undefined;
    ClusterIdentifier?: string | undefined;
    SecretArn?: string | undefined;
    DbUser?: string | undefined;
    Database?: string | undefined;
  }): void {
    const { workgroup, database } = this.options;
    if (request.WorkgroupName !== undefined && request.ClusterIdentifier !== undefined) {
      throw new ServiceError(
        'ValidationException',
        'Only one of WorkgroupName and ClusterIdentifier can be given',
      );
    }
    const name = request.WorkgroupName ?? request.ClusterIdentifier;
    if (name === undefined)
      throw new ServiceError('ValidationException', 'Either WorkgroupName or ClusterIdentifier is required');
    if (
      request.ClusterIdentifier !== undefined &&
      request.DbUser === undefined &&
      request.SecretArn === undefined
    ) {
      throw new ServiceError('ValidationException', 'DbUser or SecretArn is required with ClusterIdentifier');
    }
    if (name !== workgroup) {
      // The service answers with ValidationException here, not ResourceNotFoundException.
      const what = request.WorkgroupName === undefined ? 'cluster' : 'workgroup';
      throw new ServiceError(
        'ValidationException',
        `Redshift endpoint doesn't exist in this region: no ${what} ${name}`,
      );
    }
    if (request.Database === undefined) throw new ServiceError('ValidationException', 'Database is required');
    if (request.Database !== database)
      throw new ServiceError('ValidationException', `FATAL: database "${request.Database}" does not exist`);
  }

  private async find(id: string): Promise<Statement> {
    const statement = await this.options.store.find(id);
    if (statement === undefined)
      throw new ServiceError('ResourceNotFoundException', 'Query does not exist.', { ResourceId: id });
    return statement;
  }

  private async describe(request: { Id: string; WaitTimeSeconds: number }): Promise<object> {
    const [id, number] = splitId(request.Id);
    await this.options.runner.waitForEnd(id, request.WaitTimeSeconds);
    const statement = await this.find(id);
    const common = {
      Id: request.Id,
      ...targetOf(statement.request),
      ...(statement.pid === null ? {} : { RedshiftPid: statement.pid }),
      ResultFormat: statement.request.resultFormat,
    };
    if (number !== undefined) {
      const part = partNumber(statement, number);
      return { ...common, ...describePart(statement, part), Id: request.Id };
    }
    if (!statement.isBatch) {
      const { Error: _error, Id: _id, ...part } = describePart(statement, statement.parts[0]!);
      return {
        ...part,
        ...common,
        Status: statement.status,
        CreatedAt: statement.createdAt,
        UpdatedAt: statement.updatedAt,
        Duration: statement.durationNs,
        ...(statement.error === null ? {} : { Error: statement.error }),
        ...(statement.request.parameters.length > 0 ? { QueryParameters: statement.request.parameters } : {}),
      };
    }
    return {
      ...common,
      Status: statement.status,
      CreatedAt: statement.createdAt,
      UpdatedAt: statement.updatedAt,
      Duration: statement.durationNs,
      ...(statement.error === null ? {} : { Error: statement.error }),
      HasResultSet: hasResultSet(statement),
      ResultRows: -1,
      ResultSize: -1,
      RedshiftQueryId: 0,
      ExecutionMode: statement.request.executionMode,
      SubStatements: statement.parts.map((part) => describePart(statement, part)),
    };
  }

  private async result(request: {
    Id: string;
    WaitTimeSeconds: number;
    NextToken?: string | undefined;
  }): Promise<object> {
    const [id, number] = splitId(request.Id);
    await this.options.runner.waitForEnd(id, request.WaitTimeSeconds);
    const statement = await this.find(id);
    if (statement.isBatch && number === undefined) {
      throw new ServiceError(
        'ValidationException',
        'Batch statements have results by sub-statement: give its Id',
      );
    }
    const part = partNumber(statement, number ?? 1);
    if (statement.status !== 'FINISHED' || part.status !== 'FINISHED') {
      throw new ServiceError(
        'ValidationException',
        `Query is not in FINISHED state: ${request.Id} is ${statement.status}`,
      );
    }
    if (!part.hasResultSet)
      throw new ServiceError(
        'ResourceNotFoundException',
        'Query does not have result. Please check query status with DescribeStatement.',
        { ResourceId: request.Id },
      );
    const from =
      request.NextToken === undefined
        ? 0
        : decodeToken(request.NextToken, z.object({ id: z.literal(request.Id), row: z.number().int() })).row;
    const rows = await this.options.store.resultRows(id, part.number, from, pageRows);
    const page: string[] = [];
    let bytes = 0;
    for (const row of rows) {
      bytes += Buffer.byteLength(row);
      if (page.length > 0 && bytes > pageBytes) break;
      page.push(row);
    }
    const next = from + page.length;
    const token =
      next < part.resultRows
        ? `,"NextToken":${JSON.stringify(encodeToken({ id: request.Id, row: next }))}`
        : '';
    return new RawJson(
      `{"ColumnMetadata":${JSON.stringify(part.columnMetadata)},"Records":[${page.join(',')}],"TotalNumRows":${part.resultRows}${token}}`,
    );
  }

  private async cancel(request: { Id: string }): Promise<object> {
    const [id, number] = splitId(request.Id);
    if (number !== undefined)
      throw new ServiceError('ValidationException', 'A sub-statement cannot be cancelled: cancel the batch');
    const statement = await this.find(id);
    if (terminalStatuses.has(statement.status)) {
      throw new ServiceError(
        'ValidationException',
        `Could not cancel a query that is already in ${statement.status} state with ID: ${id}`,
      );
    }
    return { Status: this.options.runner.cancel(id) };
  }

  private async list(request: z.output<typeof requests.ListStatementsRequest>): Promise<object> {
    const before =
      request.NextToken === undefined
        ? undefined
        : decodeToken(request.NextToken, z.tuple([z.string(), z.string()]));
    const { statements, next } = await this.options.store.list({
      ...(request.StatementName === undefined ? {} : { namePrefix: request.StatementName }),
      ...(request.Status === undefined || request.Status === 'ALL' ? {} : { status: request.Status }),
      ...(before === undefined ? {} : { before }),
      limit: request.MaxResults === 0 ? 100 : request.MaxResults,
    });
    return {
      Statements: statements.map((statement) => ({
        Id: statement.id,
        ...(statement.isBatch
          ? { QueryStrings: statement.request.sqls }
          : { QueryString: statement.request.sqls[0], QueryParameters: statement.request.parameters }),
        ...(statement.request.statementName === undefined
          ? {}
          : { StatementName: statement.request.statementName }),
        Status: statement.status,
        CreatedAt: statement.createdAt,
        UpdatedAt: statement.updatedAt,
        IsBatchStatement: statement.isBatch,
        ResultFormat: statement.request.resultFormat,
      })),
      ...(next === undefined ? {} : { NextToken: encodeToken(next) }),
    };
  }
}

function targetOf(request: StatementRequest): object {
  return {
    Database: request.database,
    ...(request.workgroupName === undefined ? {} : { WorkgroupName: request.workgroupName }),
    ...(request.clusterIdentifier === undefined ? {} : { ClusterIdentifier: request.clusterIdentifier }),
    ...(request.dbUser === undefined ? {} : { DbUser: request.dbUser }),
    ...(request.secretArn === undefined ? {} : { SecretArn: request.secretArn }),
  };
}

function describePart(statement: Statement, part: StatementPart): Record<string, unknown> {
  return {
    Id: `${statement.id}:${part.number}`,
    Status: part.status,
    CreatedAt: part.createdAt,
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

function hasResultSet(statement: Statement): boolean {
  return statement.status === 'FINISHED' && statement.parts.some((part) => part.hasResultSet);
}

function splitId(id: string): [string, number | undefined] {
  const [statement, number] = id.split(':');
  return [statement!, number === undefined ? undefined : Number(number)];
}

function partNumber(statement: Statement, number: number): StatementPart {
  const part = statement.parts.find((candidate) => candidate.number === number);
  if (part === undefined)
    throw new ServiceError('ResourceNotFoundException', 'Query does not exist.', {
      ResourceId: `${statement.id}:${number}`,
    });
  return part;
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `Value at '${issue.path.join('.')}' failed to satisfy constraint: ${issue.message}`,
  );
  throw new ServiceError(
    'ValidationException',
    `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems.join('; ')}`,
  );
}

function encodeToken(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decodeToken<Schema extends z.ZodType>(token: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    throw new ServiceError('ValidationException', 'NextToken is not valid');
  }
}
