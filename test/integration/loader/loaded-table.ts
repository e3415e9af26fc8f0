import { createHash, randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { stackEnvironment } from '../../../local/stack/addresses.ts';
import { runLongTransaction } from '../../../src/activities/sql/transaction.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { Row, Warehouse } from '../../../src/clients/warehouse.ts';
import { addColumnStatements } from '../../../src/pipeline/merge/add-columns.ts';
import type { BatchFile, BatchLoad, FileGroup, Statement } from '../../../src/pipeline/merge/batch-load.ts';
import { batchStatements } from '../../../src/pipeline/merge/batch-statements.ts';
import { type BatchRow, batchQuery, batchRow } from '../../../src/pipeline/merge/batches-table.ts';
import { beside, besideName } from '../../../src/pipeline/merge/beside-tables.ts';
import { createBesideTables } from '../../../src/pipeline/merge/create-tables.ts';
import { fileListBody, needsFileList } from '../../../src/pipeline/merge/file-list.ts';
import { type LedgerFile, ledgerFiles, ledgerQueries } from '../../../src/pipeline/merge/ledger-queries.ts';
import { initLock, type LockRow, lockQuery, lockRow } from '../../../src/pipeline/merge/lock-table.ts';
import { batchManifestBody } from '../../../src/pipeline/merge/staging.ts';
import type { MergeRule, Target, TargetColumn } from '../../../src/pipeline/merge/target.ts';
import { type FoundTarget, foundTarget, targetQuery } from '../../../src/pipeline/merge/target-query.ts';
import { guardOf, sqlOf } from '../../../src/pipeline/sql/guarded-statement.ts';
import { dependenciesFromEnvironment } from '../../../src/workers/dependencies.ts';
import { runSql, textRow } from '../../run-sql.ts';
import { testStack } from '../setup/stack.ts';

/** Means NULL in the files of these tests. */
const NULL_TEXT = '\\N';

/** A file of a test: its columns, and its rows as texts, NULL as null. */
export interface TestFile {
  /** Default: a name of its own. */
  readonly key?: string;
  /** Names of its header; those that the table has go there. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The real S3 and the local Redshift, without Temporal. */
export class Stack {
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;

  /** @param warehouse default: that of the stack */
  constructor(warehouse?: Warehouse) {
    const environment = { ...stackEnvironment(testStack()), TRIBUTARY_CONFIG: 'none.yaml' };
    Object.assign(process.env, environment);
    const real = dependenciesFromEnvironment(environment);
    this.store = real.store(testStack().s3.bucket);
    const { workgroup, database } = testStack().redshiftData;
    this.warehouse = warehouse ?? real.warehouse({ workgroup, database });
  }

  /** Runs one transaction. @returns the rows of its last statement, if that is a query. */
  async sql(...statements: string[]): Promise<readonly Row[]> {
    return (await runSql(this.warehouse, statements)).at(-1) ?? [];
  }

  /** Runs a transaction of a loader. @throws GuardFailed with the guard's name as its message, and what else fails */
  async run(statements: readonly Statement[]): Promise<void> {
    const transaction = {
      name: 'batch',
      scope: randomBytes(8).toString('hex'),
      statements: sqlOf(statements),
    };
    try {
      await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() =>
        runLongTransaction(this.warehouse, transaction, new AbortController().signal),
      );
    } catch (error) {
      if ((error as Error).name !== 'GuardFailed') throw error;
      throw new Error(`guard ${guardOf(statements, (error as { statement?: number }).statement)}`);
    }
  }
}

/** A live table with a loader's tables beside it. */
export class LoadedTable {
  readonly stack: Stack;
  readonly schema: string;
  readonly table: string;
  readonly rule: MergeRule | undefined;
  #batch = 0;

  private constructor(stack: Stack, schema: string, table: string, rule: MergeRule | undefined) {
    this.stack = stack;
    this.schema = schema;
    this.table = table;
    this.rule = rule;
  }

  /** @param columns of the CREATE TABLE */
  static async create(
    stack: Stack,
    schema: string,
    columns: string,
    rule?: MergeRule,
    table = `t_${randomBytes(4).toString('hex')}`,
  ): Promise<LoadedTable> {
    const made = new LoadedTable(stack, schema, table, rule);
    await stack.sql(`CREATE TABLE "${schema}"."${table}" (${columns})`);
    const target = await made.target();
    await stack.sql(...createBesideTables(target, rule));
    await stack.sql(...initLock(target, target.tableId));
    return made;
  }

  async target(): Promise<FoundTarget> {
    const found = foundTarget(
      this.schema,
      this.table,
      await this.stack.sql(targetQuery(this.schema, this.table)),
    );
    if (found === undefined) throw new Error(`no table ${this.table}`);
    return found;
  }

  /** The table of tombstones, as the catalogue has it. */
  async tombstonesTable(): Promise<FoundTarget> {
    const name = besideName('tombstones', this.table);
    return foundTarget(this.schema, name, await this.stack.sql(targetQuery(this.schema, name)))!;
  }

  /** Plans a batch of these files, and writes what it reads to S3. Files with the same columns are one group. */
  async plan(files: readonly TestFile[], more: Partial<BatchLoad> = {}): Promise<BatchLoad> {
    const target = await this.target();
    const lock = await this.lock();
    const batch = ++this.#batch;
    const prefix = `loader-tests/${this.schema}/${this.table}/${batch}-${randomBytes(4).toString('hex')}`;
    const { store } = this.stack;
    const written: BatchFile[] = [];
    const groups: FileGroup[] = [];
    const byColumns = Map.groupBy(files, ({ columns }) => JSON.stringify(columns));
    for (const [n, [columns, some]] of [...byColumns].entries()) {
      const inGroup: BatchFile[] = [];
      for (const [i, file] of some.entries()) {
        const body = csv(file);
        const key = file.key ?? `${prefix}/file-${n}-${i}.csv`;
        await store.put(key, body);
        inGroup.push({ bucket: store.bucket, key, etag: md5(body), bytes: Buffer.byteLength(body) });
      }
      const manifestKey = `${prefix}/group-${n}.manifest`;
      await store.put(manifestKey, batchManifestBody(inGroup));
      written.push(...inGroup);
      groups.push({
        format: 'csv',
        columns: (JSON.parse(columns) as string[]).map((name) => ({
          name,
          column: target.columns.find((each) => each.name === name.toLowerCase())?.name,
        })),
        copyOptions: [
          'FORMAT AS CSV',
          'IGNOREHEADER 1',
          `NULL AS '${NULL_TEXT}'`,
          "DATEFORMAT 'auto' TIMEFORMAT 'auto'",
        ],
        manifestKey,
      });
    }
    const load: BatchLoad = {
      target,
      merge: this.rule,
      batch,
      attempt: `attempt-${batch}`,
      version: lock.version,
      tableId: lock.tableId,
      files: written,
      groups,
      bucket: store.bucket,
      iamRole: 'arn:aws:iam::123456789012:role/copy',
      ...more,
    };
    if (!needsFileList(load)) return load;
    const fileListKey = `${prefix}/files.csv`;
    await store.put(fileListKey, fileListBody(load));
    return { ...load, fileListKey };
  }

  /** Plans a batch of one JSON file. */
  async planJson(columns: readonly string[], text: string): Promise<BatchLoad> {
    const load = await this.plan([]);
    const { store } = this.stack;
    const key = `loader-tests/${this.schema}/${this.table}/${load.batch}.json`;
    const file = { bucket: store.bucket, key, etag: md5(text), bytes: Buffer.byteLength(text) };
    const manifestKey = `${key}.manifest`;
    await store.put(key, text);
    await store.put(manifestKey, batchManifestBody([file]));
    const group: FileGroup = {
      format: 'json',
      columns: columns.map((name) => ({ name, column: name })),
      copyOptions: ["FORMAT AS JSON 'auto'"],
      manifestKey,
    };
    return { ...load, files: [file], groups: [group] };
  }

  run(load: BatchLoad): Promise<void> {
    return this.stack.run(batchStatements(load));
  }

  async load(files: readonly TestFile[], more: Partial<BatchLoad> = {}): Promise<BatchLoad> {
    const load = await this.plan(files, more);
    await this.run(load);
    return load;
  }

  async lock(): Promise<LockRow> {
    return lockRow(await this.stack.sql(lockQuery(this)))!;
  }

  /** The names alone, for statements that need no columns. */
  asTarget(): Target {
    return { schema: this.schema, table: this.table, columns: [] };
  }

  /** What the ledger has under these keys, in the order of batches. */
  async ledger(files: readonly { readonly key: string }[]): Promise<LedgerFile[]> {
    const found: LedgerFile[] = [];
    for (const sql of ledgerQueries(this, files)) found.push(...ledgerFiles(await this.stack.sql(sql)));
    return found.sort((a, b) => a.batch - b.batch);
  }

  async addColumns(...columns: TargetColumn[]): Promise<void> {
    const target = await this.target();
    const lock = await this.lock();
    for (const statements of addColumnStatements({ target, ...lock }, columns))
      await this.stack.run(statements);
  }

  /** The target's rows, as texts. */
  rows(): Promise<Record<string, string | null>[]> {
    return this.#all(`"${this.schema}"."${this.table}"`);
  }

  async tombstones(): Promise<Record<string, string | null>[]> {
    const rows = await this.#all(beside('tombstones', this));
    return rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => name !== '_tributary_recorded_at')),
    );
  }

  async setAside(): Promise<{ reason: string; row: Record<string, unknown> }[]> {
    const rows = await this.#all(beside('set_aside', this));
    return rows.map(({ reason, row_json: json }) => ({
      reason: reason!,
      row: Object.assign({}, ...(JSON.parse(json!) as object[])),
    }));
  }

  async batch(batch: number): Promise<BatchRow | undefined> {
    return batchRow(await this.stack.sql(batchQuery(this, batch)));
  }

  async #all(from: string): Promise<Record<string, string | null>[]> {
    const rows = await this.stack.sql(`SELECT * FROM ${from}`);
    return rows.map(textRow);
  }
}

function csv({ columns, rows }: TestFile): string {
  const field = (value: string | null) => (value === null ? NULL_TEXT : `"${value.replaceAll('"', '""')}"`);
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\n`).join('');
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
