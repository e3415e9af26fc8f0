import type { Client } from '@temporalio/client';
import {
  type ApplyProgress,
  applyWorkflowId,
  type FollowProgress,
  followWorkflowId,
  RETRY_APPLY,
  RETRY_SHARD,
} from '../../../src/contract/changes/changes.ts';
import { QUERY_PROGRESS } from '../../../src/contract/refresh.ts';
import { resetTo, startWorkflow } from '../workflow-actions.ts';
import type { Follower } from './schedule.ts';

const DESTINATION = 'warehouse';

/** What an operator can do to changes with the Web UI or the CLI. Any action may come too late; then it does nothing. */
export class ChangesOperator {
  readonly #client: Client;
  readonly #pipeline: string;

  constructor(client: Client, pipeline: string) {
    this.#client = client;
    this.#pipeline = pipeline;
  }

  follow = () => this.#progress<FollowProgress>(followWorkflowId(this.#pipeline));
  apply = () => this.#progress<ApplyProgress>(applyWorkflowId(this.#pipeline, DESTINATION));

  async restart(what: Follower): Promise<void> {
    const id = await this.#idOf(what);
    if (id === undefined) return;
    await this.#handle(id).terminate('chaos');
    await this.start(what);
  }

  /** Starts what does not run; a reader is started by the workflow that follows the table. */
  async start(what: Follower): Promise<void> {
    const pipeline = this.#pipeline;
    if (what === 'follow')
      await startWorkflow(this.#client, 'followChanges', followWorkflowId(pipeline), { pipeline });
    if (what === 'apply')
      await startWorkflow(this.#client, 'applyChanges', applyWorkflowId(pipeline, DESTINATION), {
        ...{ pipeline, destination: DESTINATION },
      });
  }

  async reset(what: Follower, fraction: number): Promise<void> {
    const id = await this.#idOf(what);
    if (id !== undefined) await resetTo(this.#client, id, fraction);
  }

  retryShards = () => this.#handle(followWorkflowId(this.#pipeline)).signal(RETRY_SHARD);

  async askForRetry(): Promise<void> {
    await this.retryShards();
    await this.#handle(applyWorkflowId(this.#pipeline, DESTINATION)).signal(RETRY_APPLY);
  }

  async pauseAndResume(): Promise<void> {
    for (const id of [followWorkflowId(this.#pipeline), applyWorkflowId(this.#pipeline, DESTINATION)]) {
      await this.#handle(id).executeUpdate('pause', { args: ['chaos'] });
      await this.#handle(id).executeUpdate('resume', { args: [] });
    }
  }

  /** In case one was paused, and what should have resumed it came too late. */
  async resume(): Promise<void> {
    for (const id of [followWorkflowId(this.#pipeline), applyWorkflowId(this.#pipeline, DESTINATION)])
      await this.#handle(id).signal('resume');
  }

  /** Cancels both, which end in order. */
  async stop(): Promise<void> {
    for (const id of [applyWorkflowId(this.#pipeline, DESTINATION), followWorkflowId(this.#pipeline)]) {
      await this.#handle(id)
        .cancel()
        .catch(() => {});
    }
  }

  async #idOf(what: Follower): Promise<string | undefined> {
    if (what === 'follow') return followWorkflowId(this.#pipeline);
    if (what === 'apply') return applyWorkflowId(this.#pipeline, DESTINATION);
    return (await this.follow())?.shards.find(({ state }) => state === 'reading')?.workflowId;
  }

  async #progress<T>(id: string): Promise<T | undefined> {
    const query = () => this.#handle(id).query<T, []>(QUERY_PROGRESS);
    return await this.#client.withDeadline(Date.now() + 5_000, query).catch(() => undefined);
  }

  #handle = (id: string) => this.#client.workflow.getHandle(id);
}
