import { isInGraph } from '../../config/datasets/in-graph.ts';
import { configPath, readConfig } from '../../config/read-config.ts';
import { catalogueText } from '../../contract/datasets/dataset-details.ts';
import {
  datasetWorkflowId,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
} from '../../contract/datasets/datasets.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { newRunName } from '../temporal/run-name.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { counted } from '../terminal/measures.ts';
import { datasetHere } from './datasets-here.ts';
import { type GraphOptions, runGraph } from './graph/run-graph.ts';
import { type StartOptions, startWorkflow } from './start-workflow.ts';
import { versionWarnings } from './worker-versions.ts';

/**
 * `tributary dataset run`: takes every new file of a dataset, publishes its rows, and builds what is made of it.
 * @param dataset undefined for all
 * @throws CommandError, ConfigError
 */
export async function runDataset(dataset: string | undefined, options: GraphOptions): Promise<ExitCode> {
  const { everything, late, only = false, config } = options;
  const found = await readConfig(configPath(config));
  const isOfFilesOnly = dataset !== undefined && only && Object.hasOwn(found.datasets, dataset);
  if (dataset === undefined || (isInGraph(found, dataset) && !isOfFilesOnly))
    return runGraph(dataset, options);
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
  readonly keepLost?: boolean;
}

/** `tributary dataset rebuild`: recreates the partitions of some days with the current record module. */
export async function rebuildDataset(
  dataset: string,
  { from, to, keepLost, ...options }: RebuildDatasetOptions,
): Promise<ExitCode> {
  if (from > to) throw new CommandError(ExitCode.usage, `--from: ${from} is after --to: ${to}.`);
  return start(
    { dataset, rebuild: { from, to, ...(keepLost === undefined ? {} : { keepLost }) } },
    `${dataset} from ${from} to ${to}, rebuilt`,
    options,
  );
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

async function start(input: RefreshDatasetInput, summary: string, options: StartOptions): Promise<ExitCode> {
  const { dataset } = input;
  const sources = { [dataset]: await datasetHere(dataset, options.config) };
  const time = newRunName();
  return startWorkflow<RefreshDatasetResult>(
    {
      ...{ type: 'refreshDataset', workflowId: datasetWorkflowId(dataset, time), input },
      ...{ summary, memo: { dataset } },
      text: (result) => resultLines(result).join('\n'),
      warnings: (client) => versionWarnings(client, sources, time, options.config),
      isDone: ({ parked, failed }) => parked === 0 && failed.length === 0,
    },
    options,
  );
}

const resultLines = ({
  files,
  records,
  rejects,
  partitions,
  parked,
  catalogue,
  failed,
  warnings = [],
}: RefreshDatasetResult) => [
  `${counted(records, 'record')} of ${counted(files, 'file')}: ${counted(partitions, 'partition')} published, ` +
    `${counted(rejects, 'record')} set aside${parked === 0 ? '' : `, ${counted(parked, 'batch', 'batches')} parked`}`,
  ...(catalogue === undefined ? [] : [catalogueText(catalogue)]),
  ...warnings.map((warning) => `warning: ${onOneLine(warning)}`),
  ...failed.map(({ child, code, error }) => `failed: ${child}: ${code}: ${onOneLine(error)}`),
];
