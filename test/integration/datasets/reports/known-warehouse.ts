import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { stringify } from 'yaml';
import { createDatasetActivities } from '../../../../src/activities/datasets/dataset-activities.ts';
import { createGraphControlActivities } from '../../../../src/activities/datasets/derived/graph-activities.ts';
import type { Row, Warehouse } from '../../../../src/clients/warehouse.ts';
import type {
  BuildPartitionInput,
  BuildPartitionResult,
} from '../../../../src/contract/datasets/datasets.ts';
import type { PlanDatasetsResult } from '../../../../src/contract/datasets/graph.ts';
import { valueOfPath } from '../../../../src/pipeline/datasets/graph/partition-values.ts';
import { columnType } from '../../../../src/pipeline/datasets/records/column-type.ts';
import { Pointers } from '../../../../src/store/datasets/changed-pointers.ts';
import { publishedGeneration } from '../../../../src/store/datasets/dataset-documents.ts';
import { download } from '../../../../src/store/datasets/local-files.ts';
import { findDocument } from '../../../../src/store/document.ts';
import {
  dependenciesFromEnvironment,
  type WorkerDependencies,
} from '../../../../src/workers/dependencies.ts';
import { runSql } from '../../../run-sql.ts';

const MODULE = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  currency: { type: 'string', from: 'currency' },
  rate: { type: 'decimal(18,8)', from: 'rate' },
  at: { type: 'timestamp', from: 'at' },
});

export async function fetch({ partition, secrets }) {
  return [
    { currency: 'EUR', rate: secrets.RATE + partition.slice(-2), at: partition + 'T10:00:00.123456Z' },
    { currency: 'G"B,P', rate: '1.00', at: null },
  ];
}
`;

const AMOUNTS = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  amount: { type: 'decimal(25,10)', from: 'amount' },
  large: { type: 'decimal(36,0)', from: 'large' },
  largest: { type: 'decimal(38,37)', from: 'largest' },
  bytes: { type: 'binary', from: 'bytes' },
});

export const fetch = async () => [
  { amount: '-999999999999999.9999999999', large: '9'.repeat(36), largest: '-9.' + '9'.repeat(37), bytes: 'AP8Q' },
  { amount: '0.0000000001', large: '-1', largest: null, bytes: '' },
  { amount: null, large: null, largest: '0', bytes: null },
];
`;

const SQL = {
  exact: "SELECT amount, large, largest, FROM_VARBYTE(bytes, 'hex') AS bytes FROM amounts",
  daily: 'SELECT currency, sum(rate) AS rate, max("at") AS "at", count(*) AS n FROM rates GROUP BY currency;',
  monthly: `SELECT d.currency, sum(d.rate) AS rate, sum(d.n) AS n
    FROM daily AS d JOIN rates AS r ON r.day = d.day AND r.currency = d.currency GROUP BY d.currency`,
  report: 'SELECT currency, rate FROM monthly',
};

const COLUMNS = { currency: 'string', rate: 'decimal(18,8)', n: 'bigint' };

interface Stack {
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly bucket: string;
  readonly warehouse: { readonly workgroup: string; readonly database: string };
  /** Of the schema, and of the prefix in the bucket. */
  readonly name: string;
}

/**
 * Rates, which are fetched; statistics of days and months in a warehouse; and a report of DuckDB. Partitions are built here, without
 * Temporal, so that a build can die at any call.
 */
export class KnownWarehouse {
  readonly dependencies: WorkerDependencies;
  readonly schema: string;
  readonly #stack: Stack;
  /** What the rates begin with. */
  rate = '1.';

