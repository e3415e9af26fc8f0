import { pipelineNameFrom } from '../pipeline/definition/derived-names.ts';
import { definitionsOf, type Pipeline } from '../pipeline/definition/pipeline.ts';
import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import { didYouMean } from '../pipeline/text/nearest.ts';
import { ConfigError } from './config-error.ts';
import { findPipeline } from './find-pipeline.ts';
import type { PipelineEntry } from './pipeline-entry.ts';
import { pipelineOfEntry } from './pipeline-of-entry.ts';
import type { TributaryConfig } from './tributary-config.ts';

/** `table: "prod-*"`: one pipeline per table that matches. */

export const isPattern = (table: string): boolean => table.includes('*');

/** What a template may contain: the table's name, and what the `*` of the pattern stand for in it. */
export const PLACEHOLDER = /\{(?:table|match)\}/;

/** A pipeline that a pattern stands for. */
interface Match {
  readonly table: string;
  /** Its name. */
  readonly pipeline: string;
  readonly made: Pipeline;
}

/** A configuration whose `pipelines` include those of its patterns. */
export interface ExpandedConfig extends TributaryConfig {
  /** By the name of the pattern's entry. */
  readonly matches: Readonly<Record<string, readonly Match[]>>;
}

/** These pipelines, each once. The name of a pattern stands for the pipelines of all tables that it matches. */
export function namedPipelines(
  { matches }: Pick<ExpandedConfig, 'matches'>,
  names: readonly string[],
): string[] {
  const all = names.flatMap((name) =>
    Object.hasOwn(matches, name) ? (matches[name] ?? []).map(({ pipeline }) => pipeline) : [name],
  );
  return [...new Set(all)];
}

/**
 * The configuration with a pipeline for each table that a pattern matches. A table that has a pipeline of its own, or that
 * an earlier pattern matches, is left to that one.
 * @param tables the names of all tables in the account and region
 * @throws ConfigError `ConfigInvalid` if two tables would have the same pipeline or schema
 */
export function withMatches(config: TributaryConfig, tables: readonly string[]): ExpandedConfig {
  const { expanded, clashes } = expand(config, tables);
  for (const clash of clashes.values()) throw clash;
  return expanded;
}

/**
 * The pipeline with this name. Tables that clash keep only their own pipelines from being found: a table that is created
 * must not stop the runs of others.
 * @throws ConfigError `UnknownPipeline`, or `ConfigInvalid` if two tables would have the name, or its schema
 */
export function findMatched(config: TributaryConfig, tables: readonly string[], name: string): Pipeline {
  const { expanded, clashes } = expand(config, tables);
  const clash = clashes.get(name);
  if (clash !== undefined) throw clash;
  return findPipeline(expanded, name);
}

function expand(
  config: TributaryConfig,
  tables: readonly string[],
): { readonly expanded: ExpandedConfig; readonly clashes: ReadonlyMap<string, ConfigError> } {
  const taken = new Set(Object.values(config.pipelines).map(({ source }) => source.table));
  const pipelines: Record<string, Pipeline> = { ...config.pipelines };
  const schemas = new Map(
    Object.entries(pipelines).flatMap(([name, each]) => targetsOf(each).map((target) => [target, name])),
  );
  const matches: Record<string, Match[]> = {};
  const clashes = new Map<string, ConfigError>();
  for (const [family, entry] of Object.entries(config.patterns)) {
    const found: Match[] = [];
    for (const table of [...tables].sort()) {
      const match = matchOf(entry, table);
      if (match === undefined || taken.has(table)) continue;
      taken.add(table);
      const next = pipelineFor(family, entry, table, match);
      const { pipeline, made } = next;
      const targets = targetsOf(made);
      const other = Object.hasOwn(pipelines, pipeline)
        ? pipeline
        : targets.map((target) => schemas.get(target)).find((owner) => owner !== undefined);
      if (other === undefined) {
        pipelines[pipeline] = made;
        for (const target of targets) schemas.set(target, pipeline);
        found.push(next);
        continue;
      }
      const error = clash(family, table, next, pipelines[other]?.source.table ?? other);
      for (const name of [pipeline, other]) clashes.set(name, error);
    }
    matches[family] = found;
  }
  return { expanded: { ...config, pipelines, matches }, clashes };
}

/**
 * Schedules and mutes may name a pipeline that a pattern stands for.
 * @throws ConfigError `UnknownPipeline` if there is none of that name
 */
export function refuseUnknownNames({
  patterns,
  pipelines,
  loaders,
  datasets,
  derivedDatasets,
  schedules,
  alerts,
}: ExpandedConfig): void {
  const named = [
    ...Object.entries(schedules).map(
      ([name, { pipeline }]) => [`schedules.${name}.pipeline`, pipeline] as const,
    ),
    ...alerts.muted
      .filter((name) => ![loaders, datasets, derivedDatasets].some((all) => Object.hasOwn(all, name)))
      .map((pipeline) => ['alerts.muted', pipeline] as const),
  ];
  const unknown = named.find(([, name]) => !Object.hasOwn(pipelines, name) && !Object.hasOwn(patterns, name));
  if (unknown === undefined) return;
  const [where, name] = unknown;
  throw new ConfigError(
    'UnknownPipeline',
    `${where}: no pipeline "${name}", and no pattern has a table for it${didYouMean(name, Object.keys(pipelines))}.`,
  );
}

/** What the `*` of the pattern stand for in a table's name, joined by `-`; undefined if it does not match. */
function matchOf(
  { source: { table: pattern, except = [] } }: PipelineEntry,
  table: string,
): string | undefined {
  const found = regexOf(pattern).exec(table);
  if (found === null || except.some((each) => regexOf(each).test(table))) return undefined;
  return found.slice(1).join('-');
}

const regexOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => RegExp.escape(part))
      .join('(.+)')}$`,
  );

function pipelineFor(family: string, entry: PipelineEntry, table: string, match: string): Match {
  const { name = `${family}-{match}`, source, ...settings } = entry;
  const { except: _, ...ownSource } = source;
  const filled = (template: string) => template.replaceAll('{table}', table).replaceAll('{match}', match);
  const pipeline = pipelineNameFrom(filled(name));
  const made = pipelineOfEntry({ ...settings, source: { ...ownSource, table } }, { pipeline, filled });
  return { table, pipeline, made };
}

/** What identifies the places that a pipeline's destinations replace or fill. */
function targetsOf(pipeline: Pipeline): string[] {
  const folders = Object.values(pipeline.destinations).flatMap((each) =>
    each.kind === 's3' ? [JSON.stringify([each.settings.bucket, each.settings.prefix])] : [],
  );
  return [...Object.values(definitionsOf(pipeline)).map(targetOf), ...folders];
}

const targetOf = ({ warehouse: { workgroup, cluster, database, schema } }: PipelineDefinition): string =>
  JSON.stringify([workgroup, cluster, database, schema]);

function clash(family: string, table: string, { pipeline, made }: Match, other: string): ConfigError {
  const schemas = Object.values(definitionsOf(made)).map(({ warehouse }) => warehouse.schema);
  const of = schemas.length === 1 ? `schema ${schemas[0]}` : `schemas ${schemas.join(', ')}`;
  const templates = schemas.length === 1 ? 'name and warehouse.schema' : 'name and schema';
  return new ConfigError(
    'ConfigInvalid',
    `pipelines.${family}: table ${table} would become pipeline ${pipeline}${schemas.length === 0 ? '' : ` with ${of}`}, which ` +
      `table ${other} already has. Change the templates ${templates}, exclude the table with ` +
      'source.except, or write a pipeline of its own for it.',
  );
}
