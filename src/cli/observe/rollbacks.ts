import type { Client } from '@temporalio/client';
import { listWorkflows } from '../temporal/known-workflow.ts';
import type { RunObservation } from './observe-run.ts';

/** Rollbacks, as Temporal lists them, and the runs that they took out of live. */

/** A completed rollback. */
export interface RolledBack {
  readonly pipeline: string;
  /** The run that it restored. */
  readonly restored: string;
  /** The run that was live. */
  readonly replaced: string;
  readonly atMs: number;
}

/** The most that are read: runs that are listed are not older. */
const MOST_LISTED = 200;

/** Temporal's newest first. A rollback that cannot be decoded here, or that changed nothing, is left out. */
async function rollbacks(client: Client): Promise<RolledBack[]> {
  const found: RolledBack[] = [];
  let listed = 0;
  const query = 'WorkflowType="rollbackWarehouse" AND ExecutionStatus="Completed"';
  for await (const { memo = {}, closeTime } of listWorkflows(client, query)) {
    const { pipeline, restored, replaced } = memo;
    if (
      typeof pipeline === 'string' &&
      typeof restored === 'string' &&
      typeof replaced === 'string' &&
      closeTime !== undefined
    )
      found.push({ pipeline, restored, replaced, atMs: closeTime.getTime() });
    if (++listed >= MOST_LISTED) break;
  }
  return found;
}

type Run = Pick<RunObservation, 'pipeline' | 'run' | 'status' | 'closedAt'>;

/**
 * The run that is live instead of this one since a rollback; undefined if the last thing that happened to it was that it
 * became live, by its own swap or by a rollback to it. What later runs replaced was not rolled back.
 */
export function rolledBackTo(
  { pipeline, run, status, closedAt }: Run,
  known: readonly RolledBack[],
): string | undefined {
  if (status !== 'replaced' || closedAt === undefined) return undefined;
  const last = known
    .filter((each) => each.pipeline === pipeline && (each.replaced === run || each.restored === run))
    .filter(({ atMs }) => atMs >= closedAt.getTime())
    .sort((a, b) => b.atMs - a.atMs)[0];
  return last !== undefined && last.replaced === run ? last.restored : undefined;
}

/** The same runs, with what rollbacks did to them. */
export async function withRollbacks<Seen extends Run>(
  client: Client,
  runs: readonly Seen[],
): Promise<Seen[]> {
  if (!runs.some(({ status }) => status === 'replaced')) return [...runs];
  const known = await rollbacks(client);
  return runs.map((run) => ({ ...run, rolledBackTo: rolledBackTo(run, known) }));
}
