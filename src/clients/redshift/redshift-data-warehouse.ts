import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import type { Attempt } from '../aws/aws-error-cases.ts';
import { awsError, nameOf } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import { takeRawResponse } from '../aws/raw-response.ts';
import { Terminal, Transient } from '../errors.ts';
import type { StatementSlots } from '../statement-slots.ts';
import type { Row, Warehouse, WarehouseTarget } from '../warehouse.ts';
import { hasEnded } from '../warehouse.ts';
import type { DataApiShare } from './data-api-share.ts';
import { pace } from './paced-client.ts';
import { sessionCases, statementCases, submitCases } from './redshift-errors.ts';
import { parseResultResponse, type ResultColumn, type ResultPage, rowsOf } from './redshift-result.ts';
import { stateOf } from './statement-state.ts';

/** BatchExecuteStatement's limit. */
const MAX_STATEMENTS_PER_BATCH = 40;
/** Enough for the longest wait of a call, 30 s, and for a page of a result, which has at most 1 MB. */
const ATTEMPT_SECONDS = 120;
/** More than the number of statements whose results are read at the same time. */
const MAX_FINISHED_KEPT = 100;

/**
 * A Redshift Data API client. Its timeouts exceed the longest wait of a call, 30 s.
 * @param share limits the client's call rates
 */
export function redshiftDataClient(address: ServiceAddress = {}, share?: DataApiShare): RedshiftDataClient {
  const client = limitAttempts(new RedshiftDataClient(clientSettings(address)), ATTEMPT_SECONDS);
  if (share !== undefined) pace(client, share);
  return client;
}

/** The result of one statement as a table, with its columns in order, even if two have the same name. */
export interface ResultTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Row[string][])[];
  /** False if there are more rows. */
  readonly isWhole: boolean;
}

export interface RedshiftDataWarehouse extends Warehouse {
  /** The result of a finished statement. @throws Terminal `NoResult` if it returns no rows. */
  table(
    id: string,
    options: { readonly mostRows: number; readonly signal?: AbortSignal | undefined },
  ): Promise<ResultTable>;
}

