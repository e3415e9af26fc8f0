import { setTimeout } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { findPipeline, readConfig } from '../config/read-config.ts';
import { PipelineName } from '../pipeline/pipeline-definition.ts';
import { rootCause } from '../workflows/failure.ts';
import {
  type InferInput,
  type InferProgress,
  type InferResult,
  inferWorkflowId,
} from '../workflows/infer-messages.ts';
import { CONTROL_TASK_QUEUE, QUERY_PROGRESS } from '../workflows/messages.ts';
import { withTemporal } from './command-context.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import type { InferOptions } from './infer-command.ts';
import { onInterrupt } from './interrupt.ts';
import { counted, duration } from './measures.ts';
import { paletteFor } from './palette.ts';
import { newRunName } from './run-name.ts';
import { driftText } from './run-report.ts';
import { workflowPage } from './temporal-target.ts';

const LOOK_EVERY_MS = 1000;

/** Starts an inference, and watches it where that is asked for. */
export async function startInference(pipeline: string, options: InferOptions): Promise<ExitCode> {
  const name = PipelineName.safeParse(pipeline);
  if (!name.success) {
    throw new CommandError(
      ExitCode.usage,
      `"${pipeline}" is no pipeline's name: expected ${name.error.issues[0]?.message}.`,
    );
  }
  const { sample, segments, examples, acceptDrift, config } = options;
  const inference = newRunName();
  const definition = config === undefined ? undefined : findPipeline(await readConfig(config), pipeline);
  const input: InferInput = {
    pipeline,
    inference,
    examples,
    ...(definition && { definition }),
    ...(sample && { sample }),
    ...(segments && { segments }),
    ...(acceptDrift && { acceptDrift }),
  };
  return withTemporal(config, async (client, target) => {
    const workflowId = inferWorkflowId(pipeline, inference);
    const handle = await client.workflow.start('inferSchema', {
      workflowId,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [input],
      memo: { pipeline, inference },
      staticSummary: `schema of ${pipeline}${sample === undefined ? '' : `, a sample of ${sample}`}`,
    });
    const out = options.json ? process.stderr : process.stdout;
    out.write(`Started inference ${inference} of ${pipeline}\n`);
    const page = workflowPage(target, workflowId);
    if (page !== undefined) out.write(`  ${paletteFor(out).cyan(page)}\n`);
    if (options.wait) return watch(handle, pipeline, out, options.json ?? false);
    if (options.json) process.stdout.write(`${JSON.stringify({ inference, status: 'started' })}\n`);
    return ExitCode.done;
  });
}

async function watch(
  handle: WorkflowHandle,
  pipeline: string,
  out: NodeJS.WriteStream,
  json: boolean,
): Promise<ExitCode> {
  const interrupt = onInterrupt();
  const stop = new AbortController();
  const ended = handle.result().then(
    (result) => ({ result: result as InferResult }),
    (error: unknown) => ({ error }),
  );
  try {
    const end = await Promise.race([ended, tell(handle, out, interrupt.signal, stop.signal)]);
    if (end === 'interrupted') return ExitCode.interrupted;
    if (end === 'waiting') return ExitCode.waiting;
    if ('error' in end) {
      const { message } = rootCause((end.error as { cause?: unknown }).cause ?? end.error);
      throw new CommandError(ExitCode.failed, `The inference failed: ${message}`);
    }
    for (const line of resultLines(pipeline, end.result)) out.write(`${line}\n`);
    if (json) process.stdout.write(`${JSON.stringify(end.result)}\n`);
    return end.result.drift.flagged ? ExitCode.drifted : ExitCode.done;
  } finally {
    interrupt.release();
    // Else it would go on asking, and keep this process alive.
    stop.abort();
  }
}

/** A line for each change; ends where a person has to act, or stops watching. */
async function tell(
  handle: WorkflowHandle,
  out: NodeJS.WriteStream,
  interrupted: AbortSignal,
  stopped: AbortSignal,
): Promise<'waiting' | 'interrupted'> {
  const signal = AbortSignal.any([interrupted, stopped]);
  let before = '';
  for (;;) {
    const progress = await handle.query<InferProgress>(QUERY_PROGRESS).catch(() => undefined);
    const text = progress === undefined ? before : progressText(progress);
    if (text !== before) out.write(`${text}\n`);
    before = text;
    if (progress?.state === 'waiting') {
      for (const { workflowId, error } of progress.scan?.unfinished ?? [])
        out.write(`  ${workflowId}: ${error}\n`);
      out.write(`Send the update retrySegment to ${handle.workflowId} when the cause is mended.\n`);
      return 'waiting';
    }
    try {
      await setTimeout(LOOK_EVERY_MS, undefined, { signal });
    } catch {
      if (interrupted.aborted) out.write('Stopped watching; the inference goes on.\n');
      return 'interrupted';
    }
  }
}

function progressText({ phase, scan }: InferProgress): string {
  if (phase !== 'scan' || scan === undefined) return phase;
  return `scan: ${scan.settled} of ${counted(scan.total, 'segment')}, ${counted(scan.items, 'item')}`;
}

function resultLines(pipeline: string, result: InferResult): string[] {
  const { items, seconds, agreed, reason, drift, report } = result;
  return [
    `${pipeline}: looked at ${counted(items, 'item')} in ${duration(seconds)}`,
    `  ${agreed ? `agreed, revision ${drift.revision}` : `not agreed: ${reason}`}`,
    ...(driftText(drift) === undefined ? [] : [`  ${driftText(drift)}`]),
    `  statistics: ${report}`,
    `  look at it: npx tributary schema show ${pipeline}`,
  ];
}
