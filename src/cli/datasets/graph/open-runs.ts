import type { Client } from '@temporalio/client';
import {
  type AcceptedMember,
  type GraphProgress,
  memberName,
  type PlanDatasetsResult,
  type UnfinishedPartition,
} from '../../../contract/datasets/graph.ts';
import { QUERY_PROGRESS } from '../../../contract/refresh.ts';
import { POLLED } from '../../../workers/pollers.ts';
import { withTemporal } from '../../temporal/command-context.ts';
import { listWorkflows } from '../../temporal/known-workflow.ts';
import { sendUpdate } from '../../temporal/send-update.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../../terminal/invocation.ts';
import { memberOf } from './publish-group.ts';

/** A run of datasets that is in progress, or waits for an operator. */
export interface OpenRun {
  readonly workflowId: string;
  readonly startedAt: string;
  /** Absent if no worker answers. */
  readonly progress?: GraphProgress;
}

const ANSWER_SECONDS = 20;

export async function openRuns(client: Client): Promise<OpenRun[]> {
  const runs: OpenRun[] = [];
  const query = 'ExecutionStatus = "Running" AND WorkflowType = "refreshGraph"';
  for await (const { workflowId, startTime } of listWorkflows(client, query)) {
    const progress = await progressOf(client, workflowId);
    runs.push({
      ...{ workflowId, startedAt: startTime.toISOString() },
      ...(progress === undefined ? {} : { progress }),
    });
  }
  return runs.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** Undefined if no worker answers. */
export async function progressOf(client: Client, workflowId: string): Promise<GraphProgress | undefined> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_SECONDS * 1000, () =>
      client.workflow.getHandle(workflowId).query<GraphProgress, []>(QUERY_PROGRESS),
    );
  } catch {
    return undefined;
  }
}

/** The plan with what open runs know: partitions that failed in them are not ready. */
export function withFailures(plan: PlanDatasetsResult, runs: readonly OpenRun[]): PlanDatasetsResult {
  const failed = new Map(
    runs
      .flatMap(({ workflowId, progress }) =>
        (progress?.unfinished ?? []).map((each) => ({ ...each, run: workflowId })),
      )
      .filter(({ state }) => state === 'failed')
      .map((each) => [idOf(each), each]),
  );
  const changed = plan.partitions.map((each) => {
    const failure = failed.get(idOf(each));
    return failure === undefined || each.state === 'failed' ? each : failure;
  });
  const moved = changed.filter((each, index) => each !== plan.partitions[index]);
  const fromReady = (name: string) => moved.filter(({ dataset }) => dataset === name).length;
  const shifted = <Counts extends { readonly ready: number; readonly failed: number }>(
    counts: Counts,
    by: number,
  ): Counts => ({ ...counts, ready: Math.max(0, counts.ready - by), failed: counts.failed + by });
  return {
    ...plan,
    partitions: changed,
    totals: shifted(plan.totals, moved.length),
    datasets: plan.datasets.map((each) => ({ ...each, counts: shifted(each.counts, fromReady(each.name)) })),
  };
}

const idOf = ({ dataset, partition }: Pick<UnfinishedPartition, 'dataset' | 'partition'>) =>
  `${dataset} ${partition}`;

export interface OrderOptions {
  readonly config?: string;
}

const ORDERS = {
  retry: { done: 'builds failed partitions again', what: 'retry' },
  finish: { done: 'ends with what it has built', what: 'end' },
  accept: { done: 'accepts it as it was built last', what: 'accept' },
} as const;

/** `tributary dataset accept`. @param member `<dataset>` or `<dataset>/<partition>` */
export async function acceptMember(
  member: string,
  { reason, run, config }: OrderOptions & { readonly reason: string; readonly run?: string },
): Promise<ExitCode> {
  if (reason.trim() === '')
    throw new CommandError(ExitCode.usage, 'Say why with --reason: the explanation of the report has it.');
  return orderRun('accept', run, { config }, { ...memberOf(member), reason } satisfies AcceptedMember);
}

/**
 * `tributary dataset retry` and `finish`.
 * @param workflowId of one run; undefined: of the only one that is open
 * @param argument of the order, if it has one
 */
export async function orderRun(
  order: keyof typeof ORDERS,
  workflowId: string | undefined,
  { config }: { readonly config?: string | undefined },
  argument?: AcceptedMember,
): Promise<ExitCode> {
  return withTemporal(config, async (client) => {
    const id = workflowId ?? (await theOpenRun(client, order, argument));
    await sendUpdate(
      client,
      id,
      { update: order, what: ORDERS[order].what, ...(argument === undefined ? {} : { argument }) },
      {
        answerSeconds: ANSWER_SECONDS,
        needed: [POLLED.workflows],
        unanswered: `The workers are busy. See it: ${TRIBUTARY} dataset status${WITH_CONFIG}`,
        notRunning: `No run ${id} is in progress. Start one: ${TRIBUTARY} dataset run${WITH_CONFIG}`,
      },
    );
    process.stdout.write(`${id} ${ORDERS[order].done}\n`);
    return ExitCode.done;
  });
}

async function theOpenRun(
  client: Client,
  order: keyof typeof ORDERS,
  argument: AcceptedMember | undefined,
): Promise<string> {
  const runs = await openRuns(client);
  const waiting = runs.filter(({ progress }) => progress?.phase === 'waiting');
  const [only, ...others] = waiting.length === 0 ? runs : waiting;
  if (only === undefined)
    throw new CommandError(
      ExitCode.usage,
      `No run of datasets is in progress. Start one: ${TRIBUTARY} dataset run${WITH_CONFIG}`,
    );
  if (others.length > 0)
    throw new CommandError(
      ExitCode.usage,
      `Several runs are in progress. Name one: ${[only, ...others]
        .map(({ workflowId }) => `${TRIBUTARY} dataset ${orderOf(order, workflowId, argument)}${WITH_CONFIG}`)
        .join(', or ')}`,
    );
  return only.workflowId;
}

/** The words of an order for one run. */
function orderOf(
  order: keyof typeof ORDERS,
  workflowId: string,
  argument: AcceptedMember | undefined,
): string {
  if (argument === undefined) return `${order} ${workflowId}`;
  const { reason } = argument;
  return `${order} ${memberName(argument)} --run ${workflowId} --reason ${JSON.stringify(reason)}`;
}
