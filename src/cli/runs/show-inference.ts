import type { Client } from '@temporalio/client';
import { countLines, workOfInference } from '../../contract/work-details.ts';
import { delayNotes } from '../observe/delay-notes.ts';
import { exitCodeOfState, observeInference } from '../observe/observe-run.ts';
import { secondsOf, stateText } from '../observe/run-state.ts';
import { noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { type TemporalTarget, workflowPage } from '../temporal/temporal-target.ts';
import type { ExitCode } from '../terminal/exit-code.ts';
import { asTypedHere } from '../terminal/invocation.ts';
import { duration } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { runJson } from './list-runs.ts';
import { inferenceFailures, inferenceResultLines, inferenceText, watchInference } from './watch-inference.ts';

/** Prints the state of an inference, why it waits, and what to do next. */
export async function showInference(
  client: Client,
  workflowId: string,
  target: TemporalTarget,
  { wait = false, json = false }: { readonly wait?: boolean; readonly json?: boolean },
): Promise<ExitCode> {
  const seen = await observeInference(client, workflowId);
  const { progress, result, failure, retrying, state } = seen;
  const pipeline = seen.pipeline ?? '?';
  const inference = progress?.inference ?? seen.run ?? workflowId;
  if (wait) return watchInference(client, workflowId, { pipeline, inference, json });
  if (json) {
    const { run: _, ...known } = runJson(seen);
    const shown = { inference, ...known, progress: progress ?? null, result: result ?? null };
    process.stdout.write(`${JSON.stringify({ ...shown, error: failure ?? null, retrying })}\n`);
    return exitCodeOfState(state);
  }
  const colours = paletteFor(process.stdout);
  const unanswered = seen.closedAt === undefined && progress === undefined;
  const missing = unanswered ? await queuesWithoutWorker(client, Date.now()) : [];
  const word = stateText({ state, status: undefined }, colours);
  const lines = [
    `${colours.bold(`${pipeline}  ${inference}`)}  ${word} ${colours.dim(duration(secondsOf(seen)))}`,
    ...(progress === undefined || result !== undefined ? [] : [`  ${inferenceText(progress)}`]),
    ...(progress === undefined ? [] : countLines(workOfInference(progress)).map((line) => `  ${line}`)),
    ...(progress === undefined ? [] : inferenceFailures(progress, inference).map((line) => `  ${line}`)),
    ...(missing.length > 0 ? [`  ${colours.yellow(noWorkerNote(missing))}`] : []),
    ...delayNotes(seen).map((note) => `  ${colours.yellow(note)}`),
    ...(result === undefined ? [] : inferenceResultLines(pipeline, result)),
    ...(failure === undefined ? [] : [`${colours.red('✗')} ${asTypedHere(failure)}`]),
    '',
    colours.dim(workflowPage(target, workflowId) ?? `workflow ${workflowId}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return exitCodeOfState(state);
}
