import { type Client, WorkflowFailedError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import {
  graphWorkflowId,
  type RefreshGraphInput,
  type RefreshGraphResult,
} from '../../../src/contract/datasets/graph.ts';
import { Restarted, terminateAll } from '../workflow-actions.ts';

/** How often an operator asks a run to try again what failed. */
const RETRY_EVERY_MS = 1000;

/** Who starts the runs of a graph, and interferes with them. */
export class GraphOperator {
  readonly #client: Client;
  readonly #name: string;
  readonly #input: RefreshGraphInput;
  readonly #runs: Restarted;
  #seconds = 0;

  /** @param input of all runs */
  constructor(client: Client, name: string, input: RefreshGraphInput) {
    this.#client = client;
    this.#name = name;
    this.#input = input;
    this.#runs = new Restarted(client, 'refreshGraph');
  }

  /** A run until its end. If it is terminated, it starts again under its id. What failed is tried again. @throws if it fails */
  async run(time: string): Promise<RefreshGraphResult> {
    const retries = setInterval(() => void this.#retry(), RETRY_EVERY_MS);
    try {
      return await this.#runs.run(graphWorkflowId(this.#name, time), this.#input);
    } finally {
      clearInterval(retries);
    }
  }

  /** @returns once it has ended */
  async secondRun(): Promise<void> {
    await this.run(`second-${++this.#seconds}`).catch((error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error;
    });
  }

  terminateRun(): Promise<void> {
    return this.#runs.terminate();
  }

  terminateChildren(): Promise<void> {
    return terminateAll(this.#client, /^(?:read|build|dataset|catalogue)\//);
  }

  async #retry(): Promise<void> {
    for (const id of this.#runs.running)
      await this.#client.workflow
        .getHandle(id)
        .signal('retry')
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
  }
}
