import { PHASES, type Phase, type RefreshInput, refreshWorkflowId } from '../../contract/refresh.ts';
import { beginRun } from '../temporal/begin-run.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { newRunName } from '../temporal/run-name.ts';
import { workflowPage } from '../temporal/temporal-target.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { paletteFor } from '../terminal/palette.ts';
import { afterStart } from './after-start.ts';
import { refuseUnknownRun } from './refuse-unknown-run.ts';

export interface RunOptions {
  /** Of a pipeline with several. */
  readonly destination?: string;
  readonly from?: Phase;
  readonly to?: Phase;
  readonly run?: string;
  readonly segments?: number;
  /** Only these segments: to extract, or to load into `table`. */
  readonly segment?: readonly number[];
  readonly table?: string;
  /** Only show what the run would take. */
  readonly dryRun?: boolean;
  readonly older?: boolean;
  readonly acceptDrift?: boolean;
  /** Every pipeline of the configuration. */
  readonly all?: boolean;
  /** The most runs at once, of several. */
  readonly atOnce?: number;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** Starts a run, and with `--wait` watches it. */
export async function startRun(pipeline: string, options: RunOptions): Promise<ExitCode> {
  const input = await inputOf(pipeline, options);
  const { run } = input;
  return withTemporal(options.config, async (client, target) => {
    const workflowId = refreshWorkflowId(pipeline, run);
    if (resumes(options)) await refuseUnknownRun(client, input, options.config);
    await beginRun(client, workflowId, input, options.config);
    const out = options.json ? process.stderr : process.stdout;
    const colours = paletteFor(out);
    out.write(`Started ${colours.bold(pipeline)}, run ${colours.bold(run)}\n`);
    const page = workflowPage(target, workflowId);
    if (page !== undefined) out.write(`  ${colours.cyan(page)}\n`);
    return afterStart(client, { workflowId, pipeline, run }, options);
  });
}

/** Whether the options are for a run that exists. */
const resumes = ({ from }: RunOptions): boolean => from !== undefined && from !== 'plan';

/** The input of a new run, or of one to resume. @throws CommandError for options that contradict each other */
export async function inputOf(
  pipeline: string,
  options: RunOptions,
): Promise<RefreshInput & { readonly run: string }> {
  const { from, to, segments, older, acceptDrift } = options;
  const wrong = (message: string) => new CommandError(ExitCode.usage, message);
  if (resumes(options) && options.run === undefined) {
    throw wrong(
      `--from ${from} resumes an existing run: name it with --run. List the runs: ${TRIBUTARY} runs`,
    );
  }
  if (from !== undefined && to !== undefined && PHASES.indexOf(to) < PHASES.indexOf(from)) {
    throw wrong(`--to ${to} comes before --from ${from}. The order is: ${PHASES.join(', ')}.`);
  }
  return {
    ...(await pipelineInput(pipeline, options.config, options.destination, resumes(options))),
    run: options.run ?? newRunName(),
    ...(from && { from }),
    ...(to && { to }),
    ...(segments && { segments }),
    ...(older && { older }),
    ...(acceptDrift && { acceptDrift }),
  };
}
