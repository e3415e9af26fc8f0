import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import {
  batchWorkflowId,
  type LoaderProgress,
  loaderWorkflowId,
  SIGNAL_HINT,
} from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { LoaderDefinition } from '../../../src/pipeline/loader/loader-definition.ts';
import {
  batchClosedKey,
  batchFailureKey,
  inboxPageKey,
} from '../../../src/pipeline/loader/loader-directory.ts';
import type { SourceFile } from '../../../src/pipeline/loader/source-file.ts';
import { findDocument } from '../../../src/store/document.ts';
import { batchDocument, type LoaderFiles } from '../../../src/store/loader/batch-files.ts';
import type { loadFiles } from '../../../src/workflows/loader/load-files.ts';
import { bundleWorkflows } from '../../bundle-workflows.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { testStack } from '../setup/stack.ts';

interface Situation {
  readonly state?: LoaderProgress['state'];
  readonly current?: number;
  /** All that are loaded next. Default: any. */
  readonly next?: readonly number[];
  /** All that are parked. Default: any. */
  readonly parked?: readonly number[];
}

/** A loader of a table of its own, whose inbox the test fills. */
export class InboxLoader {
  readonly name = uniqueName('l').replaceAll('_', '-');
  readonly definition: LoaderDefinition;
  readonly files: LoaderFiles;
  readonly workflowId: string;
  readonly #harness: Harness;

  constructor(
    harness: Harness,
    overrides: { readonly batch?: object; readonly pauseAfterParked?: number } = {},
  ) {
    this.#harness = harness;
    const { workgroup, database } = testStack().redshiftData;
    const table = { workgroup, database, schema: uniqueName('s'), table: 'quakes' };
    this.definition = LoaderDefinition.parse({
      source: { bucket: 'landing', prefix: 'quakes/' },
      format: { kind: 'csv' },
      target: { ...table, iamRole: 'arn:aws:iam::123456789012:role/copy' },
      staging: { bucket: testStack().s3.bucket, prefix: 'test-loaders' },
      ...overrides,
    });
    harness.loaders.set(this.name, this.definition);
    this.files = { store: harness.store, at: { prefix: 'test-loaders', table } };
    this.workflowId = loaderWorkflowId(table);
  }

  /** Puts a page of files into the inbox, as a watcher does. */
  async arrive(...keys: string[]): Promise<void> {
    const at = new Date().toISOString();
    const files = keys.map(
      (key): SourceFile => ({ bucket: 'landing', key, etag: `e-${key}`, bytes: 10, at, loader: this.name }),
    );
    await this.files.store.putNew(
      inboxPageKey(this.files.at, Date.parse(at), randomUUID()),
      JSON.stringify({ version: 1, files }),
    );
  }

  /** Starts the loader if it does not run, and tells it that files may have arrived, as a watcher does. */
  hint(): Promise<WorkflowHandle<typeof loadFiles>> {
    return this.#harness.client.workflow.signalWithStart<typeof loadFiles, []>('loadFiles', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: this.workflowId,
      args: [{ loader: this.name }],
      signal: SIGNAL_HINT,
      signalArgs: [],
    });
  }

  get handle(): WorkflowHandle<typeof loadFiles> {
    return this.#harness.client.workflow.getHandle(this.workflowId);
  }

  batch(number: number): WorkflowHandle {
    return this.#harness.client.workflow.getHandle(batchWorkflowId(this.workflowId, number));
  }

  /** Ends a batch that waits for the test: writes what a batch writes, and lets its workflow end. */
  async end(number: number, how: 'loaded' | 'failed'): Promise<void> {
    const at = new Date().toISOString();
    const counts = { files: 2, bytes: 20, rows: 4, merged: 4, deleted: 0, setAside: 0 };
    const { key, value } =
      how === 'loaded'
        ? {
            key: batchClosedKey(this.files.at, number),
            value: { version: 1, outcome: 'loaded', at, ...counts, others: [], newColumns: [] },
          }
        : {
            key: batchFailureKey(this.files.at, number),
            value: { version: 1, code: 'LoadFailed', message: `batch ${number} does not fit`, at },
          };
    await this.files.store.put(key, JSON.stringify(value));
    await this.batch(number).signal('end', how);
  }

  progress = () => this.handle.query<LoaderProgress>(QUERY_PROGRESS);

  until = (wanted: (progress: LoaderProgress) => boolean) => until(this.progress, wanted);

  /** Waits until the loader loads this batch; if there is none, until it is idle, unless `state` says otherwise. */
  async becomes({ current, next, parked, state }: Situation): Promise<LoaderProgress> {
    const progress = await this.until((now) =>
      isDeepStrictEqual(
        [now.state, now.current?.batch, next && now.next, parked && now.parked.map(({ batch }) => batch)],
        [state ?? (current === undefined ? 'idle' : 'running'), current, next, parked],
      ),
    );
    // The loader names its batch before Temporal has started that: nothing can be sent to it until then.
    if (current !== undefined) {
      await until(
        () => this.batch(current).describe(),
        ({ status }) => status.name === 'RUNNING',
      );
    }
    return progress;
  }

  /** The names of the files of these batches, sorted. */
  async filesOf(...batches: number[]): Promise<string[]> {
    const found = await Promise.all(batches.map((batch) => findDocument(batchDocument(this.files, batch))));
    return found.flatMap((batch) => batch?.files.map(({ key }) => key) ?? []).sort();
  }

  /** Sends an order as an update. @returns its answer */
  order = (name: string, argument?: unknown) =>
    this.handle.executeUpdate<string, [unknown]>(name, { args: [argument] });
}

/** The loader's workflow with batches that wait for the test. */
export async function waitingBatches(harness: Harness): Promise<{ readonly codePath: string }> {
  const code = await bundleWorkflows(
    new URL('../setup/profiles.ts', import.meta.url),
    new URL('./waiting-batch.ts', import.meta.url),
  );
  const codePath = join(harness.directory(), 'waiting-batches.js');
  writeFileSync(codePath, code);
  return { codePath };
}
