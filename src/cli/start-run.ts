import { didYouMean } from '../config/nearest.ts';
import { configPath, findPipeline, readConfig } from '../config/read-config.ts';
import { PipelineName } from '../pipeline/pipeline-definition.ts';
import { PHASES, type Phase, type RefreshInput, refreshWorkflowId } from '../workflows/messages.ts';
import { beginRun } from './begin-run.ts';
import { withTemporal } from './command-context.ts';
import { CommandError, ExitCode } from './exit-code.ts';
import { paletteFor } from './palette.ts';
import { NO_FIGURES } from './run-figures.ts';
import { newRunName } from './run-name.ts';
import { jsonReport } from './run-report.ts';
import { workflowPage } from './temporal-target.ts';
import { watchRun } from './watch-run.ts';

export interface RunOptions {
  readonly from?: Phase;
  readonly to?: Phase;
  readonly run?: string;
  readonly segments?: number;
  /** One part alone: segments to extract, or to load of `table`. */
  readonly segment?: readonly number[];
  readonly table?: string;
  readonly older?: boolean;
  readonly acceptDrift?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Starts a run, and watches it where that is asked for. */
export async function startRun(pipeline: string, options: RunOptions): Promise<ExitCode> {
  const input = await inputOf(pipeline, options);
  const { run } = input;
  return withTemporal(options.config, async (client, target) => {
    const workflowId = refreshWorkflowId(pipeline, run);
    await beginRun(client, workflowId, input);
    const out = options.json ? process.stderr : process.stdout;
    const colours = paletteFor(out);
    out.write(`Started ${colours.bold(pipeline)}, run ${colours.bold(run)}\n`);
    const page = workflowPage(target, workflowId);
    if (page !== undefined) out.write(`  ${colours.cyan(page)}\n`);
    if (options.wait) {
      out.write('\n');
      return watchRun(client, {
        ...{ workflowId, pipeline, run },
        json: options.json ?? false,
        config: options.config,
      });
    }
    out.write(`  watch it: npx tributary status ${run} --wait\n`);
    if (options.json) process.stdout.write(`${jsonReport(run, 'started', NO_FIGURES, 0)}\n`);
    return ExitCode.done;
  });
}

async function inputOf(
  pipeline: string,
  options: RunOptions,
): Promise<RefreshInput & { readonly run: string }> {
  const { from, to, segments, older, acceptDrift } = options;
  const wrong = (message: string) => new CommandError(ExitCode.usage, message);
  const name = PipelineName.safeParse(pipeline);
  if (!name.success)
    throw wrong(`"${pipeline}" is no pipeline's name: expected ${name.error.issues[0]?.message}.`);
  if (from !== undefined && from !== 'plan' && options.run === undefined) {
    throw wrong(
      `--from ${from} goes on with an earlier run: name it with --run. List them: npx tributary runs`,
    );
  }
  if (from !== undefined && to !== undefined && PHASES.indexOf(to) < PHASES.indexOf(from)) {
    throw wrong(`--to ${to} comes before --from ${from}. The order is: ${PHASES.join(', ')}.`);
  }
  const definition =
    options.config === undefined ? undefined : findPipeline(await readConfig(options.config), pipeline);
  if (definition === undefined) await refuseUnknownHere(pipeline);
  return {
    pipeline,
    run: options.run ?? newRunName(),
    ...(definition && { definition }),
    ...(from && { from }),
    ...(to && { to }),
    ...(segments && { segments }),
    ...(older && { older }),
    ...(acceptDrift && { acceptDrift }),
  };
}

/**
 * The worker's configuration decides, and it need not be this one; but where one is here, a name that it lacks is a
 * slip more often than not. A file that cannot be read says nothing.
 * @throws CommandError with the nearest name
 */
async function refuseUnknownHere(pipeline: string): Promise<void> {
  const file = configPath();
  const config = await readConfig(file).catch(() => undefined);
  if (config === undefined || Object.hasOwn(config.pipelines, pipeline)) return;
  const names = Object.keys(config.pipelines);
  throw new CommandError(
    ExitCode.usage,
    `${file} has no pipeline "${pipeline}"${didYouMean(pipeline, names)}. It has: ${names.join(', ') || 'none'}. ` +
      "One that only the worker's configuration has is run from a directory without that file.",
  );
}
