import { configPath, readConfig } from '../../config/read-config.ts';
import { catalogueText } from '../../contract/datasets/dataset-details.ts';
import {
  datasetWorkflowId,
  type RefreshDatasetInput,
  type RefreshDatasetResult,
} from '../../contract/datasets/datasets.ts';
import { CONTROL_TASK_QUEUE } from '../../contract/refresh.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { newRunName } from '../temporal/run-name.ts';
import { workflowPage } from '../temporal/temporal-target.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';
import { counted } from '../terminal/measures.ts';
import { resultOf } from './result-of.ts';
import { type GraphOptions, isInGraph, runGraph } from './run-graph.ts';

/**
 * `tributary dataset run`: takes every new file of a dataset, publishes its rows, and builds what is made of it.
 * @param dataset undefined for all
 * @throws CommandError, ConfigError
 */
export async function runDataset(dataset: string | undefined, options: GraphOptions): Promise<ExitCode> {
  const { everything, late, wait, json = false, config } = options;
  const file = configPath(config);
  const found = await readConfig(file);
  if (dataset === undefined || isInGraph(found, dataset, options)) return runGraph(dataset, options);
  const { datasets } = found;
  if (!Object.hasOwn(datasets, dataset))
    throw new CommandError(
      ExitCode.usage,
      `No dataset "${dataset}" in ${file}${didYouMean(dataset, Object.keys({ ...datasets, ...found.derivedDatasets }))}.`,
    );
  const input: RefreshDatasetInput = {
    dataset,
    ...(everything === undefined ? {} : { everything }),
    ...(late === undefined ? {} : { late }),
  };
  return withTemporal(config, async (client, target) => {
    const workflowId = datasetWorkflowId(dataset, newRunName());
    const handle = await client.workflow.start('refreshDataset', {
      ...{ workflowId, taskQueue: CONTROL_TASK_QUEUE, args: [input] },
      memo: { dataset, command: TRIBUTARY },
      staticSummary: `new files of ${dataset}`,
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
    process.stdout.write(json ? `${JSON.stringify({ workflowId, ...result })}\n` : `${resultText(result)}\n`);
    return result.parked > 0 || result.failed.length > 0 ? ExitCode.failed : ExitCode.done;
  });
}

const resultText = ({
  files,
  records,
  rejects,
  partitions,
  parked,
  catalogue,
  failed,
}: RefreshDatasetResult) =>
  [
    `${counted(records, 'record')} of ${counted(files, 'file')}: ${counted(partitions, 'partition')} published, ` +
      `${counted(rejects, 'record')} set aside${parked === 0 ? '' : `, ${counted(parked, 'batch')} parked`}`,
    ...(catalogue === undefined ? [] : [catalogueText(catalogue)]),
    ...failed.map(({ child, code, error }) => `failed: ${child}: ${code}: ${error}`),
  ].join('\n');
