import { configPath, readConfig } from '../../config/read-config.ts';
import { catalogueText } from '../../contract/datasets/dataset-details.ts';
import {
  datasetWorkflowId,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
} from '../../contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { newRunName } from '../temporal/run-name.ts';
import { workflowPage } from '../temporal/temporal-target.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { datasetHere } from './datasets-here.ts';
import { resultOf } from './result-of.ts';
import { type GraphOptions, isInGraph, runGraph } from './run-graph.ts';

interface StartOptions {
  /** false: only start it. */
  readonly wait: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/**
 * `tributary dataset run`: takes every new file of a dataset, publishes its rows, and builds what is made of it.
 * @param dataset undefined for all
 * @throws CommandError, ConfigError
 */
export async function runDataset(dataset: string | undefined, options: GraphOptions): Promise<ExitCode> {
  const { everything, late, config } = options;
  const found = await readConfig(configPath(config));
  if (dataset === undefined || isInGraph(found, dataset, options)) return runGraph(dataset, options);
  const input: RefreshDatasetInput = {
    dataset,
    ...(everything === undefined ? {} : { everything }),
    ...(late === undefined ? {} : { late }),
  };
  return start(input, `new files of ${dataset}`, options);
}

export interface RebuildDatasetOptions extends StartOptions {
  readonly from: string;
  readonly to: string;
}

/** `tributary dataset rebuild`: recreates the partitions of some days with the current record module. */
export async function rebuildDataset(
  dataset: string,
  { from, to, ...options }: RebuildDatasetOptions,
): Promise<ExitCode> {
  if (from > to) throw new CommandError(ExitCode.usage, `--from: ${from} is after --to: ${to}.`);
  return start({ dataset, rebuild: { from, to } }, `${dataset} from ${from} to ${to}, rebuilt`, options);
}

export interface ReplayDatasetRejectsOptions extends StartOptions {
  readonly intake?: number;
}

/** `tributary dataset rejects replay`: reads files again whose records were set aside. */
export async function replayDatasetRejects(
  dataset: string,
  { intake, ...options }: ReplayDatasetRejectsOptions,
): Promise<ExitCode> {
  const replay = intake === undefined ? {} : { intake };
  return start({ dataset, replay }, `rejects of ${dataset}, read again`, options);
}

async function start(
  input: RefreshDatasetInput,
  summary: string,
  { wait, json = false, config }: StartOptions,
): Promise<ExitCode> {
  const { dataset } = input;
  await datasetHere(dataset, config);
  return withTemporal(config, async (client, target) => {
    const workflowId = datasetWorkflowId(dataset, newRunName());
    const handle = await client.workflow.start('refreshDataset', {
      ...{ workflowId, taskQueue: CONTROL_TASK_QUEUE, args: [input] },
      memo: { dataset, command: TRIBUTARY },
      staticSummary: summary,
    });
    const out = json ? process.stderr : process.stdout;
    out.write(`Started ${workflowId}\n`);
    const page = workflowPage(target, workflowId);
    if (page !== undefined) out.write(`  ${page}\n`);
    if (!wait) {
      if (json) process.stdout.write(`${JSON.stringify({ workflowId, status: 'started' })}\n`);
      return ExitCode.done;
    }
    const result = await resultOf(() => handle.result() as Promise<RefreshDatasetResult>);
    process.stdout.write(
      json ? `${JSON.stringify({ workflowId, ...result })}\n` : `${resultLines(result).join('\n')}\n`,
    );
    return result.parked > 0 || result.failed.length > 0 ? ExitCode.failed : ExitCode.done;
  });
}

const resultLines = ({
  files,
  records,
  rejects,
  partitions,
  parked,
  catalogue,
  failed,
}: RefreshDatasetResult) => [
  `${counted(records, 'record')} of ${counted(files, 'file')}: ${counted(partitions, 'partition')} published, ` +
    `${counted(rejects, 'record')} set aside${parked === 0 ? '' : `, ${counted(parked, 'batch', 'batches')} parked`}`,
  ...(catalogue === undefined ? [] : [catalogueText(catalogue)]),
  ...failed.map(({ child, code, error }) => `failed: ${child}: ${code}: ${onOneLine(error)}`),
];
