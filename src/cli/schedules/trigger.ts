import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { temporalProgram } from '../temporal/temporal-program.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

/** Temporal starts what a trigger asks for within a second, unless it is busy. */
const LOOKS = 20;
const PAUSE_MS = 250;

/**
 * Triggers a schedule.
 * @returns what it did and how to see it: runs are listed, an inference is seen by its id
 * @throws ScheduleNotFoundError
 */
export async function trigger(client: Client, name: string): Promise<string> {
  const handle = client.schedule.getHandle(name);
  const { action, info } = await handle.describe();
  await handle.trigger();
  if (action.workflowType === 'bulkLoad')
    return `Triggered schedule ${name}. See its batches: ${TRIBUTARY} loader status`;
  if (action.workflowType === 'refreshDataset')
    return `Triggered schedule ${name}. See what it does: ${TRIBUTARY} dataset status <dataset>`;
  if (action.workflowType === 'refreshGraph')
    return `Triggered schedule ${name}. See what it does: ${TRIBUTARY} dataset status`;
  if (action.workflowType !== 'inferSchema')
    return `Triggered schedule ${name}. List the runs: ${TRIBUTARY} runs`;
  const before = new Set(info.recentActions.map(startedBy));
  for (let look = 0; look < LOOKS; look++) {
    const { recentActions } = (await handle.describe()).info;
    const started = recentActions.map(startedBy).findLast((id) => !before.has(id));
    if (started !== undefined)
      return `Triggered schedule ${name}: inference ${started}. See it: ${TRIBUTARY} status ${started}`;
    await pause(PAUSE_MS);
  }
  return (
    `Triggered schedule ${name}. Its inference has not started yet, or an earlier one is still open. List both: ` +
    `${await temporalProgram()} workflow list --query 'WorkflowType="inferSchema"'`
  );
}

const startedBy = ({ action }: { readonly action: { readonly workflow: { readonly workflowId: string } } }) =>
  action.workflow.workflowId;
