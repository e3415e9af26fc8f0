import { beforeAll, expect } from '@jest/globals';
import type { WorkflowFailedError, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { skipFiles } from '../../../src/activities/load-batch/skip-files.ts';
import type { Dependencies } from '../../../src/activities/runtime/dependencies.ts';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { rootCause } from '../../../src/contract/failure.ts';
import type {
  AcceptTableInput,
  LoadBatchInput,
  LoadBatchResult,
} from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE } from '../../../src/contract/refresh.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import {
  batchClosedKey,
  batchDirectory,
  batchFailureKey,
  batchKey,
  type LoaderLocation,
  openKey,
} from '../../../src/pipeline/loader/loader-directory.ts';
import {
  Batch,
  BatchClosed,
  BatchFailure,
  type BatchReason,
} from '../../../src/pipeline/loader/loader-documents.ts';
import { bareEtag, type SourceFile } from '../../../src/pipeline/loader/source-file.ts';
import { anyWriter, claim } from '../../../src/store/claim.ts';
import { findDocument } from '../../../src/store/document.ts';
import type { WorkerDependencies } from '../../../src/workers/dependencies.ts';
import type { loadBatch } from '../../../src/workflows/loader/load-batch.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';
import { withHarness } from '../pipeline/with-harness.ts';
import { testStack } from '../setup/stack.ts';

/** The parts of a loader's definition that a test sets. */
interface Overrides {
  readonly source?: Record<string, unknown>;
  readonly format?: Record<string, unknown>;
  readonly target?: Record<string, unknown>;
  readonly merge?: Record<string, unknown>;
  readonly [setting: string]: unknown;
}

/** A loader of a test, with a schema, a source prefix and a directory of its own. */
export class TestLoader {
  readonly name = uniqueName('l');
  readonly schema = uniqueName('s');
  readonly table = 'quakes';
  readonly definition: LoaderDefinition;
  readonly at: LoaderLocation;
  readonly #harness: Harness;
  readonly #dependencies: Dependencies;
  #batches = 0;

  constructor(
    harness: Harness,
    dependencies: Dependencies,
    { source, format, target, ...others }: Overrides,
  ) {
    const { workgroup, database } = testStack().redshiftData;
    this.#harness = harness;
    this.#dependencies = dependencies;
    this.definition = LoaderDefinition.parse({
      source: { bucket: harness.store.bucket, prefix: `landing/${this.name}/`, ...source },
      format: { kind: 'csv', ...format },
      target: {
        workgroup,
        database,
        schema: this.schema,
        table: this.table,
        iamRole: 'arn:aws:iam::123456789012:role/copy',
        ...target,
      },
      staging: { bucket: harness.store.bucket, prefix: `loaders-of-tests/${this.name}` },
      ...others,
    });
    this.at = { prefix: this.definition.staging.prefix, table: this.definition.target };
  }

  get store(): ObjectStore {
    return this.#harness.store;
  }

