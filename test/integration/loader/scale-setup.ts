import type { WorkflowHandle } from '@temporalio/client';
import { createAnnouncedQueue } from '../../../local/stack/announced-queue.ts';
import {
  type LoaderLag,
  type LoaderProgress,
  loaderWorkflowId,
  QUERY_LAG,
  SIGNAL_HINT,
  watchWorkflowId,
} from '../../../src/contract/loader/loader.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { watchedBy } from '../../../src/pipeline/loader/watched.ts';
import { forEachLimited } from '../../../src/store/for-each-limited.ts';
import type { loadFiles } from '../../../src/workflows/loader/load-files.ts';
import type { watchFiles } from '../../../src/workflows/loader/watch-files.ts';
import { type Harness, uniqueName } from '../pipeline/harness.ts';
import { until } from '../pipeline/until.ts';
import { testStack } from '../setup/stack.ts';
import type { TestLoader } from './loader-harness.ts';

/** `TRIBUTARY_SCALE=full npm run integration -- loader/scale` takes as many files as are promised. */
const isFull = process.env.TRIBUTARY_SCALE === 'full';
export const scaled = (usual: number, full: number) => (isFull ? full : usual);

export const MERGE = { key: ['id'], newest: 'version' };
export const COLUMNS = 'id BIGINT NOT NULL, version BIGINT NOT NULL';

/** A file of two rows, with keys that no other number has. */
export const twoRows = (n: number) => `id,version\n${2 * n},1\n${2 * n + 1},1\n`;

/** A queue to which everything below a new prefix is announced. */
export async function announcedQueue(harness: Harness) {
  const prefix = `${uniqueName('scale')}/`;
  const queue = await createAnnouncedQueue(testStack(), { name: uniqueName('q'), prefix });
  harness.onClose(() => queue.remove());
  return { prefix, url: queue.url };
}

/** Drops `count` files, some at once. @param body of the file with this number */
export async function dropMany(
  loader: TestLoader,
  { from = 0, count }: { readonly from?: number; readonly count: number },
  body: (n: number) => string = twoRows,
): Promise<void> {
  const numbers = Array.from({ length: count }, (_, i) => from + i);
  await forEachLimited(numbers, 16, async (n) => {
    await loader.drop(`${String(n).padStart(6, '0')}.csv`, body(n));
  });
}

export const startWatch = (
  harness: Harness,
  loader: TestLoader,
): Promise<WorkflowHandle<typeof watchFiles>> =>
  harness.client.workflow.start<typeof watchFiles>('watchFiles', {
    workflowId: watchWorkflowId(watchedBy(loader.definition)),
    taskQueue: CONTROL_TASK_QUEUE,
    args: [{ loader: loader.name }],
  });

/** The workflow of a loader's table, and what the table has. */
export class RunningLoader {
  readonly loader: TestLoader;
  readonly workflowId: string;
  readonly #harness: Harness;

  constructor(harness: Harness, loader: TestLoader) {
    this.#harness = harness;
    this.loader = loader;
    this.workflowId = loaderWorkflowId(loader.definition.target);
  }

  get handle(): WorkflowHandle<typeof loadFiles> {
    return this.#harness.client.workflow.getHandle(this.workflowId);
  }

  /** Sends a signal, and starts the loader if it does not run. */
  signal(signal: string = SIGNAL_HINT): Promise<unknown> {
    return this.#harness.client.workflow.signalWithStart<typeof loadFiles, []>('loadFiles', {
      taskQueue: CONTROL_TASK_QUEUE,
      workflowId: this.workflowId,
      args: [{ loader: this.loader.name }],
      signal,
      signalArgs: [],
    });
  }

  progress = () => this.handle.query<LoaderProgress>(QUERY_PROGRESS);
  lag = () => this.handle.query<LoaderLag>(QUERY_LAG);
  until = (wanted: (progress: LoaderProgress) => boolean) => until(this.progress, wanted);

  /** How many rows the table has, and how many files its ledger. */
  async counts(): Promise<{ readonly rows: number; readonly files: number }> {
    const { schema, table } = this.loader;
    // In one statement: between two of them, a batch may be committed.
    const countOf = (name: string) => `(SELECT count(*) FROM "${schema}"."${name}")`;
    const [row] = await this.#harness.sql(
      `SELECT ${countOf(table)} AS "rows", ${countOf(`_tributary_files__${table}`)} AS "files"`,
    );
    return { rows: Number(row?.rows), files: Number(row?.files) };
  }
}
