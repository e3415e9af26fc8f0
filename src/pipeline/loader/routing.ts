import { Refusal } from '../failure/refusal.ts';
import { compileGlob, type Glob, matchesGlob } from '../keys/glob.ts';
import { compareBytes } from '../sql/identifier.ts';
import { didYouMean } from '../text/nearest.ts';
import type { LoaderDefinition } from './loader-definition.ts';
import { type TableId, tablePath } from './loader-directory.ts';

/** Which loader gets a file, and which loaders feed a table. */

export type Loaders = Readonly<Record<string, LoaderDefinition>>;

export interface NamedLoader {
  readonly name: string;
  readonly loader: LoaderDefinition;
}

/**
 * The loader that gets the file: of those of its bucket, the one with the longest prefix of its key, if its `match` fits the
 * rest of the key. If it does not, no loader gets the file, because a loader of a shorter prefix leaves everything below the
 * longer one to that one. Several loaders of one prefix share it by their `match`. A key that ends in a slash is a folder
 * that a console created, never a file.
 * @param file its bucket, and its key as S3 has it, without escapes
 */
export function routeFile(
  loaders: Loaders,
  file: { readonly bucket: string; readonly key: string },
): NamedLoader | undefined {
  return routerOf(loaders)(file);
}

/** The loader of this name. @throws Refusal `UnknownLoader` with the nearest names */
export function loaderNamed(loaders: Loaders, name: string): LoaderDefinition {
  if (Object.hasOwn(loaders, name)) return loaders[name]!;
  const names = Object.keys(loaders);
  const known = names.length === 0 ? 'This configuration has none.' : `Known: ${names.join(', ')}.`;
  throw new Refusal(
    'UnknownLoader',
    `No loader "${name}"${didYouMean(name, names)}. ${known} Commands and workers read the file that --config or ` +
      'TRIBUTARY_CONFIG names: give all of them the one with this loader.',
  );
}

/** The loaders that feed the table, by name. */
export const loadersOf = (loaders: Loaders, table: TableId): NamedLoader[] =>
  sorted(loaders).filter(({ loader }) => sameTable(loader.target, table));

/** Whether both are one table, and so have one loader workflow and one directory. */
export const sameTable = (a: TableId, b: TableId): boolean => tablePath(a) === tablePath(b);

type Router = (file: { readonly bucket: string; readonly key: string }) => NamedLoader | undefined;

/** Patterns are compiled once for each configuration that is read. */
const routers = new WeakMap<Loaders, Router>();

function routerOf(loaders: Loaders): Router {
  const known = routers.get(loaders);
  if (known !== undefined) return known;
  const router = createRouter(loaders);
  routers.set(loaders, router);
  return router;
}

interface Route extends NamedLoader {
  readonly prefix: string;
  readonly match: Glob;
}

function createRouter(loaders: Loaders): Router {
  const byBucket = new Map<string, Route[]>();
  for (const { name, loader } of sorted(loaders)) {
    const { bucket, prefix, match } = loader.source;
    const routes = byBucket.get(bucket) ?? [];
    routes.push({ name, loader, prefix, match: compileGlob(match) });
    byBucket.set(bucket, routes);
  }
  for (const routes of byBucket.values()) routes.sort((a, b) => b.prefix.length - a.prefix.length);
  return ({ bucket, key }) => {
    if (key.endsWith('/')) return undefined;
    const routes = byBucket.get(bucket) ?? [];
    const longest = routes.find(({ prefix }) => key.startsWith(prefix))?.prefix;
    if (longest === undefined) return undefined;
    const rest = key.slice(longest.length);
    const found = routes.find(({ prefix, match }) => prefix === longest && matchesGlob(match, rest));
    return found && { name: found.name, loader: found.loader };
  };
}

const sorted = (loaders: Loaders): NamedLoader[] =>
  Object.entries(loaders)
    .map(([name, loader]) => ({ name, loader }))
    .sort((a, b) => compareBytes(a.name, b.name));