  constructor(stack: Stack) {
    this.#stack = stack;
    this.schema = stack.name;
    const directory = mkdtempSync(join(stack.directory, 'warehouse-'));
    writeFileSync(join(directory, 'rates.ts'), MODULE);
    writeFileSync(join(directory, 'amounts.ts'), AMOUNTS);
    for (const [file, sql] of Object.entries(SQL)) writeFileSync(join(directory, `${file}.sql`), sql);
    const iamRole = 'arn:aws:iam::123456789012:role/copy';
    const inTable = (table: string) => ({
      ...{ engine: 'redshift', sql: `./${table}.sql` },
      warehouse: { ...stack.warehouse, schema: stack.name, table, iamRole },
    });
    const month = { column: 'month', unit: 'month' };
    const datasets = {
      rates: {
        ...{ fetch: './rates.ts', secrets: ['RATE'], partition: { column: 'day' } },
        expect: { from: '2026-10-01', until: '2026-10-22' },
      },
      daily: {
        ...{ ...inTable('daily'), inputs: { rates: 'same-day' }, partition: { column: 'day' } },
        columns: { ...COLUMNS, at: 'timestamp' },
        checks: { few: { max: 1, severity: 'warn' }, some: { min: 1 } },
      },
      monthly: {
        ...{
          ...inTable('monthly'),
          inputs: { daily: 'days-of-month', rates: 'days-of-month' },
          columns: COLUMNS,
          partition: month,
        },
      },
      amounts: {
        ...{ fetch: './amounts.ts', partition: { column: 'day' } },
        expect: { from: '2026-10-01', until: '2026-10-01' },
      },
      exact: {
        ...{ ...inTable('exact'), inputs: { amounts: 'same-day' }, partition: { column: 'day' } },
        columns: {
          ...{ amount: 'decimal(25,10)', large: 'decimal(36,0)', largest: 'decimal(38,37)', bytes: 'string' },
        },
      },
      report: {
        ...{ sql: './report.sql', inputs: { monthly: 'same-month' }, partition: month },
        columns: { currency: 'string', rate: 'decimal(18,8)' },
      },
    };
    const config = join(directory, 'tributary.yaml');
    const store = { bucket: stack.bucket, prefix: stack.name };
    writeFileSync(config, stringify({ defaults: { datasets: { store } }, datasets }));
    this.dependencies = {
      ...dependenciesFromEnvironment({ ...stack.environment, TRIBUTARY_CONFIG: config }),
      environmentVariable: () => this.rate,
    };
  }

  /** Builds a partition in a process of its own, as it were: nothing is known from earlier builds. */
  build(
    input: BuildPartitionInput,
    dependencies: WorkerDependencies = this.dependencies,
  ): Promise<BuildPartitionResult> {
    const activities = createDatasetActivities(dependencies);
    return new MockActivityEnvironment().run(() => activities.buildGeneration(input));
  }

  /** Of the rates, and what is made of them. */
  plan(): Promise<PlanDatasetsResult> {
    const activities = createGraphControlActivities(this.dependencies);
    return new MockActivityEnvironment().run(() =>
      activities.planDatasets({ datasets: ['rates'], now: '2026-11-01T12:00:00Z' }),
    );
  }

