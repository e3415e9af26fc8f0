import type { Client, WorkflowExecutionDescription, WorkflowExecutionInfo } from '@temporalio/client';
import { type DecodedMemo, decodedMemo, undecoded } from '../../activities/temporal/undecoded.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { temporalProgram } from './temporal-program.ts';

/** Workflows as Temporal lists and describes them, even if their memos cannot be decoded here. */

/** The workflows that a query of Temporal's visibility API finds. */
export async function* listWorkflows(
  client: Client,
  query: string,
): AsyncGenerator<Omit<WorkflowExecutionInfo, 'memo'> & DecodedMemo> {
  for await (const found of undecoded(client).workflow.list({ query }))
    yield { ...found, ...(await decodedMemo(client, found.memo)) };
}

/** @throws WorkflowNotFoundError if Temporal has no workflow with this id */
export async function describeWorkflow(
  client: Client,
  workflowId: string,
): Promise<Omit<WorkflowExecutionDescription, 'memo'> & DecodedMemo> {
  const found = await undecoded(client).workflow.getHandle(workflowId).describe();
  return { ...found, ...(await decodedMemo(client, found.memo)) };
}

/** @throws CommandError if the workflow cannot be decoded here: why, and what to set */
export async function refuseUndecodable({
  workflowId,
  undecodable,
}: { readonly workflowId: string } & Pick<DecodedMemo, 'undecodable'>): Promise<void> {
  if (undecodable === undefined) return;
  throw new CommandError(
    ExitCode.usage,
    `Workflow ${workflowId} cannot be decoded here: ${undecodable}. ${await whatToSet(workflowId)}`,
  );
}

/** What to do about a workflow that cannot be decoded here. */
export async function whatToSet(workflowId: string): Promise<string> {
  return (
    `${whichConverter()}. If the workers do not use the same, they cannot decode it either; then end it: ` +
    `${await temporalProgram()} workflow terminate --workflow-id ${workflowId}`
  );
}

/** Which data converter decodes what cannot be decoded here. */
export function whichConverter(): string {
  const own = process.env.TRIBUTARY_DATA_CONVERTER;
  return own
    ? `The data converter in TRIBUTARY_DATA_CONVERTER (${own}) could not decode it: another one encoded it, or it has another key. Set the module and the key that encoded it`
    : 'A data converter encoded it: set TRIBUTARY_DATA_CONVERTER to the module that encoded it';
}
