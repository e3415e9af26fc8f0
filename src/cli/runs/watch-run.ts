import type { Client } from '@temporalio/client';
import { countLines, workOf } from '../../contract/work-details.ts';
import { outcomeOf } from '../../pipeline/run/outcome.ts';
import { atIntervals, type Follower, follow, onceEach } from '../observe/follow.ts';
import { observeRun, type RunObservation } from '../observe/observe-run.ts';
import { progressChanges } from '../observe/progress-lines.ts';
import { runView } from '../observe/progress-view.ts';
import { figuresOf } from '../observe/run-figures.ts';
import { jsonReport, resultLines, statusWord } from '../observe/run-report.ts';
import { nextStepOf, secondsOf, stateText, stepLines } from '../observe/run-state.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { type Interrupt, onInterrupt } from '../terminal/interrupt.ts';
import { asTypedHere, TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { LiveScreen } from '../terminal/live-screen.ts';
import { duration, instant } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';

interface WatchedRun {
  readonly workflowId: string;
  readonly pipeline: string;
  readonly run: string;
  readonly json: boolean;
  /** The file given with `--config`. */
  readonly config?: string | undefined;
}

interface WatchOptions {
  /** Stops watching. Default: the signals of this process. */
  readonly interrupt?: Interrupt;
  /** The run ends with this process, so it cannot be watched again. */
  readonly endsWithUs?: boolean;
}

/** Often enough for the seconds on the screen to count up one by one. */
const LIVE_EVERY_MS = 400;
const PLAIN_EVERY_MS = 1000;

/** Watches a run until it ends: redrawn in place on a terminal, one line per change elsewhere. */
export async function watchRun(
  client: Client,
  watched: WatchedRun,
  options: WatchOptions = {},
): Promise<ExitCode> {
  const out = watched.json ? process.stderr : process.stdout;
  const colours = paletteFor(out);
  const live = out.isTTY === true;
  const display = live ? liveDisplay(out, colours, watched) : plainDisplay(out, watched);
  const interrupt = options.interrupt ?? onInterrupt();
  let last: RunObservation | undefined;
  try {
    const observe = () => observeRun(client, watched.workflowId);
    last = await follow(client, observe, display.follower, {
      everyMs: live ? LIVE_EVERY_MS : PLAIN_EVERY_MS,
      signal: interrupt.signal,
      untilWaiting: !live,
    });
  } finally {
    if (options.interrupt === undefined) interrupt.release();
    display.close();
  }
  const run = last?.run ?? watched.run;
  if (interrupt.signal.aborted && options.endsWithUs) return ExitCode.interrupted;
  for (const line of endLines(last, { ...watched, run }, interrupt.signal.aborted, colours))
    out.write(`${line}\n`);
  if (watched.json) {
    const status = last === undefined ? 'running' : statusWord(last);
    const figures = await figuresOf(client, last, watched.config);
    const seconds = last?.result?.seconds ?? (last === undefined ? 0 : secondsOf(last));
    process.stdout.write(`${jsonReport(run, status, figures, seconds)}\n`);
  }
  if (last?.closedAt !== undefined) return exitCodeOf(last);
  return interrupt.signal.aborted ? ExitCode.interrupted : ExitCode.waiting;
}

function exitCodeOf({ result }: RunObservation): ExitCode {
  if (result === undefined) return ExitCode.failed;
  return result.drift?.flagged === true ? ExitCode.drifted : ExitCode.done;
}

interface Display {
  readonly follower: Follower<RunObservation>;
  readonly close: () => void;
}

function liveDisplay(out: NodeJS.WriteStream, colours: Palette, watched: WatchedRun): Display {
  const screen = new LiveScreen(out);
  let lost: string | undefined;
  let last: { seen: RunObservation; notes: readonly string[] } | undefined;
  const draw = () => {
    if (last === undefined) return;
    const notes = lost === undefined ? last.notes : [lost];
    const columns = Math.min(out.columns ?? 80, 100);
    const size = { columns, maxFailures: 3, maxReasonLines: 3 };
    screen.draw(runView({ ...viewOf(last.seen, watched, colours), notes }, colours, size, Date.now()));
  };
  return {
    follower: {
      look: (seen, notes) => {
        last = { seen, notes };
        draw();
      },
      lost: (message) => {
        lost = message.startsWith('Temporal answers') ? undefined : message;
        if (last === undefined) screen.draw([colours.yellow(message)]);
        draw();
      },
    },
    close: () => screen.close(true),
  };
}

function plainDisplay(out: NodeJS.WriteStream, watched: WatchedRun): Display {
  let before: RunObservation['progress'];
  const say = (line: string) => out.write(`${instant(new Date()).slice(11)} ${line}\n`);
  const sayNotes = onceEach(say);
  const sayWork = atIntervals(say);
  return {
    follower: {
      look: ({ progress, run }, notes) => {
        if (progress !== undefined) {
          for (const line of progressChanges(before, progress, run ?? watched.run)) say(line);
          before = progress;
          sayWork(progress.phase, countLines(workOf(progress)));
        }
        sayNotes(notes);
      },
      lost: say,
    },
    close: () => {},
  };
}

/** The state of a run, why it is so and what to do about it, for `status` as well. */
export function viewOf(
  seen: RunObservation,
  { pipeline, run, config }: { pipeline: string; run: string; config?: string | undefined },
  colours: Palette,
) {
  return {
    title: `${pipeline}  ${seen.run ?? run}`,
    state: `${stateText(seen, colours)} ${colours.dim(duration(seen.result?.seconds ?? secondsOf(seen)))}`,
    progress: seen.progress,
    ended: seen.closedAt === undefined || seen.state === 'completed' ? undefined : seen.state,
    failure: seen.failure,
    step: stepLines(nextStepOf(seen, config), colours),
  };
}

function endLines(
  last: RunObservation | undefined,
  { pipeline, run, config }: WatchedRun,
  interrupted: boolean,
  colours: Palette,
): string[] {
  if (last?.result !== undefined) return ['', ...resultLines(pipeline, last.result, colours)];
  if (last?.closedAt !== undefined) {
    return [
      '',
      `${colours.red('✗')} ${colours.bold(`${pipeline} ${last.state}`)}: ${asTypedHere(last.failure ?? 'no reason is known')}`,
      ...stepLines(nextStepOf(last, config), colours).slice(1),
    ];
  }
  if (interrupted) {
    return [
      '',
      'Stopped watching; the run continues.',
      `  Watch it again: ${TRIBUTARY} status ${run} --wait${WITH_CONFIG}`,
    ];
  }
  const step = last === undefined ? undefined : nextStepOf({ ...last, state: 'waiting' }, config);
  return ['', `${pipeline} is ${outcomeOf('waiting').word}.`, ...stepLines(step, colours).slice(1)];
}
