import type { Client } from '@temporalio/client';
import {
  type ApplyProgress,
  applyWorkflowId,
  type FollowProgress,
  followWorkflowId,
  RETRY_APPLY,
  RETRY_SHARD,
  shardWorkflowId,
} from '../../../src/contract/changes/changes.ts';
import { QUERY_PROGRESS, type RefreshResult } from '../../../src/contract/refresh.ts';
import { resetTo, startWorkflow } from '../workflow-actions.ts';
import type { ShardPlace } from './late-write.ts';
import type { Follower } from './schedule.ts';

/** The destination that is disturbed. */
const FIRST = 'warehouse';

/** What an operator can do to changes with the Web UI or the CLI. Any action may come too late; then it does nothing. */
export class ChangesOperator {
  readonly #client: Client;
  readonly #pipeline: string;
  /** The destinations that run. */
  readonly #destinations: Set<string>;
  #refreshes = 0;

  constructor(client: Client, pipeline: string, destinations: readonly string[]) {
    this.#client = client;
    this.#pipeline = pipeline;
    this.#destinations = new Set(destinations);
  }

  follow = () => this.#progress<FollowProgress>(followWorkflowId(this.#pipeline));

  /** Of all destinations that run. */
  async applies(): Promise<ApplyProgress[]> {
    const all = [...this.#destinations].map((name) => this.#progress<ApplyProgress>(this.#applyId(name)));
    return (await Promise.all(all)).filter((progress) => progress !== undefined);
  }

  /** Follows the table, and applies its changes to all destinations. */
  async startAll(): Promise<void> {
    await this.#startFollow();
    for (const name of this.#destinations) await this.#startApply(name);
  }

  /** Copies the table to a destination. @throws if it is not replaced */
  async refresh(destination: string): Promise<void> {
    const pipeline = this.#pipeline;
    const id = `refresh-${pipeline}-${destination}-${++this.#refreshes}`;
    const handle = await startWorkflow(this.#client, 'refreshWarehouse', id, { pipeline, destination });
    const { status } = (await handle.result()) as RefreshResult;
    if (status !== 'replaced') throw new Error(`the run for ${destination} is ${status}`);
  }

  /** Restores what was live before at the first destination. */
  async rollback(): Promise<void> {
    const pipeline = this.#pipeline;
    const input = { pipeline, destination: FIRST };
    const handle = await startWorkflow(this.#client, 'rollbackWarehouse', `rollback-${pipeline}`, input);
    await handle.result();
  }

  async restart(what: Follower): Promise<void> {
    if (what === 'shard') return this.restartShard(await this.#someShard());
    await this.#handle(this.#idOf(what)).terminate('chaos');
    if (what === 'follow') await this.#startFollow();
    else await this.#startApply(FIRST);
  }

  /** The reader is terminated; the workflow that follows the table starts another one when it is asked to. */
  async restartShard(id: string | undefined): Promise<void> {
    if (id !== undefined) await this.#handle(id).terminate('chaos');
  }

  async reset(what: Follower, fraction: number): Promise<void> {
    const id = what === 'shard' ? await this.#someShard() : this.#idOf(what);
    if (id !== undefined) await resetTo(this.#client, id, fraction);
  }

  resetShard = (id: string) => resetTo(this.#client, id, 0);

  shardId = ({ epoch, shard }: ShardPlace) => shardWorkflowId(followWorkflowId(this.#pipeline), epoch, shard);

  retryShards = () => this.#handle(followWorkflowId(this.#pipeline)).signal(RETRY_SHARD);

  async askForRetry(): Promise<void> {
    await this.retryShards();
    await this.#handle(this.#applyId(FIRST)).signal(RETRY_APPLY);
  }

  async pauseAndResume(): Promise<void> {
    for (const id of [followWorkflowId(this.#pipeline), this.#applyId(FIRST)]) {
      await this.#handle(id).executeUpdate('pause', { args: ['chaos'] });
      await this.#handle(id).executeUpdate('resume', { args: [] });
    }
  }

  /** In case one was paused, and what should have resumed it came too late. */
  async resume(): Promise<void> {
    for (const id of [followWorkflowId(this.#pipeline), this.#applyId(FIRST)])
      await this.#handle(id).signal('resume');
  }

  /** Stops a destination, which is not started again. */
  async remove(destination: string): Promise<void> {
    this.#destinations.delete(destination);
    await this.#handle(this.#applyId(destination)).cancel();
  }

  /** Cancels all, which end in order. */
  async stop(): Promise<void> {
    const applies = [...this.#destinations].map((name) => this.#applyId(name));
    for (const id of [...applies, followWorkflowId(this.#pipeline)])
      await this.#handle(id)
        .cancel()
        .catch(() => {});
  }

  async #startFollow(): Promise<void> {
    const pipeline = this.#pipeline;
    await startWorkflow(this.#client, 'followChanges', followWorkflowId(pipeline), { pipeline });
  }

  async #startApply(destination: string): Promise<void> {
    const pipeline = this.#pipeline;
    const id = this.#applyId(destination);
    await startWorkflow(this.#client, 'applyChanges', id, { pipeline, destination });
  }

  #applyId = (destination: string) => applyWorkflowId(this.#pipeline, destination);

  #idOf = (what: 'follow' | 'apply') =>
    what === 'follow' ? followWorkflowId(this.#pipeline) : this.#applyId(FIRST);

  async #someShard(): Promise<string | undefined> {
    return (await this.follow())?.shards.find(({ state }) => state === 'reading')?.workflowId;
  }

  async #progress<T>(id: string): Promise<T | undefined> {
    const query = () => this.#handle(id).query<T, []>(QUERY_PROGRESS);
    return await this.#client.withDeadline(Date.now() + 5_000, query).catch(() => undefined);
  }

  #handle = (id: string) => this.#client.workflow.getHandle(id);
}
