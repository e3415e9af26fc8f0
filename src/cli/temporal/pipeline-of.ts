import { configPath, readConfig } from '../../config/read-config.ts';
import { type PipelineDefinition, PipelineName } from '../../pipeline/definition/pipeline-definition.ts';
import { didYouMean } from '../../pipeline/text/nearest.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { expanded, pipelineHere } from './config-here.ts';

/**
 * What a command sends about a pipeline: its name, which the worker looks up; with `--config`, also the definition in
 * that file.
 * @throws CommandError if the name is invalid, or is not in this machine's configuration (with the nearest one)
 */
export async function pipelineInput(
  pipeline: string,
  config: string | undefined,
): Promise<{ readonly pipeline: string; readonly definition?: PipelineDefinition }> {
  const name = PipelineName.safeParse(pipeline);
  if (!name.success) {
    throw new CommandError(
      ExitCode.usage,
      `"${pipeline}" is not a valid pipeline name: expected ${name.error.issues[0]?.message}.`,
    );
  }
  if (config !== undefined) return { pipeline, definition: await pipelineHere(pipeline, config) };
  const definition = await matchedHere(pipeline);
  return { pipeline, ...(definition === undefined ? {} : { definition }) };
}

/**
 * The worker's configuration decides, and it may differ from this machine's. But if a file exists here, a name that is
 * not in it is most likely a mistake. A file that cannot be read is ignored.
 * @returns the definition, if a pattern of the file matches the pipeline's table: a run gets the table, not the pattern
 */
async function matchedHere(pipeline: string): Promise<PipelineDefinition | undefined> {
  const file = configPath();
  const config = await readConfig(file).catch(() => undefined);
  if (config === undefined || Object.hasOwn(config.pipelines, pipeline)) return undefined;
  const { pipelines } = await expanded(config, undefined);
  if (Object.hasOwn(pipelines, pipeline)) return pipelines[pipeline];
  const names = Object.keys(pipelines);
  throw new CommandError(
    ExitCode.usage,
    `${file} has no pipeline "${pipeline}"${didYouMean(pipeline, names)}. It has: ${names.join(', ') || 'none'}. ` +
      "If another file has it, give that one with --config. If only the worker's configuration has it, run this command " +
      'in a directory without that file.',
  );
}
