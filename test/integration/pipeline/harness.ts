import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { createTable, type Item, loadItems } from '../../../local/demo/load-items.ts';
import { stackEnvironment } from '../../../local/stack/addresses.ts';
import type { SegmentThreads } from '../../../src/activities/runtime/segment-context.ts';
import { dynamodbClient } from '../../../src/clients/dynamodb/dynamodb-table-source.ts';
import { Terminal } from '../../../src/clients/errors.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { Row, Warehouse } from '../../../src/clients/warehouse.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { definitionIn } from '../../../src/config/find-pipeline.ts';
import { CONTROL_TASK_QUEUE, type RefreshInput, type RefreshResult } from '../../../src/contract/refresh.ts';
import { type Pipeline, withWarehouse } from '../../../src/pipeline/definition/pipeline.ts';
import { PipelineDefinition } from '../../../src/pipeline/definition/pipeline-definition.ts';
import type { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import { dependenciesFromEnvironment, type WorkerDependencies } from '../../../src/workers/dependencies.ts';
import { createWorkers, runWorkers } from '../../../src/workers/worker.ts';
import type { refreshWarehouse } from '../../../src/workflows/refresh/refresh-warehouse.ts';
import { runSql, textRow } from '../../run-sql.ts';
import { testStack, testWorkflowBundle } from '../setup/stack.ts';
import { until } from './until.ts';

/** The parts of a pipeline's definition that a test may set. */
export interface Overrides {
  readonly source?: Record<string, unknown>;
  readonly staging?: Record<string, unknown>;
  readonly warehouse?: Record<string, unknown>;
  readonly mapping?: Record<string, unknown>;
  readonly maxRejects?: number;
  readonly redactValues?: boolean;
  readonly descriptions?: Record<string, unknown>;
}

export interface TestPipeline {
  readonly pipeline: string;
  readonly schema: string;
  readonly definition: PipelineDefinition;
}

/** Segments that a test's worker extracts at once, on any machine: tests wait until several of them hang. */
export const TEST_EXTRACT_SLOTS = 8;

export const uniqueName = (prefix: string) => `${prefix}_${randomBytes(4).toString('hex')}`;

/** As a worker reports what its configuration lacks. */
function terminal<T>(find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (error instanceof ConfigError) throw new Terminal(error.code, error.message);
    throw error;
  }
}

/**
 * The real parts, and a separate Temporal namespace, which keeps workers of other files away. Tests get one by
 * `withHarness`.
 */
export class Harness {
  readonly namespace = uniqueName('test');
  /** Names no configuration file: the one in this directory has none of the tests' pipelines. */
  readonly environment = { ...stackEnvironment(testStack()), TRIBUTARY_CONFIG: 'none.yaml' };
  readonly dynamodb: DynamoDBClient;
  /** The pipelines that this harness's workers know: of one warehouse, or of several destinations. */
  readonly definitions = new Map<string, PipelineDefinition | Pipeline>();
  /** Loaders that this harness's workers know. */
  readonly loaders = new Map<string, LoaderDefinition>();
  readonly dependencies: WorkerDependencies;
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  client!: Client;
  readonly #closers: (() => unknown)[] = [];
  #directory: string | undefined;

