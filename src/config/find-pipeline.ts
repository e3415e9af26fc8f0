import type { PipelineDefinition } from '../pipeline/definition/pipeline-definition.ts';
import { didYouMean } from '../pipeline/text/nearest.ts';
import { ConfigError } from './config-error.ts';
import type { ExpandedConfig } from './table-patterns.ts';
import type { TributaryConfig } from './tributary-config.ts';

const OTHER_FILE = 'To use another file, name it with --config or TRIBUTARY_CONFIG.';

/** The pipeline with this name. @throws ConfigError `UnknownPipeline` with the nearest names */
export function findPipeline(config: TributaryConfig | ExpandedConfig, name: string): PipelineDefinition {
  if (Object.hasOwn(config.pipelines, name)) return config.pipelines[name]!;
  if (Object.hasOwn(config.patterns, name)) throw isPatternName(config, name);
  const names = Object.keys(config.pipelines);
  const known = names.length === 0 ? 'The configuration has none.' : `Known: ${names.join(', ')}.`;
  throw new ConfigError(
    'UnknownPipeline',
    `No pipeline "${name}"${didYouMean(name, names)}. ${known} ${OTHER_FILE}`,
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
