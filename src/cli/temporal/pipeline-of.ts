import { didYouMean } from '../../config/nearest.ts';
import { configPath, findPipeline, readConfig } from '../../config/read-config.ts';
import { type PipelineDefinition, PipelineName } from '../../pipeline/definition/pipeline-definition.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

/**
 * What a command sends of a pipeline: its name alone, for the worker to look up, and with `--config` that file's
 * definition too.
 * @throws CommandError where it is no name, or none of the configuration that is here, with the nearest one
 */
export async function pipelineInput(
  pipeline: string,
  config: string | undefined,
): Promise<{ readonly pipeline: string; readonly definition?: PipelineDefinition }> {
  const name = PipelineName.safeParse(pipeline);
  if (!name.success) {
    throw new CommandError(
      ExitCode.usage,
      `"${pipeline}" is no pipeline's name: expected ${name.error.issues[0]?.message}.`,
    );
  }
  if (config !== undefined) return { pipeline, definition: findPipeline(await readConfig(config), pipeline) };
  await refuseUnknownHere(pipeline);
  return { pipeline };
}

/**
 * The worker's configuration decides, and it need not be this one; but where one is here, a name that it lacks is a
 * slip more often than not. A file that cannot be read says nothing.
 */
async function refuseUnknownHere(pipeline: string): Promise<void> {
  const file = configPath();
  const config = await readConfig(file).catch(() => undefined);
  if (config === undefined || Object.hasOwn(config.pipelines, pipeline)) return;
  const names = Object.keys(config.pipelines);
  throw new CommandError(
    ExitCode.usage,
    `${file} has no pipeline "${pipeline}"${didYouMean(pipeline, names)}. It has: ${names.join(', ') || 'none'}. ` +
      "One that only the worker's configuration has is named from a directory without that file.",
  );
}
