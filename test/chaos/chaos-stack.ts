import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListStatementsCommand, type RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { type StackAddresses, stackEnvironment } from '../../local/stack/addresses.ts';
import { dynamodbClient } from '../../src/clients/dynamodb/dynamodb-table-source.ts';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import {
  createRedshiftDataWarehouse,
  redshiftDataClient,
} from '../../src/clients/redshift/redshift-data-warehouse.ts';
import { createS3ObjectStore, s3Client } from '../../src/clients/s3/s3-object-store.ts';
import type { Row, Warehouse } from '../../src/clients/warehouse.ts';
import { bundleWorkflows } from '../bundle-workflows.ts';
import { runSql } from '../run-sql.ts';
import { despiteDrops } from './catalogue-race.ts';
import { WorkerPool } from './worker-pool.ts';

const TASK_TIMEOUT_SECONDS = 2;

/** A running stack as the chaos test uses it: the test's own clients bypass all proxies. */
export class ChaosStack {
  readonly addresses: StackAddresses;
  /** For what schedules write to disk. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workers: WorkerPool;
  readonly workflowBundle: { readonly codePath: string };
  readonly dynamodb: DynamoDBClient;
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  readonly connection: Connection;
  /** How many times as long as on a quiet machine something may take. */
  readonly patience: number;
  readonly #redshift: RedshiftDataClient;

  /**
   * @param directory for the workflow bundle and the schedules' files
   * @param spares workers kept ready to start
   * @param isPatient the machine is busy: everything may take four times as long
   */
  static async connect(
    addresses: StackAddresses,
    directory: string,
    spares: number,
    isPatient = false,
  ): Promise<ChaosStack> {
    mkdirSync(directory, { recursive: true });
    const codePath = join(directory, 'chaos-workflows.js');
    const here = (file: string) => new URL(file, import.meta.url);
    const profiles = here(isPatient ? './patient-profiles.ts' : './profiles.ts');
    const code = await bundleWorkflows(profiles, undefined, here('./child-times.ts'));
    writeFileSync(codePath, code);
    const connection = await Connection.connect({ address: addresses.temporal.address });
    return new ChaosStack(addresses, directory, { codePath }, connection, spares, isPatient ? 4 : 1);
  }

  private constructor(
    addresses: StackAddresses,
    directory: string,
    workflowBundle: { readonly codePath: string },
    connection: Connection,
    spares: number,
    patience: number,
  ) {
    this.patience = patience;
    this.addresses = addresses;
    this.directory = directory;
    this.workflowBundle = workflowBundle;
    this.connection = connection;
    this.environment = stackEnvironment(addresses);
    // The SDK's default credential chain reads the process's environment.
    Object.assign(process.env, this.environment);
    this.workers = new WorkerPool(spares, join(directory, 'compiled'));
    const { dynamodb, s3, redshiftData } = addresses;
    this.dynamodb = dynamodbClient({ endpoint: dynamodb.endpoint, region: dynamodb.region });
    this.store = createS3ObjectStore({ client: s3Client({ endpoint: s3.endpoint }), bucket: s3.bucket });
    this.#redshift = redshiftDataClient({ endpoint: redshiftData.endpoint });
    const { workgroup, database } = redshiftData;
    this.warehouse = createRedshiftDataWarehouse({ client: this.#redshift, target: { workgroup, database } });
  }

  /** A workflow's task that a dead worker had taken goes to another one after this time, instead of 10 s. */
  get #quickTasks(): WorkflowClientInterceptor {
    const workflowTaskTimeout = { seconds: (TASK_TIMEOUT_SECONDS * this.patience) as never };
    return {
      startWithDetails: (input, next) =>
        next({ ...input, options: { ...input.options, workflowTaskTimeout } }),
      signalWithStart: (input, next) =>
        next({ ...input, options: { ...input.options, workflowTaskTimeout } }),
    };
  }

  /** A client with its own namespace. */
  async clientOf(namespace: string): Promise<Client> {
    await this.connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
    });
    return new Client({
      connection: this.connection,
      namespace,
      interceptors: { workflow: [this.#quickTasks] },
    });
  }

  /** Runs statements in one transaction. @returns the rows of each that is a query. */
  sql(...statements: string[]): Promise<(readonly Row[])[]> {
    return despiteDrops(() => runSql(this.warehouse, statements));
  }

  /** Names of the statements on a schema that have not ended. */
  async openStatements(schema: string): Promise<string[]> {
    const open: string[] = [];
    for (const Status of ['SUBMITTED', 'PICKED', 'STARTED'] as const) {
      const { Statements = [] } = await this.#redshift.send(
        new ListStatementsCommand({ Status, MaxResults: 100 }),
      );
      for (const { StatementName: name = '' } of Statements) if (name.includes(schema)) open.push(name);
    }
    return open;
  }

  async close(): Promise<void> {
    await this.workers.close();
    this.dynamodb.destroy();
    this.#redshift.destroy();
    await this.connection.close();
  }
}