  constructor() {
    // The SDK's default credential chain reads the process's environment.
    Object.assign(process.env, this.environment);
    const real = dependenciesFromEnvironment(this.environment);
    this.dependencies = {
      ...real,
      pipelineOf: async (pipeline) => this.#pipeline(pipeline),
      definitionOf: async (pipeline, destination) =>
        terminal(() => definitionIn(pipeline, this.#pipeline(pipeline), destination)),
      loaders: async () => Object.fromEntries(this.loaders),
      derivedDatasets: async () => ({}),
      fetchedDatasets: async () => ({}),
      publications: async () => ({}),
    };
    this.dynamodb = dynamodbClient({
      endpoint: testStack().dynamodb.endpoint,
      region: testStack().dynamodb.region,
    });
    this.onClose(() => this.dynamodb.destroy());
    this.store = real.store(testStack().s3.bucket);
    const { workgroup, database } = testStack().redshiftData;
    this.warehouse = real.warehouse({ workgroup, database });
  }

  #pipeline(name: string): Pipeline {
    const found = this.definitions.get(name);
    if (found === undefined) throw new Terminal('UnknownPipeline', `No pipeline "${name}".`);
    return 'destinations' in found ? found : withWarehouse(found);
  }

  async open(): Promise<void> {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const connection = await Connection.connect({ address: testStack().temporal.address });
    this.onClose(() => connection.close());
    await connection.workflowService.registerNamespace({
      namespace: this.namespace,
      workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
    });
    this.client = new Client({ connection, namespace: this.namespace });
  }

  /** Registers Tributary's search attributes in its namespace. */
  async registerSearchAttributes(): Promise<void> {
    const service = this.client.connection.operatorService;
    const { namespace } = this;
    await service.addSearchAttributes({
      namespace,
      searchAttributes: { TributaryPipeline: 2, TributaryRun: 2, TributaryState: 2 },
    });
    await until(
      async () => (await service.listSearchAttributes({ namespace })).customAttributes,
      (found) => found?.TributaryState === 2,
    );
  }

  /** Has `close` called when the harness closes: the last one registered first. */
  onClose(close: () => unknown): void {
    this.#closers.unshift(close);
  }

  /** A directory for the tests' files, deleted when the harness has closed everything else. */
  directory(): string {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'tributary-test-files-'));
    return this.#directory;
  }

  /** Creates a DynamoDB table with the string keys pk and sk, and writes these items to it. */
  async createTable(table: string, items: readonly Item[]): Promise<void> {
    await createTable(this.dynamodb, table);
    await loadItems(this.dynamodb, table, items);
  }

  /** Writes these items to a table, in addition to those it has. */
  addItems(table: string, items: readonly Item[]): Promise<unknown> {
    return loadItems(this.dynamodb, table, items);
  }

  /**
   * Runs both workers until the harness closes or the returned function is called.
   * @param extractThreads if omitted, segments are extracted in this thread, with the dependencies
   * @param workflowBundle default: that of all workflows
   */
  async startWorkers(
    dependencies: WorkerDependencies = this.dependencies,
    extractThreads?: SegmentThreads,
    workflowBundle: { readonly codePath: string } = testWorkflowBundle(),
  ): Promise<() => Promise<void>> {
    const connection = await NativeConnection.connect({ address: testStack().temporal.address });
    const stopping = new AbortController();
    const workers = await createWorkers({
      connection,
      namespace: this.namespace,
      dependencies: { stopping: stopping.signal, ...dependencies },
      workflowBundle,
      extractSlots: TEST_EXTRACT_SLOTS,
      extractThreads,
    });
    const running = runWorkers(workers);
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= (async () => {
        stopping.abort();
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
        await running;
        await connection.close();
      })();
      return stopped;
    };
    this.onClose(stop);
    return stop;
  }

  /** Defines a new pipeline from the table to a schema of its own. This harness's workers know it by its name. */
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
      redactValues: overrides.redactValues ?? false,
      descriptions: overrides.descriptions,
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

  /** Starts a run and waits until it ends and Temporal lists it as completed, which may take a second or two more. */
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

  /** Runs statements in one transaction. @returns the rows of the last one, if it is a query. */
  async sql(...statements: string[]): Promise<readonly Row[]> {
    return (await runSql(this.warehouse, statements)).at(-1) ?? [];
  }

  /** All rows of a table, each as column → value as text. */
  async rowsOf(schema: string, table: string): Promise<Record<string, string | null>[]> {
    const rows = await this.sql(`SELECT * FROM "${schema}"."${table}"`);
    return rows.map(textRow);
  }

  /** The tables of a schema, except Tributary's own. */
  async tablesOf(schema: string): Promise<string[]> {
    const rows = await this.sql(
      `SELECT table_name FROM svv_tables WHERE table_schema = '${schema}' ORDER BY table_name`,
    );
    return rows.map((row) => String(row.table_name)).filter((name) => !name.startsWith('_tributary'));
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.splice(0)) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    if (failures.length > 0) throw new AggregateError(failures, 'the harness could not close everything');
  }
}
