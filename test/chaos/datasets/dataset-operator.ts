import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import {
  buildPartitionWorkflowId,
  datasetWorkflowId,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
} from '../../../src/contract/datasets/datasets.ts';
import { ended, Restarted, resetTo, startWorkflow, terminate, terminateAll } from '../workflow-actions.ts';

type RunInput = Omit<RefreshDatasetInput, 'dataset' | 'carried'>;

/** Who starts the runs of a dataset, and interferes with them. */
export class DatasetOperator {
  readonly #client: Client;
  readonly #dataset: string;
  readonly #runs: Restarted;
  #seconds = 0;

  constructor(client: Client, dataset: string) {
    this.#client = client;
    this.#runs = new Restarted(client, 'refreshDataset');
    this.#dataset = dataset;
  }

  /** A run until its end. If it is terminated, it starts again under its id. @throws if it fails */
  run(time: string, input: RunInput = {}): Promise<RefreshDatasetResult> {
    const id = datasetWorkflowId(this.#dataset, time);
    return this.#runs.run(id, { dataset: this.#dataset, ...input });
  }

  secondRun(): Promise<unknown> {
    return this.run(`second-${++this.#seconds}`);
  }

  terminateRun(): Promise<void> {
    return this.#runs.terminate();
  }

  /** All reads and builds that Temporal lists. */
  terminateChildren(): Promise<void> {
    return terminateAll(this.#client, /^(?:read|build)\//);
  }

  terminateBuild(partition: string): Promise<void> {
    return terminate(this.#client, buildPartitionWorkflowId(this.#dataset, partition));
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

  /** Waits for a condition, for at most this long. @throws if it does not hold then */
  static async until(condition: () => Promise<boolean>, milliseconds = 120_000): Promise<void> {
    for (const endMs = Date.now() + milliseconds; !(await condition()); await setTimeout(50))
      if (Date.now() > endMs) throw new Error('the rival did not arrive');
  }
}
