import type { Client } from '@temporalio/client';
import { configPath, readConfig } from '../../config/read-config.ts';
import type { Pointer } from '../../pipeline/datasets/documents.ts';
import { onOneLine } from '../../pipeline/text/sentences.ts';
import { type DatasetState, datasetState } from '../../store/datasets/dataset-state.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { isOutOfReach } from '../temporal/is-out-of-reach.ts';
import { listWorkflows } from '../temporal/known-workflow.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { count, counted, instant } from '../terminal/measures.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { textTable } from '../terminal/text-table.ts';
import { datasetHere, placeHere, useStackOf } from './datasets-here.ts';
import { type FailedBuild, failedBuilds } from './failed-builds.ts';
import { showGraphStatus } from './graph/graph-status.ts';

export interface DatasetStatusOptions {
  /** Every partition, not only the last. */
  readonly all?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** An open workflow of the dataset. */
interface OpenRun {
  readonly workflowId: string;
  readonly startedAt: string;
  /** What it does, as its memo says. */
  readonly summary?: string;
}

const SHOWN = 10;
/** Partitions that wait, of which the last build is looked up. */
const MOST_FAILED = 20;

/** `tributary dataset status`: of a source, what is published, what waits and what runs; else the graph. */
export async function showDatasetStatus(
  name: string | undefined,
  options: DatasetStatusOptions,
): Promise<ExitCode> {
  const { config, json = false, all = false } = options;
  const { derivedDatasets, fetchedDatasets } = await readConfig(configPath(config));
  if (name === undefined || Object.hasOwn({ ...derivedDatasets, ...fetchedDatasets }, name))
    return showGraphStatus(name, options);
  const definition = await datasetHere(name, config);
  useStackOf(config);
  const [state, runs] = await Promise.all([
    datasetState(placeHere(definition), new AbortController().signal),
    fromTemporal(config, (client) => openRuns(client, name)),
  ]);
  const lacking = [...new Set(state.open.flatMap((intake) => intake.lacking))].slice(0, MOST_FAILED);
  const failed = (await fromTemporal(config, (client) => failedBuilds(client, name, lacking))) ?? [];
  process.stdout.write(
    json
      ? `${JSON.stringify(statusJson(name, state, runs, failed))}\n`
      : `${statusLines(name, state, runs, { all, failed, colours: paletteFor(process.stdout) }).join('\n')}\n`,
  );
  return state.parked.length > 0 || failed.length > 0 ? ExitCode.failed : ExitCode.done;
}

/** Undefined if Temporal cannot be reached: S3 alone says what is published. */
async function fromTemporal<T>(
  config: string | undefined,
  ask: (client: Client) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await withTemporal(config, ask);
  } catch (error) {
    if (isOutOfReach(error) || (error instanceof CommandError && error.exitCode === ExitCode.failed))
      return undefined;
    throw error;
  }
}

async function openRuns(client: Client, name: string): Promise<OpenRun[]> {
  const below = JSON.stringify(`dataset/${name}/`);
  const query = `ExecutionStatus = "Running" AND WorkflowType = "refreshDataset" AND WorkflowId STARTS_WITH ${below}`;
  const runs: OpenRun[] = [];
  for await (const { workflowId, startTime, memo } of listWorkflows(client, query)) {
    const summary = memo?.tributary;
    runs.push({
      ...{ workflowId, startedAt: startTime.toISOString() },
      ...(typeof summary === 'string' ? { summary } : {}),
    });
  }
  return runs;
}

export function statusLines(
  name: string,
  { partitions, open, parked, rejects }: DatasetState,
  runs: readonly OpenRun[] | undefined,
  {
    all,
    failed = [],
    colours,
  }: { readonly all: boolean; readonly failed?: readonly FailedBuild[]; readonly colours: Palette },
): string[] {
  const { bold, dim, red, yellow } = colours;
  const pointers = [...partitions];
  const rows = pointers.reduce((sum, [, { content }]) => sum + content.rows, 0);
  const shown = all ? pointers : pointers.slice(-SHOWN);
  const left = pointers.length - shown.length;
  return [
    `${bold(name)}: ${counted(partitions.size, 'partition')}, ${counted(rows, 'row')}`,
    ...(runs === undefined
      ? [yellow('Temporal cannot be reached: what runs is not known.')]
      : runs.map(({ workflowId, summary = 'begins' }) => `running: ${summary}  ${dim(workflowId)}`)),
    ...open.map(openLine),
    ...failed.map(({ partition, code, error }) => red(`failed: ${partition}: ${code}: ${onOneLine(error)}`)),
    ...parked.map(({ intake, batch, files, code, error }) =>
      red(
        `parked: batch ${batch} of intake ${intake}, ${counted(files, 'file')}: ${code}: ${onOneLine(error)}`,
      ),
    ),
    ...(parked.length === 0
      ? []
      : [
          `  Each run tries them again. To leave them out: ${TRIBUTARY} dataset skip ${name} --intake <n> --batch <n>${WITH_CONFIG}`,
        ]),
    ...(rejects === 0
      ? []
      : [`${counted(rejects, 'record')} set aside: ${TRIBUTARY} dataset rejects ${name}${WITH_CONFIG}`]),
    ...(shown.length === 0 ? [] : ['', ...partitionLines(shown, dim)]),
    ...(left === 0 ? [] : [dim(`and ${count(left)} before them: --all`)]),
  ];
}

const partitionLines = (shown: readonly (readonly [string, Pointer])[], dim: Palette['dim']) =>
  textTable(
    [
      { title: 'partition' },
      { title: 'rows', align: 'right' },
      { title: 'generation', align: 'right' },
      { title: 'published' },
    ],
    shown.map(([partition, { content, generation, publishedAt }]) => [
      partition,
      count(content.rows),
      String(generation),
      instant(new Date(publishedAt)),
    ]),
    dim,
  );

function openLine({ intake, files, batches, batchesRead, lacking }: DatasetState['open'][number]): string {
  const what = `intake ${intake}, ${counted(files, 'file')}`;
  if (batchesRead < batches)
    return `being read: ${what}: ${count(batchesRead)} of ${counted(batches, 'batch', 'batches')}`;
  if (lacking.length === 0) return `published, not closed: ${what}`;
  const [first = ''] = lacking;
  const more = lacking.length > 1 ? ` and ${count(lacking.length - 1)} more` : '';
  return `waiting: rows of ${what} for ${first}${more}`;
}

const statusJson = (
  name: string,
  state: DatasetState,
  runs: readonly OpenRun[] | undefined,
  failed: readonly FailedBuild[],
) => ({
  dataset: name,
  ...{ open: state.open, failed, parked: state.parked, rejects: state.rejects },
  running: runs ?? null,
  partitions: [...state.partitions].map(([partition, { generation, content, publishedAt }]) => ({
    ...{ partition, generation, rows: content.rows, publishedAt },
  })),
});
