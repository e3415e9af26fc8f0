import type { Client } from '@temporalio/client';
import { type RefreshInput, refreshWorkflowId } from '../../contract/refresh.ts';
import { countLines, workOf } from '../../contract/work-details.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { atIntervals, follow, onceEach } from '../observe/follow.ts';
import { observeRun, type RunObservation } from '../observe/observe-run.ts';
import { progressChanges } from '../observe/progress-lines.ts';
import { figuresOf } from '../observe/run-figures.ts';
import { stateText, summaryOf } from '../observe/run-state.ts';
import { beginRun } from '../temporal/begin-run.ts';
import { type ChosenPipeline, labelOf } from '../temporal/chosen-pipeline.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { LiveScreen } from '../terminal/live-screen.ts';
import { counted, duration, instant } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { padded } from '../terminal/text-table.ts';
import { exitCodeOfAll, type Outcome, summaryJson, summaryLines } from './run-all-summary.ts';
import { inputOf, type RunOptions } from './start-run.ts';

/** Runs of several pipelines, some of them at once, watched until all have ended or wait for an operator. */

/** Each run has segments and tables at once itself, and all share the workers' slots and the warehouse. */
const AT_ONCE = 3;
const LIVE_EVERY_MS = 400;
const PLAIN_EVERY_MS = 1000;

type Started = RefreshInput & { readonly run: string };

/**
 * Starts the next run as soon as one ends, fails or waits for an operator; one that fails costs the others nothing. Ctrl-C
 * starts no more; those in progress continue.
 * @throws CommandError before anything has started, if an option is for one run only, or a pipeline is unknown
 */
export async function runAll(pipelines: readonly ChosenPipeline[], options: RunOptions): Promise<ExitCode> {
  refuseOptionsOfOneRun(options);
  const inputs: Started[] = [];
  for (const { pipeline, destination } of pipelines)
    inputs.push(await inputOf(pipeline, { ...options, ...(destination && { destination }) }));
  return withTemporal(options.config, async (client) => {
    const out = options.json ? process.stderr : process.stdout;
    const colours = paletteFor(out);
    const board = new Board(out, colours, inputs);
    const interrupt = onInterrupt();
    const outcomes = new Map<string, Outcome>();
    try {
      await forEachLimited(inputs, options.atOnce ?? AT_ONCE, async (input) => {
        const outcome = interrupt.signal.aborted
          ? ({ kind: 'not started' } as const)
          : await oneRun(client, input, options, board, interrupt.signal);
        outcomes.set(input.run, outcome);
      });
    } finally {
      interrupt.release();
      board.close();
    }
    const all = inputs.map(({ pipeline, destination, run }) => ({
      pipeline,
      ...(destination === undefined ? {} : { destination }),
      run,
      outcome: outcomes.get(run) ?? ({ kind: 'not started' } as const),
    }));
    const figures = await Promise.all(
      all.map(({ outcome }) =>
        figuresOf(client, outcome.kind === 'seen' ? outcome.last : undefined, options.config),
      ),
    );
    const ended = all.map((each, i) => ({ ...each, figures: figures[i]! }));
    for (const line of summaryLines(ended, options.config, colours)) out.write(`${line}\n`);
    const code = interrupt.signal.aborted ? ExitCode.interrupted : exitCodeOfAll(ended);
    if (options.json) process.stdout.write(`${summaryJson(ended, code)}\n`);
    return code;
  });
}

async function oneRun(
  client: Client,
  input: Started,
  { config }: RunOptions,
  board: Board,
  signal: AbortSignal,
): Promise<Outcome> {
  const workflowId = refreshWorkflowId(input.pipeline, input.run);
  try {
    await beginRun(client, workflowId, input, config);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    board.say(labelOf(input), `cannot be started: ${error.message}`);
    return { kind: 'refused', why: error.message };
  }
  board.say(labelOf(input), `started, run ${input.run}`);
  const last = await follow(client, () => observeRun(client, workflowId), board.followerOf(input), {
    everyMs: board.isLive ? LIVE_EVERY_MS : PLAIN_EVERY_MS,
    signal,
    untilWaiting: true,
  });
  return last === undefined ? { kind: 'unseen' } : { kind: 'seen', last };
}

function refuseOptionsOfOneRun({ from, run, segment, table }: RunOptions): void {
  const given = [
    ...(from === undefined || from === 'plan' ? [] : ['--from']),
    ...(run === undefined ? [] : ['--run']),
    ...(segment === undefined ? [] : ['--segment']),
    ...(table === undefined ? [] : ['--table']),
  ];
  if (given.length === 0) return;
  throw new CommandError(
    ExitCode.usage,
    `${given.join(' and ')} ${given.length === 1 ? 'is' : 'are'} for one run: name one pipeline.`,
  );
}

/** All runs on the screen: a line each, redrawn in place on a terminal; one line per change elsewhere. */
class Board {
  readonly isLive: boolean;
  readonly #out: NodeJS.WriteStream;
  readonly #colours: Palette;
  readonly #screen: LiveScreen | undefined;
  readonly #lines = new Map<string, string>();
  readonly #width: number;
  #note = '';

  constructor(out: NodeJS.WriteStream, colours: Palette, inputs: readonly Started[]) {
    this.#out = out;
    this.#colours = colours;
    this.isLive = out.isTTY === true;
    this.#screen = this.isLive ? new LiveScreen(out) : undefined;
    this.#width = Math.max(...inputs.map((input) => labelOf(input).length));
    for (const input of inputs) this.#lines.set(labelOf(input), colours.dim('queued'));
  }

  /** Something happened to a pipeline's run. */
  say(label: string, text: string): void {
    if (this.isLive) this.#set(label, text);
    else this.#out.write(`${instant(new Date()).slice(11)} ${padded(label, this.#width)}  ${text}\n`);
  }

  followerOf(input: Started) {
    const { run } = input;
    const label = labelOf(input);
    let before: RunObservation['progress'];
    const say = (text: string) => this.say(label, text);
    const sayNotes = onceEach((note) => (this.isLive ? this.#setNote(note) : say(note)));
    const sayWork = atIntervals(say);
    return {
      look: (seen: RunObservation, notes: readonly string[]) => {
        const { progress } = seen;
        if (this.isLive) this.#set(label, lineOf(seen, this.#colours));
        else if (progress !== undefined) {
          for (const line of progressChanges(before, progress, run)) say(line);
          before = progress;
          sayWork(progress.phase, countLines(workOf(progress)));
        }
        sayNotes(notes);
      },
      lost: (message: string) => (this.isLive ? this.#setNote(message) : say(message)),
    };
  }

  close(): void {
    this.#screen?.close(true);
  }

  #set(label: string, text: string): void {
    this.#lines.set(label, text);
    this.#draw();
  }

  #setNote(note: string): void {
    this.#note = note.startsWith('Temporal answers') ? '' : note;
    this.#draw();
  }

  #draw(): void {
    const lines = [...this.#lines].map(
      ([name, line]) => `  ${this.#colours.bold(padded(name, this.#width))}  ${line}`,
    );
    this.#screen?.draw(this.#note === '' ? lines : [...lines, '', `  ${this.#colours.yellow(this.#note)}`]);
  }
}

function lineOf(seen: RunObservation, colours: Palette): string {
  const seconds = seen.result?.seconds ?? (Date.now() - seen.startedAt.getTime()) / 1000;
  const done = seen.result === undefined ? summaryOf(seen) : counted(seen.result.items, 'item');
  return `${stateText(seen, colours)}  ${colours.dim(duration(seconds))}  ${done ?? ''}`.trimEnd();
}
