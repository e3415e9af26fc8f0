import { setTimeout } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { rootCause } from '../workflows/failure.ts';
import type { InferProgress, InferResult } from '../workflows/infer-messages.ts';
import { QUERY_PROGRESS } from '../workflows/messages.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupt.ts';
import { counted, duration } from './measures.ts';
import { failures, oneLine, retryCommand } from './progress-lines.ts';
import { driftText } from './run-report.ts';

const LOOK_EVERY_MS = 1000;

export interface WatchedInference {
  readonly pipeline: string;
  readonly inference: string;
  /** Progress goes to stderr, and the result to stdout as one line of JSON. */
  readonly json: boolean;
}

/** Tells a line for each change, until the inference has ended or waits for a person. */
export async function watchInference(
  client: Client,
  workflowId: string,
  watched: WatchedInference,
): Promise<ExitCode> {
  const handle = client.workflow.getHandle(workflowId);
  const out = watched.json ? process.stderr : process.stdout;
  const interrupt = onInterrupt();
  const stop = new AbortController();
  // Closing a connection waits for what is asked over it, and this is asked until the inference ends.
  const ended = client
    .withAbortSignal(stop.signal, () => handle.result())
    .then(
      (result) => ({ result: result as InferResult }),
      (error: unknown) => ({ error }),
    );
  try {
    const end = await Promise.race([
      ended,
      tell(handle, watched.inference, out, interrupt.signal, stop.signal),
    ]);
    if (end === 'interrupted') return ExitCode.interrupted;
    if (end === 'waiting') return ExitCode.waiting;
    if ('error' in end) {
      const { message } = rootCause((end.error as { cause?: unknown }).cause ?? end.error);
      throw new CommandError(ExitCode.failed, `The inference failed: ${message}`);
    }
    for (const line of inferenceResultLines(watched.pipeline, end.result)) out.write(`${line}\n`);
    if (watched.json) process.stdout.write(`${JSON.stringify(end.result)}\n`);
    return end.result.drift.flagged ? ExitCode.drifted : ExitCode.done;
  } finally {
    interrupt.release();
    // Else it would go on asking, and keep this process alive.
    stop.abort();
  }
}

/** Ends where a person has to act, or stops watching. */
async function tell(
  handle: WorkflowHandle,
  inference: string,
  out: NodeJS.WriteStream,
  interrupted: AbortSignal,
  stopped: AbortSignal,
): Promise<'waiting' | 'interrupted'> {
  const signal = AbortSignal.any([interrupted, stopped]);
  let before = '';
  for (let waitingLooks = 0; ; ) {
    const progress = await handle.query<InferProgress>(QUERY_PROGRESS).catch(() => undefined);
    const text = progress === undefined ? before : inferenceText(progress);
    if (text !== before) out.write(`${text}\n`);
    before = text;
    // Two looks: a retry that was just asked for may not have moved its segment yet.
    waitingLooks = progress?.state === 'waiting' ? waitingLooks + 1 : 0;
    if (progress !== undefined && waitingLooks === 2) {
      for (const line of inferenceFailures(progress, inference)) out.write(`${line}\n`);
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

/** `scan: 3 of 4 segments, 1,234 items`, or the phase. */
export function inferenceText({ phase, scan }: InferProgress): string {
  if (phase !== 'scan' || scan === undefined) return phase;
  return `scan: ${scan.settled} of ${counted(scan.total, 'segment')}, ${counted(scan.items, 'item')}`;
}

/** What failed, why, and the command that helps; nothing where nothing failed. */
export function inferenceFailures({ scan }: InferProgress, inference: string): string[] {
  const failed = failures(scan);
  if (failed.length === 0) return [];
  const [only] = failed.length === 1 ? failed : [];
  const command =
    only === undefined ? `npx tributary retry ${inference}` : retryCommand(inference, 'segment', only.child);
  return [
    ...failed.map(
      ({ child, error }) => `segment ${child} failed: ${oneLine(error ?? 'no reason was given')}`,
    ),
    `Mend the cause, then: ${command}`,
  ];
}

export function inferenceResultLines(pipeline: string, result: InferResult): string[] {
  const { items, seconds, agreed, reason, drift, report } = result;
  return [
    `${pipeline}: looked at ${counted(items, 'item')} in ${duration(seconds)}`,
    `  ${agreed ? `agreed, revision ${drift.revision}` : `not agreed: ${reason}`}`,
    ...(driftText(drift) === undefined ? [] : [`  ${driftText(drift)}`]),
    `  statistics: ${report}`,
    `  look at it: npx tributary schema show ${pipeline}`,
  ];
}
