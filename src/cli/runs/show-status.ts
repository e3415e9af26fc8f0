import type { Client } from '@temporalio/client';
import { stepsText } from '../../pipeline/run/work-now.ts';
import { changesNow, changesNowLines } from '../observe/changes-now.ts';
import { delayNotes } from '../observe/delay-notes.ts';
import { findInference } from '../observe/find-inference.ts';
import { findRun, newestDecodable, newestRuns } from '../observe/find-run.ts';
import { exitCodeOfState, observeRun, type RunObservation } from '../observe/observe-run.ts';
import { runView } from '../observe/progress-view.ts';
import { withRollbacks } from '../observe/rollbacks.ts';
import { resultLines } from '../observe/run-report.ts';
import { hasReport, nextStepOf, summaryOf } from '../observe/run-state.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { noWorkerNote, queuesWithoutWorker } from '../temporal/task-queue-pollers.ts';
import { type TemporalTarget, workflowPage } from '../temporal/temporal-target.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { runJson, runsTable } from './list-runs.ts';
import { showInference } from './show-inference.ts';
import { viewOf, watchRun } from './watch-run.ts';

export interface StatusOptions {
  readonly limit?: number;
  readonly json?: boolean;
  readonly wait?: boolean;
  readonly config?: string;
}

const EARLIER_SHOWN = 5;

export async function showStatus(name: string | undefined, options: StatusOptions): Promise<ExitCode> {
  return withTemporal(options.config, async (client, target) => {
    const inference = name === undefined ? undefined : await findInference(client, name, options.config);
    if (inference !== undefined) return showInference(client, inference, target, options);
    const recent =
      name === undefined ? await newestRuns(client, { limit: options.limit ?? EARLIER_SHOWN + 1 }) : [];
    const newest = newestDecodable(recent);
    const workflowId = name === undefined ? newest?.workflowId : await findRun(client, name, options.config);
    if (workflowId === undefined) {
      const none = `No runs yet. Start one: ${TRIBUTARY} run <pipeline>`;
      const changes = options.json ? [] : await changesLines(client);
      process.stdout.write(options.json ? 'null\n' : `${[none, ...changes].join('\n')}\n`);
      return ExitCode.done;
    }
    const [seen] = (await withRollbacks(client, [await observeRun(client, workflowId)])) as [RunObservation];
    const pipeline = seen.pipeline ?? '?';
    const run = seen.run ?? workflowId;
    const { json = false, config } = options;
    if (options.wait) return watchRun(client, { workflowId, pipeline, run, json, config });
    if (options.json) process.stdout.write(`${JSON.stringify(statusJson(seen))}\n`);
    else {
      const colours = paletteFor(process.stdout);
      const lines = await statusLines(client, target, seen, colours, config);
      if (recent.length > 1)
        lines.push(
          '',
          colours.dim(newest === recent[0] ? 'Earlier runs:' : 'Other runs:'),
          ...runsTable(
            recent.filter((run) => run !== newest),
            colours,
          ),
        );
      if (name === undefined) lines.push(...(await changesLines(client)));
      process.stdout.write(`${lines.join('\n')}\n`);
    }
    return exitCodeOfState(seen.state);
  });
}

const changesLines = async (client: Client): Promise<string[]> =>
  changesNowLines(await changesNow(client), paletteFor(process.stdout).dim);

async function statusLines(
  client: Client,
  target: TemporalTarget,
  seen: RunObservation,
  colours: Palette,
  config: string | undefined,
): Promise<string[]> {
  const pipeline = seen.pipeline ?? '?';
  const run = seen.run ?? seen.workflowId;
  const missing =
    seen.closedAt === undefined && seen.progress === undefined
      ? await queuesWithoutWorker(client, Date.now())
      : [];
  const notes = [
    ...(missing.length > 0 ? [noWorkerNote(missing)] : []),
    ...delayNotes(seen),
    ...(seen.rolledBackTo === undefined
      ? []
      : [`It was rolled back: run ${seen.rolledBackTo} was restored in its place`]),
    ...(seen.progress === undefined && seen.closedAt === undefined && seen.summary !== undefined
      ? [`Last known state: ${seen.summary}${seen.now === undefined ? '' : `; ${stepsText(seen.now)}`}`]
      : []),
  ];
  const columns = Math.min(process.stdout.columns ?? 100, 100);
  const size = { columns, maxFailures: 10, maxReasonLines: 100 };
  const view = { ...viewOf(seen, { pipeline, run, config }, colours), notes };
  const lines = runView(view, colours, size, Date.now());
  if (seen.result !== undefined) lines.push('', ...resultLines(pipeline, seen.result, colours));
  if (hasReport(seen)) lines.push('', colours.dim(`Report: ${TRIBUTARY} report ${run} --open${WITH_CONFIG}`));
  const page = workflowPage(target, seen.workflowId);
  lines.push('', colours.dim(page ?? `workflow ${seen.workflowId}`));
  return lines;
}

const statusJson = (seen: RunObservation) => ({
  ...runJson(seen),
  summary: summaryOf(seen) ?? null,
  progress: seen.progress ?? null,
  result: seen.result ?? null,
  error: seen.failure ?? null,
  nextStep: nextStepOf(seen, undefined) ?? null,
  retrying: seen.retrying,
});
