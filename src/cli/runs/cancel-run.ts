import type { Client } from '@temporalio/client';
import { findInference } from '../observe/find-inference.ts';
import { findRun } from '../observe/find-run.ts';
import { childOfRun } from '../temporal/child-of-run.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { describeWorkflow, whatToSet } from '../temporal/known-workflow.ts';
import { GaveUpWaiting, resultOf } from '../temporal/perform.ts';
import { workflowType } from '../temporal/workflow-type.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';

export interface CancelOptions {
  readonly config?: string;
}

/**
 * Cancels a run, an inference or a request, and waits until it has ended.
 * One that has ended already is not an error. One that cannot be decoded here is cancelled, but not awaited.
 */
export async function cancelRun(name: string, options: CancelOptions): Promise<ExitCode> {
  return withTemporal(options.config, async (client) => {
    const workflowId = await workflowOf(client, name, options.config);
    const handle = client.workflow.getHandle(workflowId);
    const { status, type, undecodable } = await describeWorkflow(client, workflowId);
    const say = (text: string) => process.stdout.write(`${text}\n`);
    if (status.name !== 'RUNNING') {
      say(`${name} has already ended (${status.name.toLowerCase().replaceAll('_', ' ')}).`);
      return ExitCode.done;
    }
    const interrupt = onInterrupt();
    await handle.cancel();
    if (undecodable !== undefined) {
      say(
        `The cancellation of ${workflowId} is requested. It cannot be decoded here (${undecodable}), so this command does not wait for its end. ${await whatToSet(workflowId)}`,
      );
      return ExitCode.done;
    }
    try {
      await resultOf(client, workflowId, { interrupt });
      say(`${name} completed before it could be cancelled.`);
    } catch (error) {
      if (error instanceof GaveUpWaiting || !(error instanceof CommandError)) throw error;
      const resume =
        type === 'refreshWarehouse' ? ` How to resume it: ${TRIBUTARY} status ${name}${WITH_CONFIG}` : '';
      say(`${name} is cancelled.${resume}`);
    }
    return ExitCode.done;
  });
}

async function workflowOf(client: Client, name: string, config: string | undefined): Promise<string> {
  // A request, such as a rollback, is known by its workflow id alone. A segment is cancelled with its run.
  if (childOfRun(name) === undefined && (await workflowType(client, name)) !== undefined) return name;
  return (await findInference(client, name, config)) ?? (await findRun(client, name, config));
}
