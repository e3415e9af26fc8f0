import type { Client } from '@temporalio/client';
import type { ApplyProgress, FollowProgress } from '../../contract/changes/changes.ts';
import { type SeenWorkflow, seenWorkflow } from '../temporal/seen-workflow.ts';
import { ExitCode, worstOf } from '../terminal/exit-code.ts';
import type { FollowedDestination, FollowedPipeline } from './changes-here.ts';
import { type ShardSeen, shardsSeen } from './shards-seen.ts';

/** A workflow that does not run, or does not answer. `unknown`: it runs, but no worker answers. */
type Silent = 'unknown' | 'not started' | 'stopped' | 'failed';
/** It was removed, and is still in the configuration. */
type Removed = 'removed';

/** How a pipeline's changes are doing: what `changes status` shows, and prints with `--json`. */
export interface ChangesView {
  readonly pipeline: string;
  readonly table: string;
  readonly kind: FollowedPipeline['kind'];
  readonly workflowId: string;
  readonly state: FollowProgress['state'] | Silent;
  /** Why it is paused, failed or stopped. */
  readonly why?: string;
  /** ISO 8601: since when. */
  readonly since?: string;
  readonly epoch?: string;
  readonly trouble?: NonNullable<FollowProgress['trouble']>;
  /** Shards, or windows of exports. Absent if it does not answer. */
  readonly shards?: { readonly open: number; readonly failed: number; readonly ended: number };
  /** At most 50 shards that are read. Absent if several pipelines are shown. */
  readonly reading?: readonly ShardSeen[];
  /** At most 50 whose reading failed. */
  readonly failed: readonly { readonly shard: string; readonly code: string; readonly error: string }[];
  readonly gaps: FollowProgress['gaps'];
  /** What the daily pruning left of the log. */
  readonly log?: NonNullable<FollowProgress['log']>;
  readonly destinations: readonly DestinationView[];
}

export interface DestinationView {
  readonly destination: string;
  readonly kind: FollowedDestination['kind'];
  readonly place: string;
  readonly workflowId: string;
  readonly state: ApplyProgress['state'] | Silent | Removed;
  /** Why it is paused, blocked, waiting, failed or stopped. */
  readonly why?: string;
  readonly code?: string;
  /** ISO 8601: since when. */
  readonly since?: string;
  /** What the log has and the destination does not. Absent if it does not answer. */
  readonly lag?: ApplyProgress['lag'];
  readonly totals?: ApplyProgress['totals'];
  readonly last?: NonNullable<ApplyProgress['last']>;
  /** The rewind that is under way, or the last one. */
  readonly reapply?: NonNullable<ApplyProgress['reapply']>;
}

/** Asks the workflows of a pipeline. @param withShards also how each shard's reader is doing: a question for each */
export async function changesView(
  client: Client,
  followed: FollowedPipeline,
  { withShards }: { readonly withShards: boolean },
): Promise<ChangesView> {
  const { pipeline, table, kind, workflowId } = followed;
  const [seen, ...destinations] = await Promise.all([
    seenWorkflow<FollowProgress>(client, workflowId),
    ...followed.destinations.map(async (each) =>
      destinationView(each, await seenWorkflow<ApplyProgress>(client, each.workflowId)),
    ),
  ]);
  const read = (seen.progress?.shards ?? []).filter(({ state }) => state !== 'failed');
  const reading = withShards && read.length > 0 ? { reading: await shardsSeen(client, read) } : {};
  return { pipeline, table, kind, workflowId, ...readingOf(seen), ...reading, destinations };
}

type Reading = Omit<ChangesView, 'pipeline' | 'table' | 'kind' | 'workflowId' | 'reading' | 'destinations'>;

export function readingOf(seen: SeenWorkflow<FollowProgress>): Reading {
  const { progress } = seen;
  if (seen.state !== 'running' || progress === undefined) return { ...silent(seen), failed: [], gaps: [] };
  const { state, paused, trouble, open, failed, ended, shards, gaps, epoch, log } = progress;
  return {
    state,
    ...(paused === undefined ? {} : { why: paused.reason, since: paused.at }),
    epoch,
    ...(trouble === undefined ? {} : { trouble }),
    shards: { open, failed, ended },
    failed: shards
      .filter((each) => each.state === 'failed')
      .map(({ shard, code = 'Error', error = '' }) => ({ shard, code, error })),
    gaps,
    ...(log === undefined ? {} : { log }),
  };
}

export function destinationView(
  { name, kind, place, workflowId }: FollowedDestination,
  seen: SeenWorkflow<ApplyProgress>,
): DestinationView {
  const of = { destination: name, kind, place, workflowId };
  const { progress } = seen;
  // What applies changes completes only then.
  if (seen.ended === 'completed')
    return { ...of, state: 'removed', ...(seen.closedAt === undefined ? {} : { since: seen.closedAt }) };
  if (seen.state !== 'running' || progress === undefined) return { ...of, ...silent(seen) };
  const { state, lag, totals, last, reapply } = progress;
  return {
    ...{ ...of, state },
    ...reasonOf(progress),
    ...{ lag, totals },
    ...(last === undefined ? {} : { last }),
    ...(reapply === undefined ? {} : { reapply }),
  };
}

function reasonOf({
  paused,
  blocked,
  needsRefresh,
}: ApplyProgress): Pick<DestinationView, 'why' | 'code' | 'since'> {
  if (paused !== undefined) return { why: paused.reason, since: paused.at };
  if (blocked !== undefined) return { why: blocked.error, code: blocked.code, since: blocked.at };
  if (needsRefresh === undefined) return {};
  return { why: needsRefresh.message, code: needsRefresh.code, since: needsRefresh.at };
}

function silent({ state, ended, closedAt, failure, summary }: SeenWorkflow<unknown>): {
  readonly state: Silent;
  readonly why?: string;
  readonly since?: string;
} {
  if (state === 'absent') return { state: 'not started' };
  if (state === 'running') return { state: 'unknown', ...(summary === undefined ? {} : { why: summary }) };
  const since = closedAt === undefined ? {} : { since: closedAt };
  if (failure !== undefined) return { state: 'failed', why: failure, ...since };
  return { state: 'stopped', ...(ended === undefined ? {} : { why: ended }), ...since };
}

/** Whether it must be started. */
export const isDown = (state: ChangesView['state'] | DestinationView['state']): boolean =>
  state === 'not started' || state === 'stopped' || state === 'failed';

/** 1: something must be started, or cannot do its work; 3: something waits for an operator. */
export function exitCodeOf({ state, trouble, failed, destinations }: ChangesView): ExitCode {
  return worstOf([
    isDown(state) || trouble !== undefined ? ExitCode.failed : ExitCode.done,
    state === 'paused' || state === 'gap' || failed.length > 0 ? ExitCode.waiting : ExitCode.done,
    ...destinations.map((each) => {
      if (isDown(each.state)) return ExitCode.failed;
      const waits = ['paused', 'blocked', 'waiting for a refresh'].includes(each.state);
      return waits ? ExitCode.waiting : ExitCode.done;
    }),
  ]);
}
