import type { Client } from '@temporalio/client';
import { configPath, readConfig } from '../../../config/read-config.ts';
import {
  type ApproveStepResult,
  graphWorkflowId,
  isAllBuilt,
  type PlanDatasetsInput,
  type PlanDatasetsResult,
  type RefreshGraphInput,
  type RefreshGraphResult,
} from '../../../contract/datasets/graph.ts';
import { totalsText } from '../../../contract/datasets/graph-details.ts';
import { CONTROL_TASK_QUEUE } from '../../../contract/refresh.ts';
import { didYouMean } from '../../../pipeline/text/nearest.ts';
import { unstableText } from '../../../report/graph/graph-picture.ts';
import { withTemporal } from '../../temporal/command-context.ts';
import { newRunName } from '../../temporal/run-name.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { TRIBUTARY } from '../../terminal/invocation.ts';
import { count, counted } from '../../terminal/measures.ts';
import { resultOf } from '../result-of.ts';
import { type StartOptions, startWorkflow } from '../start-workflow.ts';
import { versionWarnings } from '../worker-versions.ts';
import { type OpenRun, openRuns, withFailures } from './open-runs.ts';
import { publishedText } from './publish-group.ts';
import { reportWaits } from './report-waits.ts';
import { unfinishedLines } from './unfinished-lines.ts';

/** Options of commands about a graph of datasets. */
export interface SelectionOptions {
  readonly only?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly reverse?: boolean;
  readonly now?: string;
  readonly json?: boolean;
  readonly config?: string;
}

export interface GraphOptions extends SelectionOptions, StartOptions {
  readonly force?: boolean;
  readonly limit?: number;
  readonly everything?: boolean;
  readonly late?: boolean;
}

/** Takes new files, and builds what is stale. @param dataset undefined for all */
export async function runGraph(dataset: string | undefined, options: GraphOptions): Promise<ExitCode> {
  const { force, limit, everything, late } = options;
  const input: RefreshGraphInput = {
    ...(await selection(dataset, options)),
    ...given({ force, limit, everything, late }),
  };
  const { datasets } = await readConfig(configPath(options.config));
  const time = newRunName();
  const workflowId = graphWorkflowId(dataset ?? 'all', time);
  return startWorkflow<RefreshGraphResult>(
    {
      ...{ type: 'refreshGraph', workflowId, input },
      warnings: (client) => versionWarnings(client, datasets, time, options.config),
      summary: `what is stale of ${dataset ?? 'all datasets'}`,
      text: resultText,
      isDone: isAllBuilt,
      whileRunning: (client, write) => reportWaits(client, workflowId, write),
    },
    options,
  );
}

/** `tributary dataset plan`: what a run would build, and why. */
export async function planGraph(dataset: string | undefined, options: SelectionOptions): Promise<ExitCode> {
  const result = await plannedGraph(dataset, options);
  process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : planText(result));
  return ExitCode.done;
}

/** The plan that a worker makes. */
export async function plannedGraph(
  dataset: string | undefined,
  options: SelectionOptions,
): Promise<PlanDatasetsResult> {
  return withTemporal(options.config, (client) => plannedBy(client, dataset, options));
}

/** The plan that a worker makes, with the partitions that failed in runs that are in progress. */
export async function plannedBy(
  client: Client,
  dataset: string | undefined,
  options: SelectionOptions,
  runs?: readonly OpenRun[],
): Promise<PlanDatasetsResult> {
  const input: PlanDatasetsInput = await selection(dataset, options);
  const handle = await client.workflow.start('planDatasets', {
    ...{
      workflowId: `plan/${dataset ?? 'all'}/${newRunName()}`,
      taskQueue: CONTROL_TASK_QUEUE,
      args: [input],
    },
    memo: { command: TRIBUTARY },
  });
  const plan = await resultOf(() => handle.result() as Promise<PlanDatasetsResult>);
  return withFailures(plan, runs ?? (await openRuns(client)));
}

/** `tributary dataset approve`: all partitions may be rebuilt by the current step. */
export async function approveStep(
  dataset: string,
  { json = false, config }: Pick<SelectionOptions, 'json' | 'config'>,
): Promise<ExitCode> {
  await known(dataset, config);
  return withTemporal(config, async (client) => {
    const handle = await client.workflow.start('approveStep', {
      ...{
        workflowId: `approve/${dataset}/${newRunName()}`,
        taskQueue: CONTROL_TASK_QUEUE,
        args: [{ dataset }],
      },
      memo: { command: TRIBUTARY },
    });
    const result = await resultOf(() => handle.result() as Promise<ApproveStepResult>);
    const text = `The next run rebuilds all partitions of ${dataset} by version ${result.code} of its step.`;
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text}\n`);
    return ExitCode.done;
  });
}

async function selection(
  dataset: string | undefined,
  { only, from, to, reverse, now, config }: SelectionOptions,
): Promise<PlanDatasetsInput> {
  if (dataset !== undefined) await known(dataset, config);
  return {
    ...given({ only, from, to, reverse, now }),
    ...(dataset === undefined ? {} : { datasets: [dataset] }),
  };
}

async function known(dataset: string, config: string | undefined): Promise<void> {
  const file = configPath(config);
  const { datasets, derivedDatasets, fetchedDatasets } = await readConfig(file);
  const names = Object.keys({ ...datasets, ...derivedDatasets, ...fetchedDatasets });
  if (!names.includes(dataset))
    throw new CommandError(
      ExitCode.usage,
      `No dataset "${dataset}" in ${file}${didYouMean(dataset, names)}. It has: ${names.join(', ') || 'none'}.`,
    );
}

/** The options that were given. */
const given = <T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

const resultText = ({
  built,
  unchanged,
  warnings,
  totals,
  unfinished,
  plan,
  publications,
}: RefreshGraphResult) =>
  [
    `${counted(built, 'partition')} new or changed, ${count(unchanged)} unchanged; ${totalsText(totals)}`,
    ...warnings.map((warning) => `warning ${warning}`),
    ...unfinishedLines(unfinished),
    ...publications.map(publishedText),
    ...(plan === undefined ? [] : [`What was to be built, and why: ${plan}`]),
  ].join('\n');

function planText({ totals, partitions, progress, datasets, plan }: PlanDatasetsResult): string {
  const unfinished = totals.ready + totals.waits + totals.blocked + totals.held + totals.failed;
  return [
    totalsText(totals),
    ...progress.map(
      ({ dataset, expected, complete, delay }) =>
        `${dataset}: ${count(complete)} of ${count(expected)} published${delay === 0 ? '' : `, delay ${count(delay)}`}`,
    ),
    ...datasets.flatMap(({ name, unstable }) =>
      unstable === undefined ? [] : [`warning ${name} is ${unstableText(unstable)}`],
    ),
    ...(partitions.length === 0 ? [] : ['']),
    ...unfinishedLines(partitions),
    ...(unfinished > partitions.length
      ? [`and ${count(unfinished - partitions.length)} more${plan === undefined ? '' : `: ${plan}`}`]
      : []),
    '',
  ].join('\n');
}
