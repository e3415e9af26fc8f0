import type { Document } from 'yaml';
import { z } from 'zod';
import { SEVERAL_DATASETS } from '../pipeline/datasets/graph/run-name.ts';
import { LoaderDefinition } from '../pipeline/loader/loader-definition.ts';
import { Mapping } from '../pipeline/mapping/mapping.ts';
import { mappingProblems } from '../pipeline/mapping/mapping-problems.ts';
import { didYouMean } from '../pipeline/text/nearest.ts';
import type { ConfigProblem } from './config-error.ts';
import { DatasetEntry } from './datasets/dataset-entry.ts';
import { datasetProblems } from './datasets/dataset-problems.ts';
import { graphProblems, publicationProblems } from './datasets/graph-problems.ts';
import { destinationProblems } from './destination-problems.ts';
import { offsetOf } from './document-positions.ts';
import { loaderProblems } from './loaders/loader-problems.ts';
import { PipelineEntry } from './pipeline-entry.ts';
import { ScheduleEntry } from './schedules/schedule-entry.ts';
import { scheduledDestinations } from './schedules/scheduled-destinations.ts';
import { isPattern, PLACEHOLDER } from './table-patterns.ts';
import { writtenDestinations } from './written-destinations.ts';

/** Problems between several parts of the file. They are reported with all others, so the input is not validated yet. */

const AsWritten = z.object({
  pipelines: z.record(z.string(), z.unknown()).catch({}),
  loaders: z.record(z.string(), z.unknown()).catch({}),
  datasets: z.record(z.string(), z.unknown()).catch({}),
  publications: z.record(z.string(), z.unknown()).catch({}),
  schedules: z.record(z.string(), z.unknown()).catch({}),
  defaults: z.object({ warehouse: z.record(z.string(), z.unknown()).catch({}) }).catch({ warehouse: {} }),
  alerts: z.object({ muted: z.array(z.string()).catch([]) }).catch({ muted: [] }),
});

const Started = z.object({
  pipeline: z.string().optional(),
  loader: z.string().optional(),
  dataset: z.string().optional(),
  datasets: z.array(z.string()).optional().catch(undefined),
});

/**
 * Finds schedules of unknown pipelines, loaders or datasets, pipelines that would replace each other's schema or share a directory, and
 * settings that contradict each other.
 */
export function jointProblems(document: Document, content: unknown): ConfigProblem[] {
  const { data } = AsWritten.safeParse(content);
  if (data === undefined) return [];
  return [
    ...schedulesOfUnknown(document, data),
    ...mutedUnknown(document, data),
    ...destinationProblems(document, data),
    ...scheduledDestinations(document, data),
    ...nestedDirectories(document, data),
    ...mappings(document, data),
    ...usersOfWorkgroups(document, data),
    ...partsOfPatterns(document, data),
    ...loaderProblems(document, data),
    ...datasetProblems(document, data),
    ...graphProblems(document, data.datasets),
    ...publicationProblems(document, data),
  ];
}

type AsWritten = z.infer<typeof AsWritten>;

function schedulesOfUnknown(
  document: Document,
  { pipelines, loaders, datasets, schedules }: AsWritten,
): ConfigProblem[] {
  return Object.entries(schedules).flatMap(([name, schedule]) => {
    const { pipeline, loader, dataset, datasets: several = [] } = Started.safeParse(schedule).data ?? {};
    const unknown = (
      what: 'pipeline' | 'loader' | 'dataset',
      named: string,
      known: Readonly<Record<string, unknown>>,
      path: readonly (string | number)[] = ['schedules', name, what],
    ) => {
      const near = didYouMean(named, Object.keys(known));
      const message = `expected a ${what} of this file, got ${JSON.stringify(named)}${near}`;
      return [{ path, offset: offsetOf(document, path, 'value'), message }];
    };
    return [
      ...(pipeline === undefined || mayBePipeline(pipelines, pipeline)
        ? []
        : unknown('pipeline', pipeline, pipelines)),
      ...(loader === undefined || Object.hasOwn(loaders, loader) ? [] : unknown('loader', loader, loaders)),
      ...(dataset === undefined || Object.hasOwn(datasets, dataset)
        ? []
        : unknown('dataset', dataset, datasets)),
      ...several.flatMap((each, i) =>
        Object.hasOwn(datasets, each)
          ? []
          : unknown('dataset', each, datasets, ['schedules', name, 'datasets', i]),
      ),
    ];
  });
}

function mutedUnknown(
  document: Document,
  { pipelines, loaders, datasets, alerts }: AsWritten,
): ConfigProblem[] {
  return alerts.muted.flatMap((name, i) => {
    const path = ['alerts', 'muted', i];
    if (isPatternEntry(pipelines[name])) {
      const message = `expected a pipeline, not a pattern of tables: mute each of the pipelines that ${name} stands for`;
      return [{ path, offset: offsetOf(document, path, 'value'), message }];
    }
    const isOther =
      [loaders, datasets].some((all) => Object.hasOwn(all, name)) ||
      (name === SEVERAL_DATASETS && Object.keys(datasets).length > 0);
    if (isOther || mayBePipeline(pipelines, name)) return [];
    const near = didYouMean(name, [pipelines, loaders, datasets].flatMap(Object.keys));
    const message = `expected a pipeline, loader or dataset of this file, got ${JSON.stringify(name)}${near}`;
    return [{ path, offset: offsetOf(document, path, 'value'), message }];
  });
}

