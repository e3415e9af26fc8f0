import { ConfigError } from '../../config/config-error.ts';
import { configPath } from '../../config/read-config.ts';
import type { ExpandedConfig } from '../../config/table-patterns.ts';
import type { Check } from '../../contract/maintenance.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import type { Polled } from '../../workers/pollers.ts';
import { allDestinations, type ChosenPipeline } from '../temporal/chosen-pipeline.ts';
import { configHere } from '../temporal/config-here.ts';
import { refuseUnknownPipeline } from '../temporal/pipeline-of.ts';
import { NEEDED, NEEDED_BY_DATASETS, NEEDED_BY_LOADERS } from '../temporal/task-queue-pollers.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { counted } from '../terminal/measures.ts';
import type { Checked } from './ask-check.ts';

/** What the doctor was asked to check; nothing: everything in the file. */
export interface Chosen {
  readonly pipeline?: string;
  readonly loader?: string;
  readonly dataset?: string;
  readonly config?: string;
}

/** What is checked. */
interface ToCheck {
  readonly pipelines: readonly ChosenPipeline[];
  readonly others: readonly Checked[];
  readonly check: Check;
}

/** @throws CommandError or ConfigError if this machine's file has no such pipeline, loader or dataset */
export async function whatToCheck(options: Chosen): Promise<ToCheck> {
  const { config, pipeline, loader, dataset } = options;
  const file = configPath(config);
  const area = 'configuration';
  const isOne = [pipeline, loader, dataset].some((name) => name !== undefined);
  try {
    const read = await configHere(config);
    const loaders = Object.keys(read.loaders);
    const datasets = datasetNames(read);
    if (pipeline !== undefined) await refuseUnknownPipeline(pipeline, config);
    refuseUnknown('loader', loader, loaders, config);
    refuseUnknown('dataset', dataset, datasets, config);
    const chosen = (name: string | undefined) => (each: string) => (isOne ? each === name : true);
    const pipelines = Object.entries(read.pipelines);
    const found = [
      counted(pipelines.length, 'pipeline'),
      ...(loaders.length === 0 ? [] : [counted(loaders.length, 'loader')]),
      ...(datasets.length === 0 ? [] : [counted(datasets.length, 'dataset')]),
    ];
    return {
      pipelines: pipelines.filter(([name]) => chosen(pipeline)(name)).flatMap(allDestinations),
      others: [
        ...loaders.filter(chosen(loader)).map((each) => ({ loader: each })),
        ...datasets.filter(chosen(dataset)).map((each) => ({ dataset: each })),
      ],
      check: { area, what: 'file', state: 'ok', found: `${file} is valid: ${found.join(', ')}` },
    };
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code === 'UnknownPipeline') throw error;
    const missing = error.code === 'ConfigNotFound' && config === undefined;
    return {
      pipelines: pipeline === undefined ? [] : [{ pipeline }],
      others: [
        ...(loader === undefined ? [] : [{ loader }]),
        ...(dataset === undefined ? [] : [{ dataset }]),
      ],
      check: {
        area,
        what: 'file',
        state: missing ? 'warning' : 'problem',
        found: error.message,
        ...(missing
          ? {
              whatToDo:
                "The worker's file decides. Name what is in it with --pipeline, --loader or --dataset.",
            }
          : {}),
      },
    };
  }
}

const datasetNames = ({ datasets, derivedDatasets, fetchedDatasets }: ExpandedConfig): string[] =>
  [datasets, derivedDatasets, fetchedDatasets].flatMap((some) => Object.keys(some));

function refuseUnknown(
  kind: 'loader' | 'dataset',
  name: string | undefined,
  known: readonly string[],
  config: string | undefined,
): void {
  if (name === undefined || known.includes(name)) return;
  throw new CommandError(
    ExitCode.usage,
    `No ${kind} "${name}" in ${configPath(config)}${didYouMean(name, known)}.`,
  );
}

/** The task queues that must have workers. */
export function neededBy(
  pipelines: readonly ChosenPipeline[],
  others: readonly Checked[],
): readonly Polled[] {
  return [
    ...new Set([
      ...(pipelines.length > 0 || others.length === 0 ? NEEDED : []),
      ...(others.some((each) => 'loader' in each) ? NEEDED_BY_LOADERS : []),
      ...(others.some((each) => 'dataset' in each) ? NEEDED_BY_DATASETS : []),
    ]),
  ];
}
