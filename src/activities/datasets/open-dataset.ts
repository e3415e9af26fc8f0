import { Terminal } from '../../clients/errors.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { compileGlob, matchesGlob } from '../../pipeline/loader/glob.ts';
import type { DatasetFiles } from '../../store/datasets/dataset-documents.ts';
import type { RawSource } from '../../store/datasets/list-source.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** A dataset of the worker's configuration, and where its files are. */
export interface OpenDataset {
  readonly name: string;
  readonly definition: DatasetDefinition;
  readonly files: DatasetFiles;
  readonly source: RawSource;
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
  const { source, store } = definition;
  const match = compileGlob(source.match);
  return {
    name,
    definition,
    files: { store: deps.store(store.bucket), at: { prefix: store.prefix } },
    source: {
      store: deps.store(source.bucket),
      prefix: source.prefix,
      isWanted: (path) => matchesGlob(match, path),
    },
  };
}
