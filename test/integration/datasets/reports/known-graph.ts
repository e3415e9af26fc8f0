import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { openGraph } from '../../../../src/activities/datasets/derived/open-graph.ts';
import { PinnedGenerations } from '../../../../src/activities/datasets/derived/pinned.ts';
import { pruneGraph } from '../../../../src/activities/datasets/derived/prune-graph.ts';
import { openDataset } from '../../../../src/activities/datasets/open-dataset.ts';
import { pruneDataset } from '../../../../src/activities/datasets/prune-dataset.ts';
import type { TableQuery } from '../../../../src/clients/table-engine.ts';
import type {
  PlanDatasetsInput,
  PublishGroupInput,
  RefreshGraphInput,
} from '../../../../src/contract/datasets/graph.ts';
import { graphWorkflowId } from '../../../../src/contract/datasets/graph.ts';
import { CONTROL_TASK_QUEUE } from '../../../../src/contract/refresh.ts';
import type { Workflows } from '../../../../src/contract/workflows.ts';
import { textsDirectory } from '../../../../src/pipeline/datasets/dataset-directory.ts';
import { valueOfPath } from '../../../../src/pipeline/datasets/graph/partition-values.ts';
import type { TableColumn } from '../../../../src/pipeline/datasets/parquet/column-type.ts';
import { columnType } from '../../../../src/pipeline/datasets/records/column-type.ts';
import { Pointers } from '../../../../src/store/datasets/changed-pointers.ts';
import { type DatasetFiles, publishedGeneration } from '../../../../src/store/datasets/dataset-documents.ts';
import { download } from '../../../../src/store/datasets/local-files.ts';
import { findTextIndex, listedTexts } from '../../../../src/store/datasets/text-files.ts';
import { findDocument } from '../../../../src/store/document.ts';
import {
  dependenciesFromEnvironment,
  type WorkerDependencies,
} from '../../../../src/workers/dependencies.ts';
import { type Harness, uniqueName } from '../../pipeline/harness.ts';
import { testStack } from '../../setup/stack.ts';

const MODULE = `
import { defineRecords } from '@tributary-data/tributary';

export default defineRecords({
  id: { type: 'bigint', from: 'id' },
  account: { type: 'bigint', from: 'account' },
  day: { type: 'date', from: 'day' },
  kind: { type: 'string', from: 'kind' },
  amount: { type: 'decimal(18,2)', from: 'amount' },
  balance: { type: 'decimal(18,2)', from: 'balance' },
});
`;

const STATS = {
  account: 'bigint',
  credits: 'decimal(18,2)',
  debits: 'decimal(18,2)',
  transactions: 'bigint',
};

const SQL = {
  'daily-stats.sql': `
    SELECT account, coalesce(sum(amount) FILTER (WHERE kind = 'credit'), 0) AS credits,
      coalesce(sum(amount) FILTER (WHERE kind = 'debit'), 0) AS debits, count(*) AS transactions
    FROM transactions GROUP BY account`,
  'monthly-stats.sql': `
    SELECT account, sum(credits) AS credits, sum(debits) AS debits, sum(transactions) AS transactions
    FROM daily_stats GROUP BY account`,
  'statements.sql': `
    SELECT account, sum(credits - debits) AS balance, div_exact(sum(credits), sum(transactions), 4) AS mean_credit
    FROM monthly_stats GROUP BY account`,
};
type SqlFile = keyof typeof SQL;

const day = { column: 'day', timezone: 'Europe/London' };
const month = { column: 'month', unit: 'month', timezone: 'Europe/London' };

type KnownDatasets = Record<'transactions' | 'daily_stats' | 'monthly_stats' | 'statements', object>;

/** Transactions, their daily and monthly statistics, and statements, in a configuration file of their own. */
export class KnownGraph {
  readonly name = uniqueName('g');
  readonly dependencies: WorkerDependencies;
  readonly environment: Record<string, string>;
  readonly #harness: Harness;
  readonly #directory: string;
  readonly #pointers = new Pointers();
  readonly #datasets: readonly string[];

