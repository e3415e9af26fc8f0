import type { Client } from '@temporalio/client';
import type {
  Check,
  CheckPipelineInput,
  CheckPipelineResult,
  Leftover,
  RemoveLeftoversInput,
  RemoveLeftoversResult,
} from '../../contract/maintenance.ts';
import { type ChosenPipeline, labelOf } from '../temporal/chosen-pipeline.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { perform } from '../temporal/perform.ts';
import { pipelineInput } from '../temporal/pipeline-of.ts';
import { newRunName } from '../temporal/run-name.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { type Interrupt, onInterrupt } from '../terminal/interrupt.ts';
import { count, counted, duration } from '../terminal/measures.ts';
import { paletteFor } from '../terminal/palette.ts';
import { askCheck, type Checked, noAnswer } from './ask-check.ts';
import { checkTemporal, checkWorkers } from './check-temporal.ts';
import { askToRemove } from './confirm.ts';
import { doctorLines, type ReportedCheck } from './doctor-lines.ts';
import { type Chosen, neededBy, whatToCheck } from './what-to-check.ts';

export interface DoctorOptions extends Chosen {
  /** Leave out everything but problems. */
  readonly problems?: boolean;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  /** Seconds to wait for a worker's answer, each. */
  readonly timeout: number;
}

