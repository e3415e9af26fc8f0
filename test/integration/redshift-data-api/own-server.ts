import { randomUUID } from 'node:crypto';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import pg from 'pg';
import {
  type RedshiftDataApi,
  startRedshiftDataApi,
} from '../../../packages/redshift-data-local/src/server.ts';
import { testStack } from '../setup/stack.ts';
import { TestClient } from './client.ts';

type Limits = NonNullable<Parameters<typeof startRedshiftDataApi>[0]['limits']>;

/** A server and a database for one test file: its faults, limits and clock affect no other test. */
export class OwnServer {
  readonly client: TestClient;
  readonly #api: RedshiftDataApi;
  readonly #databaseName: string;

  private constructor(api: RedshiftDataApi, databaseName: string) {
    this.#api = api;
    this.#databaseName = databaseName;
    this.client = new TestClient(api.endpoint);
  }

  static async start(limits: Limits = {}): Promise<OwnServer> {
    const { postgres, s3 } = testStack();
    const databaseName = `own_${randomUUID().slice(0, 8)}`;
    await onPostgres(`CREATE DATABASE "${databaseName}"`);
    const postgresUrl = Object.assign(new URL(postgres.url), { pathname: `/${databaseName}` }).href;
    const { endpoint, accessKeyId, secretAccessKey } = s3;
    const api = await startRedshiftDataApi({
      postgresUrl,
      s3: { endpoint, region: 'us-east-1', accessKeyId, secretAccessKey, forcePathStyle: true },
      limits,
      maxRunningStatements: 10,
    });
    return new OwnServer(api, databaseName);
  }

  get endpoint(): string {
    return this.#api.endpoint;
  }

  get sdk(): RedshiftDataClient {
    return this.client.sdk;
  }

  /** Calls the control endpoint. @throws if it refuses */
  async control(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.endpoint}/_control/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${response.status} ${String(answer.error)}`);
    return answer;
  }

  async fault(fault: object): Promise<number> {
    return (await this.control('POST', 'faults', fault)).id as number;
  }

  async stop(): Promise<void> {
    this.client.sdk.destroy();
    await this.#api.close();
    await onPostgres(`DROP DATABASE "${this.#databaseName}" WITH (FORCE)`);
  }
}

async function onPostgres(sql: string): Promise<void> {
  const admin = new pg.Client(testStack().postgres.url);
  await admin.connect();
  await admin.query(sql);
  await admin.end();
}