  /**
   * @param expected the first and last day of transactions
   * @param store what else the tables have
   * @param change of the datasets
   */
  constructor(
    harness: Harness,
    expected: { readonly from: string; readonly until: string },
    store: { readonly catalogue?: { readonly kind: 'glue'; readonly database: string } } = {},
    change: (datasets: KnownDatasets) => Record<string, object> = (datasets) => datasets,
  ) {
    this.#harness = harness;
    this.#directory = mkdtempSync(join(harness.directory(), 'graph-'));
    writeFileSync(join(this.#directory, 'transactions.ts'), MODULE);
    for (const file of Object.keys(SQL)) this.step(file as SqlFile);
    const { bucket } = testStack().s3;
    const datasets: KnownDatasets = {
      transactions: {
        source: { bucket, prefix: `${this.name}-raw/` },
        records: './transactions.ts',
        partition: day,
        expect: expected,
      },
      daily_stats: {
        ...{ sql: './daily-stats.sql', inputs: { transactions: 'same-day' } },
        ...{ columns: STATS, partition: day, maxRebuild: 3 },
      },
      monthly_stats: {
        ...{ sql: './monthly-stats.sql', inputs: { daily_stats: 'days-of-month' } },
        ...{ columns: STATS, partition: month },
      },
      statements: {
        ...{ sql: './statements.sql', inputs: { monthly_stats: 'year-to-date' } },
        columns: { account: 'bigint', balance: 'decimal(18,2)', mean_credit: 'decimal(38,4)' },
        checks: {
          not_negative: { sql: 'SELECT * FROM result WHERE balance < 0' },
          control: {
            sql: `SELECT * FROM (SELECT sum(credits - debits) AS wanted FROM monthly_stats), (SELECT sum(balance) AS found FROM result)
              WHERE wanted <> found`,
          },
          few: { max: 4, severity: 'warn' },
        },
        partition: month,
        store: { format: ['parquet', 'tsv'], filePer: 'account' },
      },
    };
    const config = join(this.#directory, 'tributary.yaml');
    const defaults = { datasets: { store: { bucket, prefix: `${this.name}-tables`, ...store } } };
    const publications = { accounting: { datasets: ['statements', 'monthly_stats'] } };
    const changed = change(datasets);
    this.#datasets = Object.keys(changed);
    writeFileSync(config, stringify({ defaults, datasets: changed, publications }));
    this.environment = { ...harness.environment, TRIBUTARY_CONFIG: config };
    this.dependencies = dependenciesFromEnvironment(this.environment);
  }

  /** Writes the SQL of a step. */
  step(file: SqlFile, change: (sql: string) => string = (sql) => sql): void {
    writeFileSync(join(this.#directory, file), change(SQL[file]));
  }

  /** Changes the configuration file. */
  configure(change: (yaml: string) => string): void {
    const path = join(this.#directory, 'tributary.yaml');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  /** Writes any file beside the configuration. */
  write(file: string, text: string): void {
    writeFileSync(join(this.#directory, file), text);
  }

  /** The dependencies of workers that start now: they have the modules as these are. */
  renewed(): WorkerDependencies {
    return dependenciesFromEnvironment(this.environment);
  }

  async put(path: string, records: readonly object[]): Promise<void> {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await this.#harness.store.put(`${this.name}-raw/${path}`, gzipSync(text));
  }

  start(input: RefreshGraphInput = {}) {
    return this.#harness.client.workflow.start<Workflows['refreshGraph']>('refreshGraph', {
      ...{
        workflowId: graphWorkflowId(this.name, uniqueName('t')),
        taskQueue: CONTROL_TASK_QUEUE,
        args: [input],
      },
    });
  }

  async run(input: RefreshGraphInput = {}) {
    return (await this.start(input)).result();
  }

  plan(input: PlanDatasetsInput = {}) {
    return this.#harness.client.workflow.execute<Workflows['planDatasets']>('planDatasets', {
      ...{ workflowId: uniqueName('plan'), taskQueue: CONTROL_TASK_QUEUE, args: [input] },
    });
  }

  publish(accept: NonNullable<PublishGroupInput['accept']> = []) {
    return this.#harness.client.workflow.execute<Workflows['publishGroup']>('publishGroup', {
      ...{ workflowId: uniqueName('publish'), taskQueue: CONTROL_TASK_QUEUE },
      args: [{ publication: 'accounting', accept }],
    });
  }

  explain(dataset: string, partition: string, number?: number, generation?: string) {
    const publication = {
      ...(number === undefined ? {} : { publication: { name: 'accounting', number } }),
      ...(generation === undefined ? {} : { generation }),
    };
    return this.#harness.client.workflow.execute<Workflows['explainPartition']>('explainPartition', {
      ...{ workflowId: uniqueName('explain'), taskQueue: CONTROL_TASK_QUEUE },
      args: [{ dataset, partition, ...publication }],
    });
  }

  approve(dataset: string) {
    return this.#harness.client.workflow.execute<Workflows['approveStep']>('approveStep', {
      ...{ workflowId: uniqueName('approve'), taskQueue: CONTROL_TASK_QUEUE, args: [{ dataset }] },
    });
  }

  /** Deletes what nothing needs, as after so many days. */
  async prune(days: number): Promise<void> {
    const { dependencies } = this;
    const nowMs = Date.now() + days * 86_400_000;
    const deps = {
      ...dependencies,
      bucketMaintenance: (bucket: string) => ({
        ...dependencies.bucketMaintenance(bucket),
        time: async () => new Date(nowMs),
      }),
    };
    const context = { signal: none(), onDeleted: () => {} };
    await pruneGraph(
      deps,
      await openGraph(deps, []),
      ['daily_stats', 'monthly_stats', 'statements'],
      context,
    );
    const pins = (signal: AbortSignal) => new PinnedGenerations(deps, nowMs).of('transactions', signal);
    const source = await openDataset(deps, 'transactions');
    await pruneDataset({ deps, catalogued: undefined, pins, ...context }, source);
  }

  files(dataset: string): DatasetFiles {
    return { store: this.#harness.store, at: { prefix: `${this.name}-tables/${dataset}` } };
  }

  /** By partition, `daily_stats 2026-11-01`: how often its pointer was written, and its generation. */
  async revisions(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const dataset of this.#datasets)
      for (const [path, { revision, generation }] of await this.#pointers.of(this.files(dataset), none()))
        found[`${dataset} ${valueOfPath(path)}`] = `${revision} ${generation}`;
    return found;
  }

  /** By partition: what its rows are, as its pointer has it. */
  async contents(): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for (const dataset of this.#datasets)
      for (const [path, { content }] of await this.#pointers.of(this.files(dataset), none()))
        found[`${dataset} ${valueOfPath(path)}`] = content;
    return found;
  }

  /** The statements as text, by month and account; and the names of all text files that were ever put. */
  async statements(): Promise<{ names: string[]; texts: Record<string, Record<string, string>> }> {
    const files = this.files('statements');
    const names: string[] = [];
    const texts: Record<string, Record<string, string>> = {};
    for (const [path, pointer] of await this.#pointers.of(files, none())) {
      const directory = textsDirectory(files.at, path);
      names.push(...(await listedTexts(files, path, none())).keys());
      const own: Record<string, string> = {};
      for (const { value = 'null', name } of (await findTextIndex(
        files,
        { ...pointer, partition: path },
        none(),
      )) ?? [])
        own[value] = Buffer.from((await files.store.get(directory + name))?.body ?? []).toString();
      texts[valueOfPath(path)] = own;
    }
    return { names, texts };
  }

  /** The published rows of a derived dataset, `2026-11-01 …`, sorted. */
  async rows(dataset: string): Promise<string[]> {
    const { tableEngine } = this.dependencies;
    const directory = mkdtempSync(join(this.#directory, 'query-'));
    const files = this.files(dataset);
    let columns: TableColumn[] = [];
    const partitions: TableQuery['tables'][string]['partitions'][number][] = [];
    for (const [path, pointer] of await this.#pointers.of(files, none())) {
      const generation = await findDocument(publishedGeneration(files, path, pointer));
      columns = (generation?.columns ?? []).map(({ name, type }) => ({ name, type: columnType(type) }));
      const paths: string[] = [];
      for (const file of generation?.files ?? []) {
        const local = join(directory, `${partitions.length}-${paths.length}.parquet`);
        await download(files.store, file, local, none());
        paths.push(local);
      }
      partitions.push({ values: [valueOfPath(path)], files: paths });
    }
    const table = {
      columns,
      partitionColumns: [{ name: 'partition', type: { kind: 'string' as const } }],
      partitions,
    };
    const sql = 'SELECT partition, * EXCLUDE (partition) FROM t ORDER BY ALL';
    const found: string[] = [];
    for await (const { rows } of tableEngine.query({ sql, tables: { t: table }, directory }))
      for (const row of rows) found.push(row.join(' '));
    return found;
  }
}

const none = () => new AbortController().signal;
