import type { Client } from '@temporalio/client';
import { stepsOf } from '../../activities/temporal/pending-steps.ts';
import { undecoded } from '../../activities/temporal/undecoded.ts';
import type { ShardProgress } from '../../contract/changes/changes.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';

/** How a shard's reader is doing, by its last heartbeat. */
export interface ShardSeen {
  readonly shard: string;
  /** From the last change read to its being read, in seconds; 0 if the reader is at the shard's end. */
  readonly iteratorAgeSeconds: number;
  /** Attempts that DynamoDB Streams refused because of its limits, since the reader's current attempt began. */
  readonly limitHits: number;
  /** Changes in the log, since the shard's beginning. */
  readonly changes: number;
}

const ASKED_AT_ONCE = 8;
const LOOK_SECONDS = 5;

/** The readers of these shards, by Temporal's own lists: no worker needs to answer. Those without a heartbeat are left out. */
export async function shardsSeen(client: Client, shards: readonly ShardProgress[]): Promise<ShardSeen[]> {
  const found = new Map<string, ShardSeen>();
  const look = async ({ workflowId, shard }: ShardProgress) => {
    try {
      const { raw } = await undecoded(client).workflow.getHandle(workflowId).describe();
      const [{ heartbeat } = {}] = await stepsOf(client, workflowId, raw);
      if (heartbeat?.stream === undefined) return;
      const { ageSeconds: iteratorAgeSeconds, limitHits } = heartbeat.stream;
      found.set(workflowId, { shard, iteratorAgeSeconds, limitHits, changes: heartbeat.items ?? 0 });
    } catch {
      // It has ended in the meantime, or Temporal does not answer: the others are still worth showing.
    }
  };
  await client.withDeadline(Date.now() + LOOK_SECONDS * 1000, () =>
    forEachLimited(shards, ASKED_AT_ONCE, look),
  );
  return shards.flatMap(({ workflowId }) => found.get(workflowId) ?? []);
}
