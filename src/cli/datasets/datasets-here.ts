import { dirname, resolve } from 'node:path';
import { configPath, readConfig } from '../../config/read-config.ts';
import type { TributaryConfig } from '../../config/tributary-config.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import type { DerivedDefinition } from '../../pipeline/datasets/derived/definition.ts';
import type { FetchedDefinition } from '../../pipeline/datasets/derived/fetched-definition.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { type DatasetPlace, datasetPlace } from '../../store/datasets/dataset-place.ts';
import { chosenLocalStack, stackInUse, useLocalStack } from '../temporal/command-context.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

/** The datasets of this machine's configuration, by name. */
type Datasets = Readonly<Record<string, DatasetDefinition>>;

const datasetsHere = async (config: string | undefined): Promise<Datasets> =>
  (await readConfig(configPath(config))).datasets;

export type AnyDataset = DatasetDefinition | DerivedDefinition | FetchedDefinition;

/** Those of all kinds. */
export const allDatasets = ({
  datasets,
  derivedDatasets,
  fetchedDatasets,
}: Pick<TributaryConfig, 'datasets' | 'derivedDatasets' | 'fetchedDatasets'>): Readonly<
  Record<string, AnyDataset>
> => ({ ...datasets, ...derivedDatasets, ...fetchedDatasets });

export const allDatasetsHere = async (
  config: string | undefined,
): Promise<Readonly<Record<string, AnyDataset>>> => allDatasets(await readConfig(configPath(config)));

/** @throws CommandError for an unknown name, with the nearest one */
function datasetNamed(datasets: Datasets, name: string, config: string | undefined): DatasetDefinition {
  const definition = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (definition !== undefined) return definition;
  throw new CommandError(
    ExitCode.usage,
    `No dataset "${name}" in ${configPath(config)}${didYouMean(name, Object.keys(datasets))}.`,
  );
}

export const datasetHere = async (name: string, config: string | undefined): Promise<DatasetDefinition> =>
  datasetNamed(await datasetsHere(config), name, config);

/** Its place in S3, at the address of the environment. `useLocalStack` comes first. */
export const placeHere = (definition: DatasetDefinition): DatasetPlace =>
  datasetPlace(definition, storesHere());

/** Points S3's client at the local stack, if one is used, without reporting it. */
export const useStackOf = (config: string | undefined): void => useLocalStack(stackInUse(config));

/** The same, for a command that does not ask Temporal. */
export function placeWithoutTemporal(
  definition: DatasetDefinition,
  config: string | undefined,
): DatasetPlace {
  useLocalStack(chosenLocalStack(config));
  return placeHere(definition);
}

/** The path of its module, which is relative to the configuration. */
export const moduleFile = (
  definition: DatasetDefinition | FetchedDefinition,
  config: string | undefined,
): string =>
  resolve(dirname(configPath(config)), 'fetch' in definition ? definition.fetch : definition.records);
