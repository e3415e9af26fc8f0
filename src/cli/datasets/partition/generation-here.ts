import { configPath, readConfig } from '../../../config/read-config.ts';
import type { TributaryConfig } from '../../../config/tributary-config.ts';
import type { PublishedGeneration } from '../../../pipeline/datasets/documents.ts';
import { isValueOf, pathOfValue } from '../../../pipeline/datasets/graph/partition-values.ts';
import { didYouMean } from '../../../pipeline/text/nearest.ts';
import type { ClosurePlace } from '../../../store/datasets/closure.ts';
import { type DatasetFiles, publishedGeneration } from '../../../store/datasets/dataset-documents.ts';
import {
  currentlyPublished,
  generationByName,
  type NamedGeneration,
  publishedGenerationIn,
} from '../../../store/datasets/find-generation.ts';
import { generationNames } from '../../../store/datasets/generation-names.ts';
import { findDocument } from '../../../store/document.ts';
import { chosenLocalStack, useLocalStack } from '../../temporal/command-context.ts';
import { storesHere } from '../../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../../terminal/exit-code.ts';
import { type AnyDataset, allDatasets } from '../datasets-here.ts';

/** A partition of any dataset of this machine's configuration, read from S3 without Temporal. */
export interface PartitionHere {
  readonly dataset: string;
  /** Its day or month. */
  readonly value: string;
  readonly path: string;
  readonly definition: AnyDataset;
  readonly files: DatasetFiles;
  readonly config: TributaryConfig;
  readonly signal: AbortSignal;
}

/** Which generation: `7` or `7-<id>`; or that of a publication, `accounting/42`, or of its latest, `accounting`. */
export interface WhichGeneration {
  readonly generation?: string | undefined;
  readonly publication?: string | undefined;
}

export async function partitionHere(
  dataset: string,
  value: string,
  configFile: string | undefined,
  signal: AbortSignal,
): Promise<PartitionHere> {
  const file = configPath(configFile);
  const config = await readConfig(file);
  const all = allDatasets(config);
  const definition = Object.hasOwn(all, dataset) ? all[dataset] : undefined;
  if (definition === undefined)
    throw new CommandError(
      ExitCode.usage,
      `No dataset "${dataset}" in ${file}${didYouMean(dataset, Object.keys(all))}.`,
    );
  useLocalStack(chosenLocalStack(configFile));
  const path = pathOfValue(definition.partition, value);
  return { dataset, value, path, definition, files: filesOf(definition), config, signal };
}

/** @throws CommandError if there is no such day, month or hour, such as 2026-13-02 */
export function refuseNoPartition({ dataset, value, definition }: PartitionHere): void {
  const { unit } = definition.partition;
  if (isValueOf(unit, value)) return;
  throw new CommandError(
    ExitCode.usage,
    unit === 'all'
      ? `${dataset} has no partitions: its only one is "all", not ${value}.`
      : `There is no ${unit} ${value}: the partitions of ${dataset} are written like ${EXAMPLE[unit]}.`,
  );
}

const EXAMPLE = { month: '2026-11', day: '2026-11-01', hour: '2026-11-01-13' } as const;

const filesOf = ({ store: { bucket, prefix } }: PartitionHere['definition']): DatasetFiles => ({
  store: storesHere().store(bucket),
  at: { prefix },
});

/** @throws CommandError if there is none */
export async function generationHere(
  partition: PartitionHere,
  which: WhichGeneration,
): Promise<PublishedGeneration> {
  const { files, path, signal, dataset, value } = partition;
  const named = await namedGeneration(partition, which);
  const found = await findDocument(publishedGeneration(files, path, named), signal);
  if (found !== undefined) return found;
  throw new CommandError(
    ExitCode.failed,
    `Generation ${named.generation}-${named.id} of ${dataset} ${value} is not there any more: ` +
      'superseded generations are kept for keepSuperseded, and those of a publication for its keep.',
  );
}

export async function namedGeneration(
  { dataset, value, path, files, config, signal }: PartitionHere,
  { generation, publication }: WhichGeneration,
): Promise<NamedGeneration> {
  const sought = { dataset, partition: value, path, files };
  if (publication === undefined)
    return generation === undefined
      ? currentlyPublished(sought, signal)
      : generationByName(sought, generation, signal);
  const [name = '', number] = publication.split('/');
  const group = Object.hasOwn(config.publications, name) ? config.publications[name] : undefined;
  const first = allDatasets(config)[group?.datasets[0] ?? ''];
  if (first === undefined)
    throw new CommandError(
      ExitCode.usage,
      `There is no publication "${name}"${didYouMean(name, Object.keys(config.publications))}.`,
    );
  const which = { name, number: number === undefined ? undefined : Number(number) };
  return publishedGenerationIn(sought, which, filesOf(first), placesOf(config), signal);
}

const placesOf =
  (config: TributaryConfig) =>
  (dataset: string): ClosurePlace | undefined => {
    const all = allDatasets(config);
    const definition = Object.hasOwn(all, dataset) ? all[dataset] : undefined;
    return definition === undefined
      ? undefined
      : {
          files: filesOf(definition),
          pathOf: (value) => pathOfValue(definition.partition, value),
          isSource: Object.hasOwn(config.datasets, dataset),
        };
  };

/** The latest generation before this one that is still there. */
export async function generationBefore(
  { dataset, value, path, files, signal }: PartitionHere,
  { generation }: Pick<PublishedGeneration, 'generation'>,
): Promise<string> {
  const earlier = (await generationNames(files, path, signal)).filter((each) => each.generation < generation);
  const last = earlier.toSorted((a, b) => a.generation - b.generation).at(-1);
  if (last !== undefined) return `${last.generation}-${last.id}`;
  throw new CommandError(
    ExitCode.failed,
    `${dataset} ${value} has no generation before ${generation}: name two with --from and --to, or two publications.`,
  );
}
