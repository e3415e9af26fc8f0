import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { SINGLE_DESTINATION } from '../../contract/changes/changes.ts';
import { mayBelongTo } from './open-runs.ts';
import { undecoded } from './undecoded.ts';
import { UndecodableInput, workflowInput } from './workflow-input.ts';

/** A run that will replace what the destination has live. Temporal's list may be a second behind. */
export async function runUnderWay(
  client: Client,
  { pipeline, destination }: { readonly pipeline: string; readonly destination: string },
): Promise<{ readonly workflowId: string; readonly startedAt: string } | undefined> {
  const query = 'WorkflowType="refreshWarehouse" AND ExecutionStatus="Running"';
  for await (const { workflowId, runId, startTime } of undecoded(client).workflow.list({ query })) {
    if (!mayBelongTo(pipeline, workflowId)) continue;
    const input = await workflowInput(client, { workflowId, runId }).catch((error: unknown) => {
      if (error instanceof UndecodableInput) return undefined;
      throw error;
    });
    const given = RunInput.safeParse(input).data;
    if (given?.pipeline !== pipeline || (given.to ?? 'replace') !== 'replace') continue;
    const of = given.destination ?? given.definition?.destination ?? SINGLE_DESTINATION;
    if (of === destination) return { workflowId, startedAt: startTime.toISOString() };
  }
  return undefined;
}

/** What of a run's input tells which schema it replaces. */
const RunInput = z.object({
  pipeline: z.string(),
  destination: z.string().optional(),
  to: z.string().optional(),
  definition: z.object({ destination: z.string().optional() }).optional(),
});
