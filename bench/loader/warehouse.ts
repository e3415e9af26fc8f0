import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { StackAddresses } from '../../local/stack/addresses.ts';

/** Runs a few statements beside the worker that is measured. */
export class Warehouse {
  readonly #client: RedshiftDataClient;
  readonly #at: { readonly WorkgroupName: string; readonly Database: string };

  constructor({ endpoint, workgroup, database }: StackAddresses['redshiftData'], region: string) {
    this.#client = new RedshiftDataClient({ endpoint, region });
    this.#at = { WorkgroupName: workgroup, Database: database };
  }

  async run(sql: string): Promise<string> {
    const command = new ExecuteStatementCommand({
      ...this.#at,
      Sql: sql,
      ClientToken: randomBytes(16).toString('hex'),
    });
    const { Id } = await this.#client.send(command);
    for (;;) {
      const { Status, Error: error } = await this.#client.send(new DescribeStatementCommand({ Id }));
      if (Status === 'FINISHED') return Id!;
      if (Status === 'FAILED' || Status === 'ABORTED') throw new Error(`${sql}: ${error}`);
      await wait(50);
    }
  }

  /** Rows of a table. */
  async count(table: string): Promise<number> {
    const Id = await this.run(`SELECT count(*) FROM ${table}`);
    const { Records } = await this.#client.send(new GetStatementResultCommand({ Id }));
    return Number(Records?.[0]?.[0]?.longValue);
  }

  close(): void {
    this.#client.destroy();
  }
}
