import { Context } from '@temporalio/activity';
import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import type { CheckScheduleInput, ScheduleCheck } from '../../contract/alerts.ts';
import type { RefreshResult } from '../../contract/refresh.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { decodedMemo, undecoded } from '../temporal/undecoded.ts';
import { haveBuilt, placeOfRun } from './runs-of-datasets.ts';

/**
 * Whether a run of the pipeline that started since the schedule was due has replaced live, or runs of datasets have built them,
 * scheduled or not. If not: the run that the schedule started, or why it started none. Temporal's list may be a second or two
 * behind.
 */
export async function checkSchedule(deps: Dependencies, input: CheckScheduleInput): Promise<ScheduleCheck> {
  return whileHeartbeating(
    () => `checking schedule ${input.schedule}`,
    async () => {
      const { client } = Context.current();
      const { datasets } = input;
      if (datasets === undefined)
        return (await hasReplaced(client, input)) ? { finished: true } : lateBecause(client, input);
      if (await haveBuilt(client, { ...input, datasets })) return { finished: true };
      const place = await placeOfRun(deps, input.pipeline);
      return { ...(await lateBecause(client, input)), ...(place === undefined ? {} : { place }) };
    },
  );
}

async function hasReplaced(client: Client, { pipeline, due }: CheckScheduleInput): Promise<boolean> {
  const query = `WorkflowType = "refreshWarehouse" AND ExecutionStatus = "Completed" AND StartTime >= "${due}"`;
  for await (const { workflowId, runId, memo } of undecoded(client).workflow.list({ query })) {
    const { memo: known } = await decodedMemo(client, memo);
    if (known?.pipeline !== pipeline) continue;
    const { status } = (await client.workflow.getHandle(workflowId, runId).result()) as RefreshResult;
    if (status === 'replaced') return true;
  }
  return false;
}

async function lateBecause(
  client: Client,
  { schedule, pipeline, datasets, due }: CheckScheduleInput,
): Promise<ScheduleCheck & { finished: false }> {
  const query = `TemporalScheduledById = "${schedule}" AND StartTime >= "${due}"`;
  for await (const { workflowId, runId, status, memo } of undecoded(client).workflow.list({ query })) {
    const { memo: known } = await decodedMemo(client, memo);
    const line = typeof known?.tributary === 'string' ? `: ${known.tributary}` : '';
    const word = status.name.toLowerCase().replaceAll('_', ' ');
    return {
      finished: false,
      found: `The schedule started workflow ${workflowId}, which is ${word}${line}.`,
      commands: [datasets === undefined ? `tributary status ${workflowId}` : 'tributary dataset status'],
      workflow: { workflowId, runId },
    };
  }
  const runs = datasets === undefined ? `tributary runs --pipeline ${pipeline}` : 'tributary dataset status';
  return {
    finished: false,
    found: await whyNone(client, schedule),
    commands: ['tributary schedule list', runs],
  };
}

async function whyNone(client: Client, schedule: string): Promise<string> {
  try {
    const { state } = await undecoded(client).schedule.getHandle(schedule).describe();
    return state.paused
      ? 'The schedule is paused, so it started no run.'
      : 'The schedule started no run: most likely because an earlier run was still in progress or waiting for an operator.';
  } catch (error) {
    if (error instanceof ScheduleNotFoundError)
      return 'The schedule does not exist any more, so it started no run.';
    throw error;
  }
}
