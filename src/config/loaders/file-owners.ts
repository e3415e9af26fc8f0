import { commonKey, compileGlob, literally } from '../../pipeline/keys/glob.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import type { ConfigProblem } from '../config-error.ts';
import type { WrittenLoader } from './written-loader.ts';

/** Files that two loaders would get, or that Tributary itself writes. */

/** Loaders of one bucket and prefix whose patterns fit the same key. */
export function sharedFiles(loaders: readonly WrittenLoader[]): ConfigProblem[] {
  return loaders.flatMap((loader, i) => {
    const { source } = loader.parts;
    if (source === undefined) return [];
    for (const { name, parts } of loaders.slice(0, i)) {
      const other = parts.source;
      if (other === undefined || other.bucket !== source.bucket || other.prefix !== source.prefix) continue;
      const key = commonKey(compileGlob(other.match), compileGlob(source.match));
      if (key === undefined) continue;
      const file = `s3://${source.bucket}/${source.prefix}${key}`;
      return [
        loader.problem(
          ['source', source.match === '**' ? 'prefix' : 'match'],
          'value',
          `no file that loader ${name} gets, but both would get ${file}: give them different prefixes, or patterns that no ` +
            'key fits both of',
        ),
      ];
    }
    return [];
  });
}

/**
 * Loaders whose directory, `<prefix>/loaders/`, is inside that of a pipeline, which would be pruned with it, or around it.
 * @param pipelines directories such as `tributary/runs/orders/`, with their bucket, by the pipelines' names
 */
export function nestedInPipelines(
  loaders: readonly WrittenLoader[],
  pipelines: ReadonlyMap<string, string>,
): ConfigProblem[] {
  return loaders.flatMap((loader) => {
    const { staging } = loader.parts;
    if (staging === undefined) return [];
    const own = `${staging.bucket}/${staging.prefix}/loaders/`;
    const found = [...pipelines].find(
      ([, directory]) => own.startsWith(directory) || directory.startsWith(own),
    );
    if (found === undefined) return [];
    const [pipeline, directory] = found;
    const message = `a prefix apart from s3://${directory}, which is the directory of pipeline ${pipeline}`;
    return [loader.problem(['staging', 'prefix'], 'value', message)];
  });
}

/** Where Tributary writes: the directory of a loader's or a pipeline's staging. */
interface Staging {
  /** `loader quakes`, `pipeline orders` */
  readonly of: string;
  readonly bucket: string;
  readonly prefix: string;
}

/**
 * Loaders that would load what Tributary writes, or whose files are in a directory that Tributary takes for its own.
 * @param pipelines the staging of the pipelines
 */
export function stagedFiles(
  loaders: readonly WrittenLoader[],
  pipelines: readonly Staging[],
): ConfigProblem[] {
  const all: Staging[] = [
    ...loaders.flatMap(({ name, parts: { staging } }) =>
      staging === undefined ? [] : [{ of: `loader ${name}`, ...staging }],
    ),
    ...pipelines,
  ];
  return loaders.flatMap((loader) => {
    const { source } = loader.parts;
    if (source === undefined) return [];
    const own = `loader ${loader.name}`;
    // The loader's own staging first: that is where its author looks.
    const sorted = all.toSorted((a, b) => Number(b.of === own) - Number(a.of === own));
    const found = sorted.find((staging) => overlaps(source, staging, staging.of === own));
    if (found === undefined) return [];
    const directory = `s3://${found.bucket}/${found.prefix}/`;
    const files = `s3://${source.bucket}/${source.prefix}`;
    return found.of === own
      ? [
          loader.problem(
            ['staging', 'prefix'],
            'value',
            `a prefix apart from the files in ${files}: what Tributary writes to ${directory} must not be loaded`,
          ),
        ]
      : [
          loader.problem(
            ['source', 'prefix'],
            'value',
            `files apart from ${directory}, the staging of ${found.of}: what Tributary writes there must not be loaded`,
          ),
        ];
  });
}

/** @param isOwn the loader's own staging is refused inside its prefix even if its pattern fits nothing there */
function overlaps(source: LoaderDefinition['source'], staging: Staging, isOwn: boolean): boolean {
  if (source.bucket !== staging.bucket) return false;
  const directory = `${staging.prefix}/`;
  if (source.prefix.startsWith(directory)) return true;
  if (!directory.startsWith(source.prefix)) return false;
  const below = compileGlob(`${literally(directory.slice(source.prefix.length))}**`);
  return isOwn || commonKey(compileGlob(source.match), below) !== undefined;
}