/** One Redshift database, accessed through the Data API. */
export function createRedshiftDataWarehouse(options: {
  readonly client: RedshiftDataClient;
  readonly target: WarehouseTarget;
  readonly slots?: StatementSlots;
}): RedshiftDataWarehouse {
  const { client, target, slots } = options;
  const name = warehouseName(target);

  /** Calls the Data API and classifies failures. */
  async function attempt<T>(what: Attempt, call: (send: object) => Promise<T>): Promise<T> {
    try {
      return await call(what.signal === undefined ? {} : { abortSignal: what.signal });
    } catch (error) {
      throw awsError(error, what);
    }
  }

  /** The latest finished statements, cached because a batch's results are read one after another. */
  const finished = new Map<string, DescribeStatementResponse>();

  async function describe(id: string, waitSeconds: number, signal?: AbortSignal) {
    const known = finished.get(id);
    if (known !== undefined) return known;
    const described = await fetchState(id, waitSeconds, signal);
    if (described.Status === 'FINISHED') {
      finished.set(id, described);
      for (const [oldest] of finished) if (finished.size > MAX_FINISHED_KEPT) finished.delete(oldest);
    }
    return described;
  }

  async function fetchState(id: string, waitSeconds: number, signal?: AbortSignal) {
    const command = new DescribeStatementCommand({
      Id: id,
      ...(waitSeconds > 0 ? { WaitTimeSeconds: Math.min(30, Math.ceil(waitSeconds)) } : {}),
    });
    return await attempt(
      {
        doing: `describe statement ${id} of ${name}`,
        action: 'redshift-data:DescribeStatement',
        cases: statementCases(id),
        signal,
      },
      (send) => client.send(command, send),
    );
  }

  const readPage = (id: string, resultId: string, next: string | undefined, signal?: AbortSignal) =>
    attempt(
      {
        doing: `read the result of statement ${resultId} of ${name}`,
        action: 'redshift-data:GetStatementResult',
        cases: statementCases(id),
        signal,
      },
      (send) => resultPage(client, resultId, next, send),
    );

  return {
    slots,
    async submit(statements, { name: statementName, clientToken }) {
      const [first] = statements;
      if (first === undefined || statements.length > MAX_STATEMENTS_PER_BATCH) {
        throw new Terminal(
          'BatchSize',
          `Cannot submit ${statementName} to ${name}: a batch has 1 to ${MAX_STATEMENTS_PER_BATCH} statements, but this one has ${statements.length}.`,
        );
      }
      const where = {
        ...targetInput(target),
        StatementName: statementName,
        ClientToken: tokenIn(target, clientToken),
      };
      return await attempt(
        {
          doing: `submit ${statementName} to ${name}`,
          action:
            statements.length === 1
              ? 'redshift-data:ExecuteStatement'
              : 'redshift-data:BatchExecuteStatement',
          cases: submitCases(name),
        },
        async (send) => {
          const { Id } =
            statements.length === 1
              ? await client.send(new ExecuteStatementCommand({ ...where, Sql: first }), send)
              : await client.send(
                  new BatchExecuteStatementCommand({ ...where, Sqls: [...statements] }),
                  send,
                );
          if (Id === undefined) {
            throw new Transient(
              'DamagedAnswer',
              `${name} returned no id for ${statementName}. This is retried.`,
            );
          }
          return Id;
        },
      );
    },

    async submitInSession(Sql, { name: StatementName, clientToken, session, keepAliveSeconds }) {
      // A session is used without a target: it has one.
      const where =
        session === undefined
          ? { ...targetInput(target), SessionKeepAliveSeconds: keepAliveSeconds }
          : { SessionId: session };
      return await attempt(
        {
          doing: `submit ${StatementName} to ${name}`,
          action: 'redshift-data:ExecuteStatement',
          cases: sessionCases(name),
        },
        async (send) => {
          const ClientToken = tokenIn(target, clientToken);
          const command = new ExecuteStatementCommand({ ...where, Sql, StatementName, ClientToken });
          const { Id, SessionId } = await client.send(command, send);
          if (Id === undefined || SessionId === undefined) {
            throw new Transient(
              'DamagedAnswer',
              `${name} returned no id or no session for ${StatementName}. This is retried.`,
            );
          }
          return { id: Id, session: SessionId };
        },
      );
    },

    async describe(id, { waitSeconds = 0, signal } = {}) {
      return stateOf(await describe(id, waitSeconds, signal));
    },

    async rows(id, n, { signal } = {}) {
      const described = await describe(id, 0, signal);
      const { resultId, isEmpty } = resultOf(described, id, n);
      const rows: Row[] = [];
      // Calls for results have the lowest rate of all, and of a catalogue's queries most find nothing.
      if (isEmpty) return rows;
      let next: string | undefined;
      do {
        const page = await readPage(id, resultId, next, signal);
        // One by one, because a page may have more rows than a call can have arguments.
        for (const row of rowsOf(page)) rows.push(row);
        next = page.nextToken;
      } while (next !== undefined);
      return rows;
    },

    async table(id, { mostRows, signal }) {
      const { resultId } = resultOf(await describe(id, 0, signal), id, 1);
      const cells: ResultTable['rows'][number][] = [];
      let columns: readonly ResultColumn[] = [];
      let next: string | undefined;
      do {
        const page = await readPage(id, resultId, next, signal);
        columns = page.columns;
        for (const row of page.cells) cells.push(row);
        next = page.nextToken;
      } while (next !== undefined && cells.length <= mostRows);
      return { columns, rows: cells.slice(0, mostRows), isWhole: cells.length <= mostRows };
    },

    async running(StatementName, { signal } = {}) {
      const { DbUser: _, SecretArn: __, ...where } = { ...targetInput(target) };
      // Newest first. The name is a prefix of those that are listed.
      const command = new ListStatementsCommand({ ...where, StatementName, Status: 'ALL', MaxResults: 100 });
      const { Statements = [] } = await attempt(
        {
          doing: `list the statements of ${name}`,
          action: 'redshift-data:ListStatements',
          cases: submitCases(name),
          signal,
        },
        (send) => client.send(command, send),
      );
      return Statements.flatMap(({ Id, Status, StatementName: found }) =>
        Id !== undefined && found === StatementName && isOpen(Status) ? [Id] : [],
      );
    },

    async cancel(id) {
      try {
        const { Status } = await client.send(new CancelStatementCommand({ Id: id }));
        return Status === true;
      } catch (error) {
        // A statement that has ended is rejected with an undocumented message, so check its state instead.
        if (nameOf(error) === 'ValidationException' && hasEnded(stateOf(await describe(id, 0)))) return false;
        throw awsError(error, {
          doing: `cancel statement ${id} of ${name}`,
          action: 'redshift-data:CancelStatement',
          cases: statementCases(id),
        });
      }
    },
  };
}