interface Examined {
  readonly checks: readonly ReportedCheck[];
  readonly leftovers: readonly (Leftover & { readonly pipeline: string })[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  readonly interrupted: boolean;
}

const SERVICES = ['DynamoDB', 'S3', 'Redshift', 'leftovers'] as const;

/**
 * Checks and prints what this machine can check, lets a worker check the services, and removes leftovers if
 * requested.
 */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const { pipelines, others, check } = await whatToCheck(options);
  const here: ReportedCheck[] = [check];
  let examined: Examined = { checks: [], leftovers: [], removed: [], kept: [], interrupted: false };
  try {
    examined = await withTemporal(options.config, async (client, target) => {
      here.push(...(await checkTemporal(client, target.address)));
      const workers = await checkWorkers(client, neededBy(pipelines, others));
      here.push(...workers);
      const canAsk = workers.every(({ state }) => state !== 'problem');
      return canAsk ? await examine(client, pipelines, others, options) : examined;
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    here.push({ area: 'Temporal', what: 'server', state: 'problem', found: error.message });
  }
  const { interrupted, ...found } = { ...examined, checks: [...here, ...examined.checks] };
  const ok = found.checks.every(({ state }) => state !== 'problem');
  const problemsOnly = options.problems ?? false;
  const shown = problemsOnly ? found.checks.filter(({ state }) => state === 'problem') : found.checks;
  const lines = options.json
    ? [JSON.stringify({ ok, ...found, checks: shown })]
    : doctorLines(found, { problemsOnly, colours: paletteFor(process.stdout) });
  process.stdout.write(`${lines.join('\n')}\n`);
  if (interrupted) return ExitCode.interrupted;
  return ok ? ExitCode.done : ExitCode.failed;
}

/** What a worker found. If none answered for a pipeline, its services are unknown. */
async function examine(
  client: Client,
  pipelines: readonly ChosenPipeline[],
  others: readonly Checked[],
  options: DoctorOptions,
): Promise<Examined> {
  const interrupt = onInterrupt();
  if (process.stderr.isTTY) {
    const most = `at most ${duration(options.timeout)}`;
    process.stderr.write(
      `Waiting for a worker to make ${counted(pipelines.length + others.length, 'check')}, ${most} each …\n`,
    );
  }
  const waiting = { timeoutSeconds: options.timeout, interrupt };
  const [answers, otherAnswers] = await Promise.all([
    Promise.all(pipelines.map((chosen) => ask(client, chosen, options, interrupt))),
    Promise.all(others.map((checked) => askOther(client, checked, waiting))),
  ]).finally(interrupt.release);
  let checks: ReportedCheck[] = [
    ...answers.flatMap(({ chosen, checks: some }) =>
      some.map((check) => ({ pipeline: labelOf(chosen), ...check })),
    ),
    ...otherAnswers.flat(),
  ];
  const leftovers = answers.flatMap(({ chosen, leftovers: some }) =>
    some.map((each) => ({ pipeline: labelOf(chosen), ...each })),
  );
  let interrupted = interrupt.signal.aborted || answers.some((each) => each.interrupted);
  const removed: string[] = [];
  const kept: string[] = [];
  if (
    options.fix &&
    !interrupted &&
    leftovers.length > 0 &&
    (await askToRemove(leftovers, options.yes ?? false))
  ) {
    for (const { chosen, leftovers: some } of answers) {
      if (some.length === 0 || interrupted) continue;
      const pipeline = labelOf(chosen);
      const result = await remove(client, chosen, some, options);
      removed.push(...result.removed);
      kept.push(...result.kept);
      interrupted = result.interrupted;
      checks = checks.map((check) =>
        check.pipeline === pipeline && check.area === 'leftovers'
          ? { pipeline, area: check.area, what: check.what, ...result.now }
          : check,
      );
    }
  }
  return { checks, leftovers, removed, kept, interrupted };
}

async function ask(
  client: Client,
  chosen: ChosenPipeline,
  { config, timeout }: DoctorOptions,
  interrupt: Interrupt,
): Promise<
  Pick<CheckPipelineResult, 'checks' | 'leftovers'> & {
    readonly chosen: ChosenPipeline;
    readonly interrupted: boolean;
  }
> {
  const { pipeline, destination } = chosen;
  try {
    const input = await pipelineInput(pipeline, config, destination);
    const workflowId = `check-${pipeline}-${newRunName()}`;
    const work = { type: 'checkPipeline', workflowId, input, summary: `check ${labelOf(chosen)}` };
    const waiting = { readOnly: true, timeoutSeconds: timeout, interrupt };
    const result = await perform<CheckPipelineResult, CheckPipelineInput>(client, work, waiting);
    return { ...result, chosen, interrupted: false };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return {
      chosen,
      checks: [
        noAnswer(error),
        ...SERVICES.map((area) => ({ area, what: 'all', state: 'unknown', found: 'not checked' }) as const),
      ],
      leftovers: [],
      interrupted: error.exitCode === ExitCode.interrupted,
    };
  }
}

/** What was not checked, because the command was interrupted, is missing. */
async function askOther(...asked: Parameters<typeof askCheck>): Promise<ReportedCheck[]> {
  try {
    return await askCheck(...asked);
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === ExitCode.interrupted) return [];
    throw error;
  }
}

interface Removal extends RemoveLeftoversResult {
  readonly interrupted: boolean;
  /** The result of the check for leftovers, after the removal. */
  readonly now: Pick<Check, 'state' | 'found' | 'whatToDo'>;
}

/** A failure or interruption is part of the result: what else was found and done must still be reported. */
async function remove(
  client: Client,
  chosen: ChosenPipeline,
  leftovers: readonly Leftover[],
  { config }: DoctorOptions,
): Promise<Removal> {
  const { pipeline, destination } = chosen;
  const label = labelOf(chosen);
  try {
    const input = { ...(await pipelineInput(pipeline, config, destination)), leftovers };
    const workflowId = `remove-leftovers-${pipeline}-${newRunName()}`;
    const work = { type: 'removeLeftovers', workflowId, input, summary: `tidy up ${label}` };
    const result = await perform<RemoveLeftoversResult, RemoveLeftoversInput>(client, work);
    return { ...result, interrupted: false, now: nowLeft(result) };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const left = `${counted(leftovers.length, 'leftover')} of ${label}, as far as known`;
    return {
      removed: [],
      kept: [`${left}: ${error.message}`],
      interrupted: error.exitCode === ExitCode.interrupted,
      now: { state: 'problem', found: `kept ${left}`, whatToDo: 'See the reason below.' },
    };
  }
}

function nowLeft({ removed, kept }: RemoveLeftoversResult): Removal['now'] {
  const found = `removed ${count(removed.length)}`;
  if (kept.length === 0) return { state: 'ok', found };
  const whatToDo = 'See the reasons below.';
  return { state: 'warning', found: `${found}, kept ${count(kept.length)}`, whatToDo };
}
