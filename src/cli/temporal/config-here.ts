import { definitionIn, findPipeline } from '../../config/find-pipeline.ts';
import { configPath, readConfig } from '../../config/read-config.ts';
import { type ExpandedConfig, refuseUnknownNames, withMatches } from '../../config/table-patterns.ts';
import type { TributaryConfig } from '../../config/tributary-config.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { stackInUse, useLocalStack } from './command-context.ts';

/**
 * This machine's configuration, with a pipeline for each table that a pattern matches. The tables are listed only if the
 * file has patterns.
 * @throws ConfigError like `readConfig`, and if two tables would have the same pipeline; Terminal or Transient if the tables
 *   cannot be listed
 */
export async function configHere(config: string | undefined): Promise<ExpandedConfig> {
  return expanded(await readConfig(configPath(config)), config);
}

/** @param config the file given with `--config` */
export async function expanded(read: TributaryConfig, config: string | undefined): Promise<ExpandedConfig> {
  if (Object.keys(read.patterns).length === 0) return { ...read, matches: {} };
  useLocalStack(stackInUse(config));
  // Loaded here, so that commands without patterns do not wait for the SDK.
  const [{ addressesFromEnvironment }, { dynamodbClient }, { listTables }] = await Promise.all([
    import('../../clients/aws/addresses.ts'),
    import('../../clients/dynamodb/dynamodb-table-source.ts'),
    import('../../clients/dynamodb/list-tables.ts'),
  ]);
  const client = dynamodbClient(addressesFromEnvironment(process.env).dynamodb);
  try {
    const found = withMatches(read, await listTables(client));
    refuseUnknownNames(found);
    return found;
  } finally {
    client.destroy();
  }
}

/** The pipeline with this name: of the file, or of a table that one of its patterns matches. */
export async function pipelineHere(name: string, config: string | undefined): Promise<Pipeline> {
  const read = await readConfig(configPath(config));
  return findPipeline(Object.hasOwn(read.pipelines, name) ? read : await expanded(read, config), name);
}

/**
 * What runs into a destination of the pipeline work by.
 * @param destination may be absent if the pipeline has only one of kind `redshift`
 * @throws ConfigError `UnknownPipeline`, `UnknownDestination`, `WhichDestination`
 */
export async function definitionHere(
  name: string,
  destination: string | undefined,
  config: string | undefined,
): Promise<PipelineDefinition> {
  return definitionIn(name, await pipelineHere(name, config), destination);
}