const isOpen = (status: string | undefined) =>
  status === 'SUBMITTED' || status === 'PICKED' || status === 'STARTED';

/**
 * A result's id, and whether the service says that it has no rows. In a batch, a result is that of a sub-statement.
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_SubStatementData.html
 */
function resultOf(
  described: DescribeStatementResponse,
  id: string,
  n: number,
): { readonly resultId: string; readonly isEmpty: boolean } {
  const parts = described.SubStatements ?? [];
  const count = Math.max(parts.length, 1);
  const part = parts.length === 0 ? described : parts[n - 1];
  if (part === undefined || n < 1 || n > count) {
    throw new Terminal('NoResult', `Batch ${id} has ${count} statements, so there is no result ${n}.`);
  }
  if (described.Status !== 'FINISHED') {
    throw new Terminal(
      'NoResult',
      `Statement ${id} has the status ${described.Status}. Only a finished statement has a result.`,
    );
  }
  if (part.HasResultSet === false) {
    throw new Terminal('NoResult', `Statement ${n} of batch ${id} returns no rows.`);
  }
  return {
    resultId: parts.length === 0 ? id : (part.Id ?? `${id}:${n}`),
    isEmpty: part.HasResultSet === true && part.ResultRows === 0,
  };
}

async function resultPage(
  client: RedshiftDataClient,
  id: string,
  token: string | undefined,
  send: object,
): Promise<ResultPage> {
  const command = new GetStatementResultCommand({
    Id: id,
    ...(token === undefined ? {} : { NextToken: token }),
  });
  let page: ResultPage | undefined;
  takeRawResponse(command, (body) => {
    page = parseResultResponse(body);
  });
  await client.send(command, send);
  if (page === undefined) {
    throw new Transient(
      'DamagedAnswer',
      `The response for the result of statement ${id} has no body. The result is read again.`,
    );
  }
  return page;
}

/**
 * The token to send for a batch. It includes the warehouse, because two warehouses of an account may have schemas and
 * runs with the same names, and must not receive each other's statements.
 */
function tokenIn({ workgroup, cluster, database }: WarehouseTarget, token: string): string {
  return fingerprint(JSON.stringify([workgroup, cluster, database, token]), 64);
}

function targetInput({ workgroup, cluster, dbUser, secretArn, database }: WarehouseTarget) {
  return {
    Database: database,
    ...(workgroup === undefined ? {} : { WorkgroupName: workgroup }),
    ...(cluster === undefined ? {} : { ClusterIdentifier: cluster }),
    ...(dbUser === undefined ? {} : { DbUser: dbUser }),
    ...(secretArn === undefined ? {} : { SecretArn: secretArn }),
  };
}

/** The warehouse's name in messages. */
function warehouseName({ workgroup, cluster, database }: WarehouseTarget): string {
  return `Redshift database ${database} of ${workgroup === undefined ? `cluster ${cluster}` : `workgroup ${workgroup}`}`;
}
