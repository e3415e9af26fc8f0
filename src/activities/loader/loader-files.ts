import { Terminal } from '../../clients/errors.ts';
import type { Limits } from '../../pipeline/loader/batching.ts';
import type { TableId } from '../../pipeline/loader/loader-directory.ts';
import { loaderNamed, loadersOf, type NamedLoader } from '../../pipeline/loader/routing.ts';
import type { LoaderFiles } from '../../store/loader/batch-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** A table that loaders feed, as the worker's configuration defines it today. */
export interface LoadedTable {
  readonly table: TableId;
  readonly files: LoaderFiles;
  readonly staging: { readonly bucket: string; readonly prefix: string };
  readonly loaders: readonly NamedLoader[];
  /** The smallest of those of its loaders. */
  readonly limits: Limits;
  readonly pauseAfterParked: number;
}

/** The table of a loader. @throws `UnknownLoader`; Terminal `ConfigInvalid` if its loaders keep their batches in different places */
export async function loadedTable(
  deps: Pick<Dependencies, 'loaders' | 'store'>,
  loader: string,
): Promise<LoadedTable> {
  const all = await deps.loaders();
  const { target, staging } = loaderNamed(all, loader);
  const { workgroup, cluster, database, schema, table: name } = target;
  const table: TableId = {
    ...(workgroup === undefined ? {} : { workgroup }),
    ...(cluster === undefined ? {} : { cluster }),
    database,
    schema,
    table: name,
  };
  const loaders = loadersOf(all, table);
  for (const { name: other, loader: definition } of loaders) {
    const { bucket, prefix } = definition.staging;
    if (bucket !== staging.bucket || prefix !== staging.prefix) {
      throw new Terminal(
        'ConfigInvalid',
        `Loaders ${loader} and ${other} feed the same table, ${schema}.${name}, but their staging differs. ` +
          'Give both the same staging.bucket and staging.prefix, so that one queue holds all files of the table.',
      );
    }
  }
  const least = (of: (limits: NamedLoader['loader']) => number) =>
    loaders.reduce((smallest, each) => Math.min(smallest, of(each.loader)), Number.POSITIVE_INFINITY);
  return {
    table,
    files: { store: deps.store(staging.bucket), at: { prefix: staging.prefix, table } },
    staging: { bucket: staging.bucket, prefix: staging.prefix },
    loaders,
    limits: {
      maxFiles: least(({ batch }) => batch.maxFiles),
      maxBytes: least(({ batch }) => batch.maxBytes),
      maxSeconds: least(({ batch }) => batch.maxSeconds),
    },
    pauseAfterParked: least(({ pauseAfterParked }) => pauseAfterParked),
  };
}
