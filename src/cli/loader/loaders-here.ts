import { configPath, readConfig } from '../../config/read-config.ts';
import { loaderWorkflowId, watchWorkflowId } from '../../contract/loader/loader.ts';
import { inboxLocation } from '../../pipeline/loader/inbox-pages.ts';
import { type TableId, tablePath } from '../../pipeline/loader/loader-directory.ts';
import { type Loaders, loadersOf, type NamedLoader } from '../../pipeline/loader/routing.ts';
import { loadersWatching, type Watched, watchedBy } from '../../pipeline/loader/watched.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import type { LoaderFiles } from '../../store/loader/batch-files.ts';
import { chosenLocalStack, useLocalStack } from '../temporal/command-context.ts';
import { storesHere } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

/** The loaders of this machine's configuration, by the tables that they feed and by what must be watched for them. */

/** A table that loaders feed: one workflow, one directory in S3. */
export interface LoadedTable {
  readonly table: TableId;
  readonly workflowId: string;
  /** By name: at least one. */
  readonly loaders: readonly [NamedLoader, ...NamedLoader[]];
}

/** A queue or a prefix that is watched for loaders. */
export interface WatchedSource {
  readonly watched: Watched;
  readonly workflowId: string;
  /** All loaders of the configuration that need it, by name. */
  readonly loaders: readonly [NamedLoader, ...NamedLoader[]];
}

export const loadersHere = async (config: string | undefined): Promise<Loaders> =>
  (await readConfig(configPath(config))).loaders;

/**
 * The loaders that a command names; without names, all of them.
 * @throws CommandError for an unknown name, with the nearest ones, and if the configuration has no loaders
 */
export function chosenLoaders(
  all: Loaders,
  names: readonly string[],
  config: string | undefined,
): readonly string[] {
  const known = Object.keys(all);
  if (known.length === 0) {
    throw new CommandError(
      ExitCode.usage,
      `${configPath(config)} has no loaders. docs/loaders.md describes one, to write below \`loaders:\`.`,
    );
  }
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new CommandError(
      ExitCode.usage,
      `No loader "${name}"${didYouMean(name, known)}. Known: ${known.join(', ')}. To use another file, name it with ` +
        '--config or TRIBUTARY_CONFIG.',
    );
  }
  return names.length === 0 ? known : [...new Set(names)];
}

/** The tables of these loaders, each once, in the order of the names. */
export function tablesOf(all: Loaders, names: readonly string[]): LoadedTable[] {
  const tables = new Map<string, LoadedTable>();
  for (const name of names) {
    const { table } = inboxLocation(all[name]!);
    const loaders = loadersOf(all, table) as unknown as LoadedTable['loaders'];
    tables.set(tablePath(table), { table, workflowId: loaderWorkflowId(table), loaders });
  }
  return [...tables.values()];
}

/** What these loaders need watched, each once. */
export function sourcesOf(all: Loaders, names: readonly string[]): WatchedSource[] {
  const sources = new Map<string, WatchedSource>();
  for (const name of names) {
    const watched = watchedBy(all[name]!);
    const loaders = loadersWatching(all, watched) as unknown as WatchedSource['loaders'];
    const workflowId = watchWorkflowId(watched);
    sources.set(workflowId, { watched, workflowId, loaders });
  }
  return [...sources.values()];
}

/** The table of one loader. @throws as `chosenLoaders` */
export function tableOf(all: Loaders, name: string, config: string | undefined): LoadedTable {
  return tablesOf(all, chosenLoaders(all, [name], config))[0]!;
}

/** The directory of a table in S3, at the address of the environment. `useLocalStack` comes first. */
export function filesOf({ loaders: [{ loader }] }: LoadedTable): LoaderFiles {
  const { bucket, ...at } = inboxLocation(loader);
  return { store: storesHere().store(bucket), at };
}

/** The same, for a command that does not ask Temporal. */
export function filesWithoutTemporal(table: LoadedTable, config: string | undefined): LoaderFiles {
  useLocalStack(chosenLocalStack(config));
  return filesOf(table);
}

/** `quakes`, or `quakes and quakes-old`: the loaders of a table. */
export const namesOf = ({ loaders }: Pick<LoadedTable, 'loaders'>): string =>
  loaders.map(({ name }) => name).join(' and ');