  async sql(...statements: string[]): Promise<readonly Row[]> {
    return (await runSql(this.dependencies.warehouse(this.#stack.warehouse), statements)).at(-1) ?? [];
  }

  /** Of each partition: the id of its record in the warehouse, and how often it was replaced. */
  async records(table: string): Promise<Map<string, { readonly id: string; readonly generation: number }>> {
    const rows = await this.sql(
      `SELECT "partition", "id", "generation" FROM ${this.schema}._tributary_partitions WHERE "table" = '${table}'`,
    );
    return new Map(
      rows.map(({ partition, id, generation }) => [
        String(partition),
        { id: String(id), generation: Number(generation) },
      ]),
    );
  }

  /** Of each partition: the record that its pointer names, and what its rows are. */
  async pointers(dataset: string): Promise<Map<string, { readonly record: string; readonly sums: string }>> {
    const { bucket, name } = this.#stack;
    const files = { store: this.dependencies.store(bucket), at: { prefix: `${name}/${dataset}` } };
    const found = await new Pointers().of(files, new AbortController().signal);
    return new Map(
      [...found].map(([path, { built, content }]) => [
        valueOfPath(path),
        { record: built?.record ?? '', sums: content.sums.join() },
      ]),
    );
  }

  /** The published rows, each value as text; NULL is an empty one. */
  async texts(dataset: string): Promise<string[][]> {
    const { bucket, name } = this.#stack;
    const files = { store: this.dependencies.store(bucket), at: { prefix: `${name}/${dataset}` } };
    const { signal } = new AbortController();
    const directory = mkdtempSync(join(this.#stack.directory, 'texts-'));
    const rows: string[][] = [];
    for (const [path, pointer] of await new Pointers().of(files, signal)) {
      const generation = await findDocument(publishedGeneration(files, path, pointer));
      const columns = (generation?.columns ?? []).map((each) => ({ ...each, type: columnType(each.type) }));
      const paths: string[] = [];
      for (const file of generation?.files ?? []) {
        const local = join(directory, `${rows.length}-${paths.length}.parquet`);
        await download(files.store, file, local, signal);
        paths.push(local);
      }
      const table = { columns, partitionColumns: [], partitions: [{ values: [], files: paths }] };
      const sql = "SELECT COALESCE(COLUMNS(*)::VARCHAR, '') FROM t";
      for await (const found of this.dependencies.tableEngine.query({ sql, tables: { t: table }, directory }))
        for (const row of found.rows) rows.push(row.map(String));
    }
    return rows;
  }

  /** Keys below the dataset's prefix. */
  async keys(dataset: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.dependencies
      .store(this.#stack.bucket)
      .list(`${this.#stack.name}/${dataset}/`))
      keys.push(key);
    return keys;
  }
}

/** Dependencies of a process that dies once its nth write is done: no call of it is answered after that. */
export function dyingAfter(
  dependencies: WorkerDependencies,
  writes: number,
): {
  readonly dependencies: WorkerDependencies;
  readonly isDead: () => boolean;
  readonly last: () => string;
} {
  let left = writes;
  let last = '';
  const alive = () => {
    if (left === 0) throw new Error('died');
  };
  const after = async <T>(what: string, done: Promise<T>): Promise<T> => {
    const answer = await done;
    last = what;
    left--;
    alive();
    return answer;
  };
  const guarded =
    <Given extends unknown[], T>(call: (...given: Given) => Promise<T>, what?: string) =>
    async (...given: Given): Promise<T> => {
      alive();
      return what === undefined ? call(...given) : after(`${what} ${String(given[0])}`, call(...given));
    };
  return {
    isDead: () => left === 0,
    last: () => last,
    dependencies: {
      ...dependencies,
      store: (bucket) => {
        const store = dependencies.store(bucket);
        return {
          ...store,
          get: guarded((...given: Parameters<typeof store.get>) => store.get(...given)),
          head: guarded((...given: Parameters<typeof store.head>) => store.head(...given)),
          put: guarded((...given: Parameters<typeof store.put>) => store.put(...given), 'put'),
          putNew: guarded((...given: Parameters<typeof store.putNew>) => store.putNew(...given), 'put new'),
          putIfMatch: guarded(
            (...given: Parameters<typeof store.putIfMatch>) => store.putIfMatch(...given),
            'put if',
          ),
          delete: guarded((...given: Parameters<typeof store.delete>) => store.delete(...given), 'delete'),
        };
      },
      warehouse: (target) => {
        const warehouse = dependencies.warehouse(target);
        return {
          ...warehouse,
          submit: async (statements, options) => {
            alive();
            const id = await warehouse.submit(statements, options);
            if (statements.every((sql) => /^\s*SELECT/i.test(sql))) return id;
            return after(`transaction ${options.name}`, ended(warehouse, id));
          },
        };
      },
    },
  };
}

/** A statement ends in the warehouse, even if its sender has died. */
async function ended(warehouse: Warehouse, id: string): Promise<string> {
  for (;;) {
    const { status } = await warehouse.describe(id, { waitSeconds: 10 });
    if (status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED') return id;
  }
}
