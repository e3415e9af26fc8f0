import {
  CancelStatementCommand,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { testStack } from '../setup/stack.ts';
import { until } from './until.ts';

/** COPY into some tables of one staging schema fails or hangs in the local Redshift, until it is fixed. */
export class BrokenTables {
  readonly #tables: readonly string[];
  readonly #stagingSchema: string;
  readonly #faults: number[] = [];
  readonly #api = new RedshiftDataClient({
    endpoint: testStack().redshiftData.endpoint,
    region: testStack().dynamodb.region,
  });

  private constructor(stagingSchema: string, tables: readonly string[]) {
    this.#stagingSchema = stagingSchema;
    this.#tables = tables;
  }

  /** The service refuses the statement, as it refuses one for another warehouse. */
  static async refused(stagingSchema: string, ...tables: string[]): Promise<BrokenTables> {
    const broken = new BrokenTables(stagingSchema, tables);
    await broken.#strike({
      kind: 'error',
      operation: 'BatchExecuteStatement',
      error: 'ValidationException',
      message: 'COPY is refused by this test',
    });
    return broken;
  }

  /** The statement runs and never ends. */
  static async hanging(stagingSchema: string, ...tables: string[]): Promise<BrokenTables> {
    const broken = new BrokenTables(stagingSchema, tables);
    await broken.#strike({ kind: 'never-ends' });
    return broken;
  }

  /** A retry now hangs too. What hangs already keeps hanging until it is retried or cancelled. */
  async hang(): Promise<void> {
    await this.fix();
    await this.#strike({ kind: 'never-ends' });
  }

  async fix(): Promise<void> {
    for (const id of this.#faults.splice(0)) await control('DELETE', `faults/${id}`);
  }

  /** The statements on the staging schema that are running now. */
  async running(): Promise<string[]> {
    const { Statements = [] } = await this.#api.send(
      new ListStatementsCommand({ Status: 'STARTED', MaxResults: 100 }),
    );
    return Statements.filter(({ StatementName = '' }) =>
      StatementName.endsWith(`in ${this.#stagingSchema}`),
    ).map(({ Id }) => Id as string);
  }

  /** Waits until that many of them are running. */
  async untilRunning(count: number): Promise<readonly string[]> {
    return until(
      () => this.running(),
      (found) => found.length === count,
    );
  }

  /** Fixes the tables, and cancels what hangs, as an operator in Redshift would: the load is retried by itself. */
  async release(): Promise<void> {
    await this.fix();
    for (const Id of await this.running()) await this.#api.send(new CancelStatementCommand({ Id }));
  }

  async #strike(fault: object): Promise<void> {
    for (const table of this.#tables) {
      const sql = `COPY "${this.#stagingSchema}"."${table}"`;
      this.#faults.push((await control('POST', 'faults', { ...fault, sql, count: 'always' })).id as number);
    }
  }
}

/** A call of the local Redshift's own interface for tests. */
export async function control(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${testStack().redshiftData.endpoint}/_control/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
}
