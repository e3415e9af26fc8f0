import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandInput,
  DescribeStatementCommand,
  type DescribeStatementCommandOutput,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  GetStatementResultCommand,
  RedshiftDataClient,
  type StatusString,
} from '@aws-sdk/client-redshift-data';

/** The SDK's client on an endpoint, with the verbs that the tests use. */
export class TestClient {
  readonly sdk: RedshiftDataClient;
  readonly #target: { WorkgroupName: string; Database: string };

  constructor(endpoint: string, workgroup = 'local', database = 'dev') {
    this.sdk = new RedshiftDataClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
    this.#target = { WorkgroupName: workgroup, Database: database };
  }

  async submit(sql: string, more: Partial<ExecuteStatementCommandInput> = {}): Promise<string> {
    return (await this.sdk.send(new ExecuteStatementCommand({ ...this.#target, Sql: sql, ...more }))).Id!;
  }

  async submitBatch(sqls: string[], more: Partial<BatchExecuteStatementCommandInput> = {}): Promise<string> {
    return (await this.sdk.send(new BatchExecuteStatementCommand({ ...this.#target, Sqls: sqls, ...more })))
      .Id!;
  }

  describe(id: string, waitSeconds = 0): Promise<DescribeStatementCommandOutput> {
    return this.sdk.send(new DescribeStatementCommand({ Id: id, WaitTimeSeconds: waitSeconds }));
  }

  /** Waits until a statement is in that state, e.g. `STARTED`. @throws if it ends in another one */
  async until(id: string, status: StatusString): Promise<void> {
    for (;;) {
      const { Status } = await this.describe(id);
      if (Status === status) return;
      if (hasEnded(Status)) throw new Error(`statement ${id} ended ${Status} and was never ${status}`);
    }
  }

  /** Waits until a statement has ended, however long it takes. */
  async ended(id: string): Promise<DescribeStatementCommandOutput> {
    for (;;) {
      const described = await this.describe(id, 30);
      if (hasEnded(described.Status)) return described;
    }
  }

  async run(
    sql: string,
    more: Partial<ExecuteStatementCommandInput> = {},
  ): Promise<DescribeStatementCommandOutput> {
    return this.ended(await this.submit(sql, more));
  }

  async batch(
    sqls: string[],
    more: Partial<BatchExecuteStatementCommandInput> = {},
  ): Promise<DescribeStatementCommandOutput> {
    return this.ended(await this.submitBatch(sqls, more));
  }

  /** Runs statements that must succeed. */
  async must(...sqls: string[]): Promise<void> {
    for (const sql of sqls) {
      const { Status, Error: error } = await this.run(sql);
      if (Status !== 'FINISHED') throw new Error(`${sql}: ${error}`);
    }
  }

  /** The rows of a query, from all pages. */
  async rows(sql: string, more: Partial<ExecuteStatementCommandInput> = {}): Promise<unknown[][]> {
    const { Id: id, Status, Error: error } = await this.run(sql, more);
    if (Status !== 'FINISHED') throw new Error(`${sql}: ${error}`);
    return this.results(id!);
  }

  async results(id: string): Promise<unknown[][]> {
    const rows: unknown[][] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.sdk.send(new GetStatementResultCommand({ Id: id, NextToken }));
      rows.push(...page.Records!.map((record) => record.map(fieldValue)));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return rows;
  }
}

const hasEnded = (status: StatusString | undefined) =>
  status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';

function fieldValue(field: Field): unknown {
  if (field.isNull) return null;
  if (field.blobValue !== undefined) return Buffer.from(field.blobValue).toString('hex');
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue;
}
