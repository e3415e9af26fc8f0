import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { fingerprint } from '../../pipeline/item/fingerprint.ts';
import { clientSettings, type ServiceAddress } from '../aws/aws-client.ts';
import type { Attempt } from '../aws/aws-error-cases.ts';
import { awsError, nameOf } from '../aws/aws-errors.ts';
import { limitAttempts } from '../aws/call-deadline.ts';
import { takeRawAnswer } from '../aws/raw-answer.ts';
import { Terminal, Transient } from '../errors.ts';
import type { StatementSlots } from '../statement-slots.ts';
import type { Row, Warehouse, WarehouseTarget } from '../warehouse.ts';
import { hasEnded } from '../warehouse.ts';
import type { DataApiShare } from './data-api-share.ts';
import { pace } from './paced-client.ts';
import { statementCases, submitCases } from './redshift-errors.ts';
import { parseResultAnswer, type ResultPage } from './redshift-result.ts';
import { stateOf } from './statement-state.ts';

/** BatchExecuteStatement takes at most this many. */
const statementsPerBatch = 40;
/** The longest wait of a call is 30 s, and a page of a result holds 1 MB at most. */
const attemptSeconds = 120;
/** More statements than are read from at once. */
const finishedKept = 100;

/**
 * A Redshift Data API client. Its time limits outlast the longest wait of a call, 30 s.
 * @param share of the rates, which it then keeps to
 */
export function redshiftDataClient(address: ServiceAddress = {}, share?: DataApiShare): RedshiftDataClient {
  const client = limitAttempts(new RedshiftDataClient(clientSettings(address)), attemptSeconds);
  if (share !== undefined) pace(client, share);
  return client;
}

/** One Redshift database behind the Data API. */
export function createRedshiftDataWarehouse(options: {
  readonly client: RedshiftDataClient;
  readonly target: WarehouseTarget;
  readonly slots?: StatementSlots;
}): Warehouse {
  const { client, target, slots } = options;
  const name = warehouseName(target);

  /** Calls the Data API, and classes what fails. */
  async function attempt<T>(what: Attempt, call: (send: object) => Promise<T>): Promise<T> {
    try {
      return await call(what.signal === undefined ? {} : { abortSignal: what.signal });
    } catch (error) {
      throw awsError(error, what);
    }
  }

  /** The last statements seen finished, which change no more: a batch's results are read one after another. */
  const finished = new Map<string, DescribeStatementResponse>();

  async function describe(id: string, waitSeconds: number, signal?: AbortSignal) {
    const known = finished.get(id);
    if (known !== undefined) return known;
    const described = await askState(id, waitSeconds, signal);
    if (described.Status === 'FINISHED') {
      finished.set(id, described);
      for (const [oldest] of finished) if (finished.size > finishedKept) finished.delete(oldest);
    }
    return described;
  }

  async function askState(id: string, waitSeconds: number, signal?: AbortSignal) {
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

  return {
    slots,
    async submit(statements, { name: statementName, clientToken }) {
      const [first] = statements;
      if (first === undefined || statements.length > statementsPerBatch) {
        throw new Terminal(
          'BatchSize',
          `Cannot submit ${statementName} to ${name}: a batch holds 1 to ${statementsPerBatch} statements, this one ${statements.length}.`,
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
            throw new Transient('DamagedAnswer', `${name} gave ${statementName} no id; this is tried again.`);
          }
          return Id;
        },
      );
    },

    async describe(id, { waitSeconds = 0, signal } = {}) {
      return stateOf(await describe(id, waitSeconds, signal));
    },

    async rows(id, n, { signal } = {}) {
      const described = await describe(id, 0, signal);
      const resultId = resultIdOf(described, id, n);
      const rows: Row[] = [];
      let next: string | undefined;
      do {
        const page: ResultPage = await attempt(
          {
            doing: `read the result of statement ${resultId} of ${name}`,
            action: 'redshift-data:GetStatementResult',
            cases: statementCases(id),
            signal,
          },
          (send) => resultPage(client, resultId, next, send),
        );
        // One by one: a page may hold more rows than a call can have arguments.
        for (const row of page.rows) rows.push(row);
        next = page.nextToken;
      } while (next !== undefined);
      return rows;
    },

    async cancel(id) {
      try {
        const { Status } = await client.send(new CancelStatementCommand({ Id: id }));
        return Status === true;
      } catch (error) {
        // One that has ended is refused, in words that are not documented: ask for its state instead.
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

/** The id a result is read by: a batch's statements have ids of their own, a single statement only its own. */
function resultIdOf(described: DescribeStatementResponse, id: string, n: number): string {
  const parts = described.SubStatements ?? [];
  const count = Math.max(parts.length, 1);
  const part = parts.length === 0 ? described : parts[n - 1];
  if (part === undefined || n < 1 || n > count) {
    throw new Terminal('NoResult', `Statement ${id} has ${count} statements, there is no result ${n}.`);
  }
  if (described.Status !== 'FINISHED') {
    throw new Terminal(
      'NoResult',
      `Statement ${id} is ${described.Status}: only a finished one has a result.`,
    );
  }
  if (part.HasResultSet === false) {
    throw new Terminal('NoResult', `Statement ${n} of ${id} gives no rows.`);
  }
  return parts.length === 0 ? id : (part.Id ?? `${id}:${n}`);
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
  takeRawAnswer(command, (body) => {
    page = parseResultAnswer(body);
  });
  await client.send(command, send);
  if (page === undefined) {
    throw new Transient(
      'DamagedAnswer',
      `The result of statement ${id} came without an answer; it is read again.`,
    );
  }
  return page;
}

/**
 * The service's token of a batch in this warehouse: two of an account, which may hold schemas and runs of the same
 * names, are not to be given each other's statements.
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

/** The warehouse as messages name it. */
function warehouseName({ workgroup, cluster, database }: WarehouseTarget): string {
  return `Redshift database ${database} of ${workgroup === undefined ? `cluster ${cluster}` : `workgroup ${workgroup}`}`;
}
