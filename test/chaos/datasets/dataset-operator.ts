import { setTimeout } from 'node:timers/promises';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { TerminatedFailure, WorkflowNotFoundError } from '@temporalio/common';
import {
  buildPartitionWorkflowId,
  datasetWorkflowId,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
} from '../../../src/contract/datasets/datasets.ts';
import { ended, resetTo, startWorkflow } from '../workflow-actions.ts';

type RunInput = Omit<RefreshDatasetInput, 'dataset' | 'carried'>;

/** Who starts the runs of a dataset, and interferes with them. */
export class DatasetOperator {
  readonly #client: Client;
  readonly #dataset: string;
  #runs: string[] = [];
  #seconds = 0;

  constructor(client: Client, dataset: string) {
    this.#client = client;
    this.#dataset = dataset;
  }

  /** A run until its end. If it is terminated, it starts again under its id. @throws if it fails */
  async run(time: string, input: RunInput = {}): Promise<RefreshDatasetResult> {
    const id = datasetWorkflowId(this.#dataset, time);
    for (;;) {
      const handle = await startWorkflow(this.#client, 'refreshDataset', id, {
        dataset: this.#dataset,
        ...input,
      });
      this.#runs.push(id);
      try {
        return (await handle.result()) as RefreshDatasetResult;
      } catch (error) {
        if (!(error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure)) throw error;
      } finally {
        this.#runs = this.#runs.filter((each) => each !== id);
      }
    }
  }

  secondRun(): Promise<unknown> {
    return this.run(`second-${++this.#seconds}`);
  }

  async terminateRun(): Promise<void> {
    for (const id of this.#runs) await this.#terminate(id);
  }

  /** All reads and builds that Temporal lists. */
  async terminateChildren(): Promise<void> {
    for await (const { workflowId } of this.#client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
      if (/^(?:read|build)\//.test(workflowId)) await this.#terminate(workflowId);
  }

  terminateBuild(partition: string): Promise<void> {
    return this.#terminate(buildPartitionWorkflowId(this.#dataset, partition));
  }

  resetBuild(partition: string): Promise<void> {
    return resetTo(this.#client, buildPartitionWorkflowId(this.#dataset, partition), 0);
  }

  /** Builds a partition under another id. */
  async secondBuild(partition: string): Promise<void> {
    const id = `again/${++this.#seconds}`;
    const input = { dataset: this.#dataset, partition };
    await ended(await startWorkflow(this.#client, 'buildPartition', id, input));
  }

  async #terminate(id: string): Promise<void> {
    try {
      await this.#client.workflow.getHandle(id).terminate('chaos');
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /** Waits for a condition, for at most this long. @throws if it does not hold then */
  static async until(condition: () => Promise<boolean>, milliseconds = 120_000): Promise<void> {
    for (const endMs = Date.now() + milliseconds; !(await condition()); await setTimeout(50))
      if (Date.now() > endMs) throw new Error('the rival did not arrive');
  }
}
