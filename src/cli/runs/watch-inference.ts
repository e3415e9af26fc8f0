import type { Client } from '@temporalio/client';
import {
  DRIFT_NOT_ACCEPTED,
  type InferProgress,
  type InferResult,
  ONLY_LOOKED,
} from '../../contract/infer.ts';
import { inferStep } from '../../contract/infer-details.ts';
import { countLines, workOfInference } from '../../contract/work-details.ts';
import { commandOf, leadOf } from '../../pipeline/run/outcome.ts';
import { dictionaryLines } from '../observe/dictionary-lines.ts';
import { atIntervals, type Follower, follow, onceEach } from '../observe/follow.ts';
import { observeInference, type RunObservation } from '../observe/observe-run.ts';
import { failures, oneLine } from '../observe/progress-lines.ts';
import { driftText, filteredText } from '../observe/run-report.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { counted, duration } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';

const LOOK_EVERY_MS = 1000;
const COLUMNS = 100;

interface WatchedInference {
  readonly pipeline: string;
  readonly inference: string;
  /** Progress goes to stderr, and the result to stdout as one line of JSON. */
  readonly json: boolean;
}

/** Prints one line per change, until the inference has ended or waits for an operator. */
export async function watchInference(
  client: Client,
  workflowId: string,
  { pipeline, inference, json }: WatchedInference,
): Promise<ExitCode> {
  const out = json ? process.stderr : process.stdout;
  const say = (line: string) => out.write(`${line}\n`);
  const interrupt = onInterrupt();
  const observe = () => observeInference(client, workflowId);
  const last = await follow(client, observe, linesOf(say), {
    everyMs: LOOK_EVERY_MS,
    signal: interrupt.signal,
    untilWaiting: true,
  }).finally(interrupt.release);
  if (last?.result !== undefined) {
    for (const line of inferenceResultLines(pipeline, last.result)) say(line);
    if (json) process.stdout.write(`${JSON.stringify(last.result)}\n`);
    return last.result.drift.flagged ? ExitCode.drifted : ExitCode.done;
  }
  if (last?.closedAt !== undefined) {
    throw new CommandError(ExitCode.failed, `The inference failed: ${last.failure ?? 'no reason is known'}`);
  }
  if (interrupt.signal.aborted) {
    say('Stopped watching; the inference continues.');
    return ExitCode.interrupted;
  }
  if (last?.progress !== undefined) for (const line of inferenceFailures(last.progress, inference)) say(line);
  return ExitCode.waiting;
}

function linesOf(say: (line: string) => void): Follower<RunObservation<InferProgress, InferResult>> {
  const sayNotes = onceEach(say);
  const sayWork = atIntervals(say);
  let before = '';
  return {
    look: ({ progress }, notes) => {
      const text = progress === undefined ? before : inferenceText(progress);
      if (text !== before) say(text);
      before = text;
      if (progress !== undefined) sayWork(progress.phase, countLines(workOfInference(progress)));
      sayNotes(notes);
    },
    lost: say,
  };
}

/** `scan: 3 of 4 segments, 1,234 items, 1 external`; in other phases, the name of the phase. */
export function inferenceText({ phase, scan }: InferProgress): string {
  if (phase !== 'scan' || scan === undefined) return phase;
  const external = scan.external === 0 ? '' : `, ${scan.external} external`;
  return `scan: ${scan.settled} of ${counted(scan.total, 'segment')}, ${counted(scan.items, 'item')}${external}`;
}

/** What failed, why, and the command to retry it. Empty if nothing failed. */
export function inferenceFailures(progress: InferProgress, inference: string): string[] {
  const { scan } = progress;
  const failed = failures(scan);
  if (failed.length === 0) return [];
  const step = inferStep({ ...progress, inference });
  return [
    ...failed.map(({ child, error }) => `segment ${child} failed: ${oneLine(error ?? 'no reason is known')}`),
    ...(step === undefined ? [] : [`${leadOf(step)} ${asTypedHere(`\`${commandOf(step)}\``).slice(1, -1)}`]),
  ];
}

/** What an inference found, and what to look at or do next. */
export function inferenceResultLines(pipeline: string, result: InferResult): string[] {
  const { items, seconds, agreed, reason, drift, report } = result;
  return [
    `${pipeline}: read ${counted(items, 'item')}${filteredText(result)} in ${duration(seconds)}`,
    `  ${agreed ? `agreed, revision ${drift.revision}` : reason === ONLY_LOOKED ? 'only looked: the agreed schema is unchanged' : `not agreed: ${reason}`}`,
    ...(driftText(drift) === undefined ? [] : [`  ${driftText(drift)}`]),
    ...dictionaryLines(result.dictionaries, paletteFor(process.stdout), COLUMNS, reason),
    `  statistics: ${report}`,
    `  ${agreed ? `schema: ${typed(`schema show ${pipeline}`)}` : helpWith(reason, pipeline)}`,
  ];
}

/** What to do about a schema that was not agreed. */
const helpWith = (reason: string | undefined, pipeline: string): string =>
  reason === ONLY_LOOKED
    ? `to agree on it: ${typed(`infer ${pipeline} --agree`)}`
    : reason === DRIFT_NOT_ACCEPTED
      ? `to accept the drift: ${typed(`infer ${pipeline} --accept-drift`)}`
      : `settings to add to its mapping: ${typed(`schema suggest ${pipeline}`)}; then infer again`;

const typed = (words: string): string => `${TRIBUTARY} ${words}${WITH_CONFIG}`;