  /** Creates the schema and the table. @param columns in SQL */
  async createTable(columns: string): Promise<void> {
    await this.#harness.sql(
      `CREATE SCHEMA IF NOT EXISTS "${this.schema}"`,
      `CREATE TABLE "${this.schema}"."${this.table}" (${columns})`,
    );
  }

  /** Puts a file where the loader looks for files. @param name below its prefix */
  async drop(name: string, body: string | Uint8Array): Promise<SourceFile> {
    const key = `${this.definition.source.prefix}${name}`;
    const etag = bareEtag(await this.store.put(key, body));
    return {
      bucket: this.store.bucket,
      key,
      etag,
      bytes: Buffer.byteLength(body),
      at: new Date().toISOString(),
      loader: this.name,
    };
  }

  /** Writes a batch, as the loader does before it loads it. @returns its number */
  async writeBatch(files: readonly SourceFile[], more: Partial<Batch> = {}): Promise<number> {
    const batch = more.batch ?? ++this.#batches;
    const reason: BatchReason = 'files';
    await this.store.put(openKey(this.at, batch), '');
    await claim(
      { store: this.store, key: batchKey(this.at, batch), schema: Batch },
      {
        ...{ version: 1 as const, batch, createdAt: new Date().toISOString(), reason },
        ...{ files: [...files], pages: [], ...more },
      },
      anyWriter,
      new AbortController().signal,
    );
    return batch;
  }

  /** Loads a batch by its number, as an operator may with the stock CLI. */
  start(batch: number, parent?: string): Promise<WorkflowHandleWithFirstExecutionRunId<typeof loadBatch>> {
    const input: LoadBatchInput = { loader: this.name, batch, ...(parent === undefined ? {} : { parent }) };
    return this.#harness.client.workflow.start<typeof loadBatch>('loadBatch', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('batch'),
      args: [input],
    });
  }

  async load(batch: number): Promise<LoadBatchResult> {
    return (await this.start(batch)).result();
  }

  /** Loads these files as one batch. */
  async loadAll(...files: SourceFile[]): Promise<LoadBatchResult> {
    return this.load(await this.writeBatch(files));
  }

  /** The table's rows, ordered by a column, each as column → value as text. */
  async rows(orderedBy = 'id'): Promise<Record<string, string | null>[]> {
    const rows = await this.#harness.rowsOf(this.schema, this.table);
    const keyOf = (row: Record<string, string | null>) => row[orderedBy] ?? '';
    return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
  }

  closed(batch: number): Promise<BatchClosed | undefined> {
    return findDocument({ store: this.store, key: batchClosedKey(this.at, batch), schema: BatchClosed });
  }

  failure(batch: number): Promise<BatchFailure | undefined> {
    return findDocument({ store: this.store, key: batchFailureKey(this.at, batch), schema: BatchFailure });
  }

  /** Keys of the copies that a batch has taken. */
  async copies(batch: number): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(`${batchDirectory(this.at, batch)}files/`)) keys.push(key);
    return keys;
  }

  /** As `loader resume --accept-table` does. */
  async acceptTable(): Promise<void> {
    await this.#harness.client.workflow.execute('acceptTable', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: uniqueName('accept'),
      args: [{ loader: this.name } satisfies AcceptTableInput],
    });
  }

  /** The first half of a skip; the loader then closes the batch. */
  skipFiles(batch: number): Promise<void> {
    return new MockActivityEnvironment().run(() =>
      skipFiles(this.#dependencies, { loader: this.name, batch }, new AbortController().signal),
    );
  }

  isMarkedOpen = async (batch: number) => (await this.store.head(openKey(this.at, batch))) !== undefined;
}

/** Loads a batch that is to be parked. @returns its failure's code and message, and how often its load was tried */
export async function parked(loader: TestLoader, batch: number) {
  const handle = await loader.start(batch);
  const failure = await handle.result().then(
    () => undefined,
    (error: unknown) => error as WorkflowFailedError,
  );
  expect(failure).toBeDefined();
  const { events } = await handle.fetchHistory();
  const started = (events ?? []).map(({ activityTaskStartedEventAttributes: one }) => one?.attempt ?? 0);
  return { ...rootCause(failure!.cause), attempts: Math.max(...started) };
}

/**
 * A harness whose workers know the loaders that tests define.
 * @param disturbed what the workers work with instead of the real clients
 */
export function withLoaders(disturbed: (real: WorkerDependencies) => WorkerDependencies = (real) => real) {
  const harness = withHarness();
  const { loaders } = harness;
  const dependencies = disturbed(harness.dependencies);
  beforeAll(() => harness.startWorkers(dependencies));
  const define = (overrides: Overrides = {}): TestLoader => {
    const loader = new TestLoader(harness, dependencies, overrides);
    loaders.set(loader.name, loader.definition);
    return loader;
  };
  return { harness, dependencies, define, loaders };
}
