import { type InferInput, inferWorkflowId } from '../../contract/infer.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { newRunName } from '../temporal/run-name.ts';
import { workflowPage } from '../temporal/temporal-target.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import { watchInference } from './watch-inference.ts';

export interface InferOptions {
  readonly destination?: string;
  readonly sample?: string;
  readonly segments?: number;
  readonly examples: 'on' | 'off';
  readonly agree?: boolean;
  readonly acceptDrift?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Starts an inference, and with `--wait` watches it. */
export async function startInference(pipeline: string, options: InferOptions): Promise<ExitCode> {
  const { sample, segments, examples, agree = false, acceptDrift, config } = options;
  const inference = newRunName();
  const input: InferInput = {
    ...(await pipelineInput(pipeline, config, options.destination)),
    inference,
    examples,
    agree,
    ...(sample && { sample }),
    ...(segments && { segments }),
    ...(acceptDrift && { acceptDrift }),
  };
  return withTemporal(config, async (client, target) => {
    const workflowId = inferWorkflowId(pipeline, inference);
    await client.workflow.start('inferSchema', {
      workflowId,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [input],
      memo: { pipeline, inference, command: TRIBUTARY },
      staticSummary: `schema of ${pipeline}${sample === undefined ? '' : `, a sample of ${sample}`}`,
    });
    const out = options.json ? process.stderr : process.stdout;
    out.write(`Started inference ${inference} of ${pipeline}\n`);
    const page = workflowPage(target, workflowId);
    if (page !== undefined) out.write(`  ${paletteFor(out).cyan(page)}\n`);
    if (options.wait)
      return watchInference(client, workflowId, { pipeline, inference, json: options.json ?? false });
    if (options.json) process.stdout.write(`${JSON.stringify({ inference, status: 'started' })}\n`);
    return ExitCode.done;
  });
}
