import { condition, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import {
  type ReadShardInput,
  type ReadShardResult,
  shardWorkflowId,
} from '../../contract/changes/changes.ts';
import type { OpenedLog } from '../../contract/changes/follow-activities.ts';
import { memoOfChild } from '../as-typed.ts';
import { childWorkflows } from '../fan-out/child-workflows.ts';
import { ExternalInspection } from '../fan-out/inspect-external.ts';
import type { ChildEnd, Children } from '../fan-out/supervise.ts';
import { placeOf } from './follow-state.ts';

type ReadShard = (input: ReadShardInput) => Promise<ReadShardResult>;

/** How a reader ended, as this execution found out itself. */
export type RunEvent =
  | { readonly kind: 'ended'; readonly name: string; readonly end: ChildEnd<ReadShardResult> }
  | { readonly kind: 'closed'; readonly name: string; readonly status: string };

/** A reader's workflow id. */
export function idOf(name: string): string {
  const { epoch, shard } = placeOf(name);
  return shardWorkflowId(workflowInfo().workflowId, epoch, shard);
}

interface Followed {
  readonly pipeline: string;
  readonly push: (event: RunEvent) => void;
  readonly external: () => readonly string[];
  readonly stagingOf: (epoch: string) => OpenedLog['staging'] | undefined;
}

/** The workflows that read shards. They outlive the execution that started them, and report by its workflow id. */
export class ShardRuns {
  readonly #of: Followed;
  readonly #children: Children<ReadShardResult>;
  readonly #inspection: ExternalInspection<ReadShardResult>;
  #starting = 0;

  constructor(of: Followed) {
    this.#of = of;
    this.#children = childWorkflows(idOf, (name) => this.#start(name));
    this.#inspection = new ExternalInspection(this.#children, of.external, (name, status) =>
      of.push({ kind: 'closed', name, status }),
    );
  }

  /** A start is not confirmed yet: the execution must not end before it is. */
  get isStarting(): boolean {
    return this.#starting > 0;
  }

  launch(name: string): void {
    this.#children.launch(name, (end) => this.#of.push({ kind: 'ended', name, end }));
  }

  inspect(): void {
    this.#inspection.beginIfNeeded();
  }

  stopInspecting(): void {
    this.#children.stopBackground();
  }

  /** Requests the cancellation of readers. They report their end. */
  async cancel(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#children.cancelById(name)));
  }

  /** Cancels readers, although this workflow itself is cancelled, and waits until they have ended. */
  async cancelFinally(names: readonly string[], haveEnded: () => boolean): Promise<void> {
    await this.#children.nonCancellable(async () => {
      await this.cancel(names);
      await condition(haveEnded, '1 minute');
    });
  }

  async #start(name: string) {
    const { pipeline, stagingOf } = this.#of;
    const { epoch, shard } = placeOf(name);
    const staging = stagingOf(epoch);
    this.#starting++;
    try {
      return await startChild<ReadShard>('readShard', {
        workflowId: idOf(name),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `shard ${shard} of ${pipeline}`,
        args: [
          {
            ...{ pipeline, epoch, shard, parent: workflowInfo().workflowId },
            ...(staging === undefined ? {} : { staging }),
          },
        ],
        ...memoOfChild(),
      });
    } finally {
      this.#starting--;
    }
  }
}
