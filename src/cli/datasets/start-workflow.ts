import type { Client } from '@temporalio/client';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { workflowPage } from '../temporal/temporal-target.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { resultOf } from './result-of.ts';

export interface StartOptions {
  /** false: only start it. */
  readonly wait: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

interface Workflow<Result> {
  readonly type: string;
  readonly workflowId: string;
  readonly input: object;
  /** What the Web UI shows of it. */
  readonly summary: string;
  readonly memo?: Readonly<Record<string, string>>;
  /** Its result for people, without the last line feed. */
  readonly text: (result: Result) => string;
  readonly isDone: (result: Result) => boolean;
  /** Called once it is waited for. @returns what is called once it has ended */
  readonly whileRunning?: (client: Client, write: (text: string) => void) => () => void;
  /** What else an operator is to know, once it has completed. */
  readonly warnings: (client: Client) => Promise<readonly string[]>;
}

/** Starts a workflow of datasets, says where to look at it, and prints its result unless it is only to be started. */
export async function startWorkflow<Result extends object>(
  { type, workflowId, input, summary, memo = {}, text, isDone, whileRunning, warnings }: Workflow<Result>,
  { wait, json = false, config }: StartOptions,
): Promise<ExitCode> {
  return withTemporal(config, async (client, target) => {
    const handle = await client.workflow.start(type, {
      ...{ workflowId, taskQueue: CONTROL_TASK_QUEUE, args: [input] },
      memo: { ...memo, command: TRIBUTARY },
      staticSummary: summary,
    });
    const out = json ? process.stderr : process.stdout;
    out.write(`Started ${workflowId}\n`);
    const page = workflowPage(target, workflowId);
    if (page !== undefined) out.write(`  ${page}\n`);
    if (!wait) {
      if (json) process.stdout.write(`${JSON.stringify({ workflowId, status: 'started' })}\n`);
      return ExitCode.done;
    }
    const ended = whileRunning?.(client, (line) => void out.write(line));
    const result = await resultOf(() => handle.result() as Promise<Result>).finally(ended);
    process.stdout.write(json ? `${JSON.stringify({ workflowId, ...result })}\n` : `${text(result)}\n`);
    for (const warning of await warnings(client)) process.stderr.write(`${warning}\n`);
    return isDone(result) ? ExitCode.done : ExitCode.failed;
  });
}
