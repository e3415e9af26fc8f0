import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createTable, type Item, loadItems } from '../../../local/demo/load-items.ts';
import { stackEnvironment } from '../../../local/stack/addresses.ts';
import { dynamodbClient } from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { Terminal } from '../../../src/clients/errors.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { Row, Warehouse } from '../../../src/clients/warehouse.ts';
import { CONTROL_TASK_QUEUE, type RefreshInput, type RefreshResult } from '../../../src/contract/refresh.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import { dependenciesFromEnvironment, type WorkerDependencies } from '../../../src/workers/dependencies.ts';
import { createWorkers, runWorkers } from '../../../src/workers/worker.ts';
import type { refreshWarehouse } from '../../../src/workflows/refresh/refresh-warehouse.ts';
import { testStack, testWorkflowBundle } from '../setup/stack.ts';
import { until } from './until.ts';

/** What a test may set of a pipeline's definition. */
export interface Overrides {
  readonly source?: Record<string, unknown>;
  readonly staging?: Record<string, unknown>;
  readonly warehouse?: Record<string, unknown>;
  readonly mapping?: Record<string, unknown>;
  readonly maxRejects?: number;
}

export interface TestPipeline {
  readonly pipeline: string;
  readonly schema: string;
  readonly definition: PipelineDefinition;
}

/** Segments that a test's worker extracts at once, on any machine: tests wait until several of them hang. */
export const TEST_EXTRACT_SLOTS = 8;

export const uniqueName = (prefix: string) => `${prefix}_${randomBytes(4).toString('hex')}`;

/** The real parts, with a Temporal namespace of the test file's own, so that no other file's workers interfere. */
export class Harness {
  readonly namespace = uniqueName('test');
  /** Without a configuration file: the one of this directory knows none of the tests' pipelines. */
  readonly environment = { ...stackEnvironment(testStack()), TRIBUTARY_CONFIG: 'none.yaml' };
  readonly dynamodb: DynamoDBClient;
  readonly definitions = new Map<string, PipelineDefinition>();
  readonly dependencies: WorkerDependencies;
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  client!: Client;
  readonly #closers: (() => Promise<void>)[] = [];

  static async start(): Promise<Harness> {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const harness = new Harness();
    const connection = await Connection.connect({ address: testStack().temporal.address });
    await connection.workflowService.registerNamespace({
      namespace: harness.namespace,
      workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
    });
    harness.client = new Client({ connection, namespace: harness.namespace });
    harness.#closers.push(() => connection.close());
    return harness;
  }

  private constructor() {
    // The SDK's default credential chain reads the process's environment.
    Object.assign(process.env, this.environment);
    const real = dependenciesFromEnvironment(this.environment);
    this.dependencies = {
      ...real,
      definitionOf: async (pipeline) => {
        const definition = this.definitions.get(pipeline);
        if (definition === undefined) throw new Terminal('UnknownPipeline', `No pipeline "${pipeline}".`);
        return definition;
      },
    };
    this.dynamodb = dynamodbClient({
      endpoint: testStack().dynamodb.endpoint,
      region: testStack().dynamodb.region,
    });
    this.#closers.push(async () => this.dynamodb.destroy());
    this.store = real.store(testStack().s3.bucket);
    const { workgroup, database } = testStack().redshiftData;
    this.warehouse = real.warehouse({ workgroup, database });
  }

  /** A DynamoDB table with the string keys pk and sk that holds these items. */
  async createTable(table: string, items: readonly Item[]): Promise<void> {
    await createTable(this.dynamodb, table);
    await loadItems(this.dynamodb, table, items);
  }

  /** Runs both workers until the harness is closed, or until the function that comes back is called. */
  async startWorkers(dependencies: WorkerDependencies = this.dependencies): Promise<() => Promise<void>> {
    const connection = await NativeConnection.connect({ address: testStack().temporal.address });
    const workers = await createWorkers({
      connection,
      namespace: this.namespace,
      dependencies,
      workflowBundle: testWorkflowBundle(),
      extractSlots: TEST_EXTRACT_SLOTS,
    });
    const running = runWorkers(workers);
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= (async () => {
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
        await connection.close();
      })();
      return stopped;
    };
    this.#closers.unshift(stop);
    return stop;
  }

  /** A new pipeline of that table into a schema of its own, known to this harness's workers by its name. */
  define(table: string, overrides: Overrides = {}): TestPipeline {
    const pipeline = uniqueName('p');
    const schema = uniqueName('s');
    const { workgroup, database } = testStack().redshiftData;
    const definition = PipelineDefinition.parse({
      source: { kind: 'dynamodb', table, ...overrides.source },
      staging: { bucket: testStack().s3.bucket, prefix: 'test-runs', ...overrides.staging },
      warehouse: {
        kind: 'redshift',
        workgroup,
        database,
        schema,
        iamRole: 'arn:aws:iam::123456789012:role/copy',
        ...overrides.warehouse,
      },
      mapping: overrides.mapping ?? {},
      maxRejects: overrides.maxRejects ?? 0,
    });
    this.definitions.set(pipeline, definition);
    return { pipeline, schema, definition };
  }

  start(
    input: RefreshInput,
    workflowId = uniqueName('refresh'),
  ): Promise<WorkflowHandleWithFirstExecutionRunId<typeof refreshWarehouse>> {
    return this.client.workflow.start<typeof refreshWarehouse>('refreshWarehouse', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId,
      args: [input],
    });
  }

  /** A run from its start to its end, which Temporal's list shows, too: it may be a second or two behind. */
  async runToEnd(input: RefreshInput): Promise<RefreshResult> {
    const handle = await this.start(input);
    const result = await handle.result();
    const query = `WorkflowId = "${handle.workflowId}" AND ExecutionStatus = "Completed"`;
    await until(
      () => this.client.workflow.count(query),
      ({ count }) => count === 1,
    );
    return result;
  }

  /** Statements' rows, in one transaction. */
  async sql(...statements: string[]): Promise<readonly Row[]> {
    const id = await this.warehouse.submit(statements, {
      name: 'test',
      clientToken: randomBytes(16).toString('hex'),
    });
    for (;;) {
      const state = await this.warehouse.describe(id, { waitSeconds: 20 });
      if (state.status === 'FINISHED') break;
      if (state.status === 'FAILED' || state.status === 'ABORTED')
        throw new Error(`${statements.join('; ')}: ${state.error}`);
    }
    return /^\s*(select|with)/i.test(statements.at(-1) as string)
      ? this.warehouse.rows(id, statements.length)
      : [];
  }

  /** Every row of a table: column → value as text. */
  async rowsOf(schema: string, table: string): Promise<Record<string, string | null>[]> {
    const rows = await this.sql(`SELECT * FROM "${schema}"."${table}"`);
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
      ),
    );
  }

  /** The tables of a schema, without Tributary's own. */
  async tablesOf(schema: string): Promise<string[]> {
    const rows = await this.sql(
      `SELECT table_name FROM svv_tables WHERE table_schema = '${schema}' ORDER BY table_name`,
    );
    return rows.map((row) => String(row.table_name)).filter((name) => !name.startsWith('_tributary'));
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
  }
}
