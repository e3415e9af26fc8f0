import type { FaultSubject } from '../faults/fault-list.ts';
import type { Faults } from '../faults/faults.ts';
import { CallRates } from './call-rates.ts';
import { describeTable, listDatabases, listSchemas, listTables } from './catalogue-lists.ts';
import { describeStatement } from './describe-statement.ts';
import { listSessions, listStatements } from './lists.ts';
import * as requests from './requests.ts';
import { hasEnded, type ServiceContext, splitId } from './service-context.ts';
import { ServiceError } from './service-error.ts';
import { RawJson, statementResult } from './statement-result.ts';
import { submitStatement } from './submit-statement.ts';

type Operation = (context: ServiceContext, body: unknown) => object | Promise<object>;

const OPERATIONS: Record<string, Operation> = {
  ExecuteStatement(context, body) {
    const request = requests.parseRequest(requests.ExecuteStatement, body);
    const what = { sqls: [request.Sql], isBatch: false, executionMode: 'TRANSACTION' } as const;
    return submitStatement(context, request, what);
  },
  BatchExecuteStatement(context, body) {
    const request = requests.parseRequest(requests.BatchExecuteStatement, body);
    const what = { sqls: request.Sqls, isBatch: true, executionMode: request.ExecutionMode };
    return submitStatement(context, request, what);
  },
  DescribeStatement: (context, body) =>
    describeStatement(context, requests.parseRequest(requests.DescribeStatement, body)),
  GetStatementResult: (context, body) =>
    statementResult(context, requests.parseRequest(requests.GetStatementResult, body), 'JSON'),
  GetStatementResultV2: (context, body) =>
    statementResult(context, requests.parseRequest(requests.GetStatementResult, body), 'CSV'),
  CancelStatement: (context, body) =>
    cancelStatement(context, requests.parseRequest(requests.CancelStatement, body)),
  ListStatements: (context, body) =>
    listStatements(context, requests.parseRequest(requests.ListStatements, body)),
  ListSessions: (context, body) => listSessions(context, requests.parseRequest(requests.ListSessions, body)),
  ListDatabases: (context, body) =>
    listDatabases(context, requests.parseRequest(requests.ListDatabases, body)),
  ListSchemas: (context, body) => listSchemas(context, requests.parseRequest(requests.ListSchemas, body)),
  ListTables: (context, body) => listTables(context, requests.parseRequest(requests.ListTables, body)),
  DescribeTable: (context, body) =>
    describeTable(context, requests.parseRequest(requests.DescribeTable, body)),
};

/** A call's answer, as JSON, and whether it reaches the caller. */
interface CallAnswer {
  json: string;
  isLost: boolean;
}

/** The operations of the Data API by name, behind rates and faults. */
export class DataApiService {
  readonly #context: ServiceContext;
  readonly #faults: Faults;
  readonly #rates: CallRates;
  readonly #refused = new Map<string, number>();

  constructor(context: ServiceContext, faults: Faults) {
    this.#context = context;
    this.#faults = faults;
    this.#rates = new CallRates(context.clock, context.limits);
  }

  /** Performs a call from its JSON. @throws ServiceError. */
  async perform(name: string, body: unknown): Promise<CallAnswer> {
    try {
      return await this.#answer(name, body);
    } catch (error) {
      if (error instanceof ServiceError) {
        const refusal = `${name} ${error.type}`;
        this.#refused.set(refusal, (this.#refused.get(refusal) ?? 0) + 1);
      }
      throw error;
    }
  }

  /** How often calls were refused since the server started, by operation and error: `CancelStatement ThrottlingException`. */
  get refusals(): Record<string, number> {
    return Object.fromEntries(this.#refused);
  }

  async #answer(name: string, body: unknown): Promise<CallAnswer> {
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined) {
      throw new ServiceError(
        'UnknownOperationException',
        `not supported by the local Redshift: the operation ${name}`,
      );
    }
    this.#rates.take(name);
    const subject = subjectOf(name, body);
    await this.#faults.beforeCall(subject);
    const answer = await operation(this.#context, body);
    const lost = this.#faults.lostAnswer(subject);
    if (lost === 'ended') await this.#untilEnded((answer as { Id?: string }).Id);
    return {
      json: answer instanceof RawJson ? answer.text : JSON.stringify(answer),
      isLost: lost !== undefined,
    };
  }

  async #untilEnded(id: string | undefined): Promise<void> {
    if (id === undefined) return;
    const statement = await this.#context.runner.find(splitId(id)[0]);
    if (statement && !hasEnded(statement)) await this.#context.runner.untilEnded(statement.id);
  }
}

async function cancelStatement(context: ServiceContext, request: { Id: string }): Promise<object> {
  const [id, number] = splitId(request.Id);
  if (number !== undefined)
    throw new ServiceError('ValidationException', 'A sub-statement cannot be cancelled: cancel the batch');
  const statement = await context.find(id);
  if (hasEnded(statement)) {
    throw new ServiceError(
      'ValidationException',
      `Could not cancel a query that is already in ${statement.status} state with ID: ${id}`,
    );
  }
  return { Status: context.runner.cancel(id) };
}

/** What faults match in a call. */
function subjectOf(operation: string, body: unknown): FaultSubject {
  const { Sql, Sqls, StatementName } = (body ?? {}) as Record<string, unknown>;
  return {
    operation,
    statementName: typeof StatementName === 'string' ? StatementName : undefined,
    sqls: [Sql, Sqls].flat().filter((sql): sql is string => typeof sql === 'string'),
  };
}