const Source = z.object({ source: z.object({ table: z.string() }) });

function isPatternEntry(entry: unknown): boolean {
  const table = Source.safeParse(entry).data?.source.table;
  return table !== undefined && isPattern(table);
}

/** With patterns, only their tables show which pipelines there are: see withMatches. */
const mayBePipeline = (pipelines: AsWritten['pipelines'], name: string): boolean =>
  Object.hasOwn(pipelines, name) || Object.values(pipelines).some(isPatternEntry);

const Directory = z.object({
  staging: z.object({ bucket: z.string(), prefix: z.string().default('tributary') }),
});

/** A pipeline's directory is `<prefix>/<pipeline>/`. One inside another would be pruned with it. */
function nestedDirectories(document: Document, { pipelines }: AsWritten): ConfigProblem[] {
  const directories = Object.entries(pipelines).flatMap(([name, pipeline]) => {
    const { data } = Directory.safeParse(pipeline);
    return data === undefined
      ? []
      : [{ name, directory: `${data.staging.bucket}/${data.staging.prefix}/${name}/` }];
  });
  return directories.flatMap(({ name, directory }) => {
    const outer = directories.find((other) => other.name !== name && directory.startsWith(other.directory));
    if (outer === undefined) return [];
    const path = ['pipelines', name, 'staging', 'prefix'];
    const message = `expected a prefix outside of s3://${outer.directory}, which is the directory of ${outer.name}`;
    return [{ path, offset: offsetOf(document, path, 'value'), message }];
  });
}

const Mapped = z.object({ mapping: Mapping });

function mappings(document: Document, { pipelines }: AsWritten): ConfigProblem[] {
  return Object.entries(pipelines).flatMap(([name, pipeline]) => {
    const { data } = Mapped.safeParse(pipeline);
    return (data === undefined ? [] : mappingProblems(data.mapping)).map(({ at, message }) => {
      const path = ['pipelines', name, 'mapping', ...at];
      const of = at.length > 2 ? 'value' : 'key';
      return { path, offset: offsetOf(document, path, of), message: `expected ${message}` };
    });
  });
}

const UserOfWorkgroup = z.object({ workgroup: z.string(), dbUser: z.string() });

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html */
function usersOfWorkgroups(document: Document, { pipelines }: AsWritten): ConfigProblem[] {
  return writtenDestinations(pipelines).flatMap(({ path: at, written }) => {
    if (!UserOfWorkgroup.safeParse(written).success) return [];
    const path = [...at, 'dbUser'];
    const message =
      'expected no dbUser with a workgroup: the user of a workgroup follows from the identity or from secretArn';
    return [{ path, offset: offsetOf(document, path, 'key'), message }];
  });
}

const Pattern = z.object({
  name: z.unknown().optional(),
  source: z.object({ table: z.string(), except: z.unknown().optional() }),
  warehouse: z.object({ schema: z.string().optional() }).catch({}),
});

/** Only patterns have templates, and they need them: their tables cannot share a name. */
function partsOfPatterns(document: Document, { pipelines }: AsWritten): ConfigProblem[] {
  return Object.entries(pipelines).flatMap(([name, pipeline]) => {
    const { data } = Pattern.safeParse(pipeline);
    if (data === undefined) return [];
    const { source, warehouse } = data;
    const problem = (at: readonly string[], of: 'key' | 'value', message: string): ConfigProblem => {
      const path = ['pipelines', name, ...at];
      return { path, offset: offsetOf(document, path, of), message: `expected ${message}` };
    };
    const hasTemplate = PLACEHOLDER.test(warehouse.schema ?? '');
    if (isPattern(source.table)) {
      return warehouse.schema === undefined || hasTemplate
        ? []
        : [
            problem(
              ['warehouse', 'schema'],
              'value',
              'a name with {match} or {table} in it: each table of the pattern needs a schema of its own',
            ),
          ];
    }
    const only = `only with a pattern as source.table, such as "${source.table}-*"`;
    return [
      ...(data.name === undefined ? [] : [problem(['name'], 'key', `a name ${only}`)]),
      ...(source.except === undefined ? [] : [problem(['source', 'except'], 'key', `except ${only}`)]),
      ...(hasTemplate ? [problem(['warehouse', 'schema'], 'value', `{match} and {table} ${only}`)] : []),
    ];
  });
}

const NAMED: Readonly<Record<string, z.ZodType>> = {
  pipelines: PipelineEntry,
  loaders: LoaderDefinition,
  datasets: DatasetEntry,
  schedules: ScheduleEntry,
};

/** The other problems of an entry whose name is invalid: zod stops at the name. */
export function issuesBehindName(issue: z.core.$ZodIssue, content: unknown): readonly z.core.$ZodIssue[] {
  const [map, name, ...deeper] = issue.path;
  const definition = NAMED[String(map)];
  if (issue.code !== 'invalid_key' || name === undefined || deeper.length > 0 || definition === undefined)
    return [];
  const held = (content as Record<PropertyKey, Record<PropertyKey, unknown>>)[map!]![name];
  const { error } = definition.safeParse(held);
  return (error?.issues ?? []).map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}
