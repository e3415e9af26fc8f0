import type { ObjectStore } from '../../clients/object-store.ts';
import type { DatasetDefinition } from '../../pipeline/datasets/definition.ts';
import { compileGlob, matchesGlob } from '../../pipeline/keys/glob.ts';
import type { DatasetFiles } from './dataset-documents.ts';
import type { RawSource } from './list-source.ts';

/** Where a dataset is in S3, and where its raw files are. */
export interface DatasetPlace {
  readonly files: DatasetFiles;
  readonly source: RawSource;
}

export function datasetPlace(
  { source, store }: Pick<DatasetDefinition, 'source' | 'store'>,
  stores: { store(bucket: string): ObjectStore },
): DatasetPlace {
  const match = compileGlob(source.match);
  return {
    files: { store: stores.store(store.bucket), at: { prefix: store.prefix } },
    source: {
      store: stores.store(source.bucket),
      prefix: source.prefix,
      isWanted: (path) => matchesGlob(match, path),
    },
  };
}
