import { condition, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { batchWorkflowId, type LoadBatchInput, type LoadBatchResult } from '../../contract/loader/loader.ts';
import { batchNumber } from '../../pipeline/loader/loader-directory.ts';
import { memoOfChild } from '../as-typed.ts';
import { childWorkflows } from '../fan-out/child-workflows.ts';
import { ExternalInspection } from '../fan-out/inspect-external.ts';
import type { ChildEnd, Children } from '../fan-out/supervise.ts';
import type { LoaderState } from './loader-state.ts';

type LoadBatch = (input: LoadBatchInput) => Promise<LoadBatchResult>;

/** How a batch's workflow ended, as this execution found out itself. */
export type RunEvent =
  | { readonly kind: 'ended'; readonly batch: number; readonly end: ChildEnd<LoadBatchResult> }
  | { readonly kind: 'closed'; readonly batch: number; readonly status: string };

/** A batch's workflow id. */
export const idOf = (batch: number) => batchWorkflowId(workflowInfo().workflowId, batch);

/** The workflows of a loader's batches. They outlive the execution that started them, and report by its workflow id. */
export class BatchRuns {
  readonly #loader: string;
  readonly #push: (event: RunEvent) => void;
  readonly #children: Children<LoadBatchResult>;
  #starting = 0;
  #inspection: ExternalInspection<LoadBatchResult> | undefined;

  constructor(loader: string, push: (event: RunEvent) => void) {
    this.#loader = loader;
    this.#push = push;
    this.#children = childWorkflows(
      (batch) => idOf(Number(batch)),
      (batch) => this.#start(Number(batch)),
    );
  }

  /** A start is not confirmed yet: the execution must not end before it is. */
  get isStarting(): boolean {
    return this.#starting > 0;
  }

  launch(batch: number): void {
    this.#children.launch(String(batch), (end) => this.#push({ kind: 'ended', batch, end }));
  }

  /** Looks after the current batch while that is external: nothing reports its end if it is terminated or times out. */
  inspect(state: LoaderState): void {
    this.#inspection ??= new ExternalInspection(
      this.#children,
      () => (state.current?.isExternal ? [String(state.current.batch)] : []),
      (batch, status) => this.#push({ kind: 'closed', batch: Number(batch), status }),
    );
    this.#inspection.beginIfNeeded();
  }

  stopInspecting(): void {
    this.#children.stopBackground();
  }

  /** Cancels a batch, although this workflow itself is cancelled, and waits until it has ended. */
  async cancel(batch: number, hasEnded: () => boolean): Promise<void> {
    await this.#children.nonCancellable(async () => {
      await this.#children.cancelById(String(batch));
      await condition(hasEnded, '5 minutes');
    });
  }

  async #start(batch: number) {
    this.#starting++;
    try {
      return await startChild<LoadBatch>('loadBatch', {
        workflowId: idOf(batch),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `batch ${batchNumber(batch)} of ${this.#loader}`,
        args: [{ loader: this.#loader, batch, parent: workflowInfo().workflowId }],
        ...memoOfChild(),
      });
    } finally {
      this.#starting--;
    }
  }
}
