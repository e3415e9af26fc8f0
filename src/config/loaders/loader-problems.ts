import type { Document } from 'yaml';
import { z } from 'zod';
import type { ConfigProblem } from '../config-error.ts';
import { nestedInPipelines, sharedFiles, stagedFiles } from './file-owners.ts';
import { ownProblems } from './own-problems.ts';
import { replacedSchemas, schemasOfPipelines } from './replaced-schemas.ts';
import { differentRegions, differentRules } from './table-rules.ts';
import { writtenLoaders } from './written-loader.ts';

/**
 * Problems of loaders that their schema cannot see: within a loader, between loaders, and between loaders and pipelines.
 * @param entries the file's content with its defaults, not validated yet
 */
export function loaderProblems(
  document: Document,
  entries: {
    readonly loaders: Readonly<Record<string, unknown>>;
    readonly pipelines: Readonly<Record<string, unknown>>;
  },
): ConfigProblem[] {
  const loaders = writtenLoaders(document, entries.loaders);
  const pipelines = stagingOf(entries.pipelines);
  return [
    ...loaders.flatMap(ownProblems),
    ...differentRules(loaders),
    ...differentRegions(loaders),
    ...sharedFiles(loaders),
    ...stagedFiles(
      loaders,
      pipelines.map(({ name, bucket, prefix }) => ({ of: `pipeline ${name}`, bucket, prefix })),
    ),
    ...nestedInPipelines(
      loaders,
      new Map(pipelines.map(({ name, bucket, prefix }) => [name, `${bucket}/${prefix}/${name}/`])),
    ),
    ...replacedSchemas(
      loaders.map(({ parts: { target }, problem }) => ({
        target,
        problem: (message) => problem(['target', 'schema'], 'value', message),
      })),
      schemasOfPipelines(entries.pipelines),
    ),
  ];
}

const Staged = z.object({
  staging: z.object({ bucket: z.string(), prefix: z.string().default('tributary') }),
});

const stagingOf = (pipelines: Readonly<Record<string, unknown>>) =>
  Object.entries(pipelines).flatMap(([name, pipeline]) => {
    const { data } = Staged.safeParse(pipeline);
    return data === undefined ? [] : [{ name, ...data.staging }];
  });
