import { findDefinition, findPipeline } from '../../config/find-pipeline.ts';
import { configPath, readConfig } from '../../config/read-config.ts';
import { definitionsOf } from '../../pipeline/definition/pipeline.ts';
import { type PipelineDefinition, PipelineName } from '../../pipeline/definition/pipeline-definition.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { definitionHere, expanded, pipelineHere } from './config-here.ts';

export interface PipelineInput {
  readonly pipeline: string;
  readonly destination?: string;
  readonly definition?: PipelineDefinition;
}

/**
 * What a command sends about a pipeline: its name and that of a destination, which the worker looks up; with `--config`,
 * also the definition in that file.
 * @param destination may be absent if the pipeline has only one, and for a run that exists, whose plan names it
 * @throws CommandError if the name is invalid, or is not in this machine's configuration (with the nearest one); ConfigError
 *   `UnknownDestination`, `WhichDestination`
 */
export async function pipelineInput(
  pipeline: string,
  config: string | undefined,
  destination?: string,
  exists = false,
): Promise<PipelineInput> {
  refuseWrongName(pipeline);
  const input = { pipeline, ...(destination === undefined ? {} : { destination }) };
  if (config !== undefined)
    return { ...input, definition: await definitionHere(pipeline, destination, config) };
  const definition = await matchedHere(pipeline, destination, exists);
  return { ...input, ...(definition === undefined ? {} : { definition }) };
}

/**
 * The worker's configuration decides, and it may differ from this machine's. But if a file exists here, a name that is
 * not in it is most likely a mistake. A file that cannot be read is ignored.
 * @returns the definition, if a pattern of the file matches the pipeline's table: a run gets the table, not the pattern
 */
async function matchedHere(
  pipeline: string,
  destination: string | undefined,
  exists: boolean,
): Promise<PipelineDefinition | undefined> {
  const file = configPath();
  const config = await readConfig(file).catch(() => undefined);
  if (config === undefined) return undefined;
  if (Object.hasOwn(config.pipelines, pipeline)) {
    if (!exists || destination !== undefined) findDefinition(config, pipeline, destination);
    return undefined;
  }
  const found = await expanded(config, undefined);
  const { pipelines } = found;
  if (Object.hasOwn(pipelines, pipeline))
    return exists && destination === undefined
      ? Object.values(definitionsOf(findPipeline(found, pipeline)))[0]
      : findDefinition(found, pipeline, destination);
  const names = Object.keys(pipelines);
  throw new CommandError(
    ExitCode.usage,
    `${file} has no pipeline "${pipeline}"${didYouMean(pipeline, names)}. It has: ${names.join(', ') || 'none'}. ` +
      "If another file has it, give that one with --config. If only the worker's configuration has it, run this command " +
      'in a directory without that file.',
  );
}

/** @throws CommandError if this machine's configuration has no pipeline of that name, as `pipelineInput` */
export async function refuseUnknownPipeline(pipeline: string, config: string | undefined): Promise<void> {
  refuseWrongName(pipeline);
  if (config === undefined) await matchedHere(pipeline, undefined, true);
  else await pipelineHere(pipeline, config);
}

function refuseWrongName(pipeline: string): void {
  const name = PipelineName.safeParse(pipeline);
  if (name.success) return;
  throw new CommandError(
    ExitCode.usage,
    `"${pipeline}" is not a valid pipeline name: expected ${name.error.issues[0]?.message}.`,
  );
}
