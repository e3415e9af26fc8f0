import { WAREHOUSE } from '../pipeline/definition/destination.ts';
import { definitionsOf, type Pipeline } from '../pipeline/definition/pipeline.ts';
import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import { didYouMean } from '../pipeline/text/nearest.ts';
import { ConfigError } from './config-error.ts';
import type { ExpandedConfig } from './table-patterns.ts';
import type { TributaryConfig } from './tributary-config.ts';

const OTHER_FILE = 'To use another file, name it with --config or TRIBUTARY_CONFIG.';

/** The pipeline with this name. @throws ConfigError `UnknownPipeline` with the nearest names */
export function findPipeline(config: TributaryConfig | ExpandedConfig, name: string): Pipeline {
  if (Object.hasOwn(config.pipelines, name)) return config.pipelines[name]!;
  if (Object.hasOwn(config.patterns, name)) throw isPatternName(config, name);
  const names = Object.keys(config.pipelines);
  const known = names.length === 0 ? 'The configuration has none.' : `Known: ${names.join(', ')}.`;
  throw new ConfigError(
    'UnknownPipeline',
    `No pipeline "${name}"${didYouMean(name, names)}. ${known} ${OTHER_FILE}`,
  );
}

/**
 * What a run into a destination works by.
 * @param name of the pipeline
 * @param destination may be absent if the pipeline has only one of kind `redshift`
 * @throws ConfigError `UnknownPipeline`, `UnknownDestination`, `WhichDestination`
 */
export function findDefinition(
  config: TributaryConfig | ExpandedConfig,
  name: string,
  destination?: string,
): PipelineDefinition {
  return definitionIn(name, findPipeline(config, name), destination);
}

/** The same, of a pipeline that is already found. */
export function definitionIn(
  name: string,
  { destinations }: Pipeline,
  destination?: string,
): PipelineDefinition {
  const all = Object.keys(destinations);
  const found = definitionsOf({ destinations });
  if (destination === undefined) {
    const [[, only] = [], ...others] = Object.entries(found);
    if (only !== undefined && others.length === 0) return only;
    throw new ConfigError(
      'WhichDestination',
      only === undefined
        ? `Pipeline ${name} has no destination of kind redshift, so it has no runs and no schema. It has: ${all.join(', ')}.`
        : `Pipeline ${name} has several destinations. Name one of them: ${Object.keys(found).join(', ')}.`,
    );
  }
  if (Object.hasOwn(found, destination)) return found[destination]!;
  throw new ConfigError(
    'UnknownDestination',
    Object.hasOwn(destinations, destination)
      ? `Destination ${destination} of pipeline ${name} is of kind ${destinations[destination]!.kind}, so it has no runs and no schema.`
      : `Pipeline ${name} has no destination "${destination}"${didYouMean(destination, all)}. It has: ${all.join(', ')}.${
          all.length === 1 && all[0] === WAREHOUSE ? ' A single warehouse has the name warehouse.' : ''
        }`,
  );
}

function isPatternName(config: TributaryConfig | ExpandedConfig, name: string): ConfigError {
  const matched = 'matches' in config ? (config.matches[name] ?? []) : [];
  const names = matched.map(({ pipeline }) => pipeline);
  return new ConfigError(
    'UnknownPipeline',
    `"${name}" stands for one pipeline per table that matches ${config.patterns[name]?.source.table}. ` +
      (names.length === 0 ? 'No table matches.' : `Name one of them: ${names.join(', ')}.`),
  );
}
