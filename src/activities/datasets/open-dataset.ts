import { Terminal } from '../../clients/errors.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { type DatasetPlace, datasetPlace } from '../../store/datasets/dataset-place.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** A dataset of the worker's configuration, and where its files are. */
export interface OpenDataset extends DatasetPlace {
  readonly name: string;
  readonly definition: DatasetDefinition;
}

/** @throws Terminal `UnknownDataset` */
export async function openDataset(
  deps: Pick<Dependencies, 'datasets' | 'store'>,
  name: string,
): Promise<OpenDataset> {
  const datasets = await deps.datasets();
  const definition = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (definition === undefined) {
    const known = Object.keys(datasets);
    throw new Terminal(
      'UnknownDataset',
      `The worker's configuration has no dataset ${name}. ` +
        (known.length === 0 ? 'It has none.' : `It has ${known.join(', ')}.`),
    );
  }
  return { name, definition, ...datasetPlace(definition, deps) };
}
