import { findPipeline, readConfig } from '../config/read-config.ts';
import { type PipelineDefinition, PipelineName } from '../pipeline/pipeline-definition.ts';
import { CommandError, ExitCode } from './exit-code.ts';

/**
 * What a command sends of a pipeline: its name alone, for the worker to look up, and with `--config` that file's
 * definition too.
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
  return config === undefined
    ? { pipeline }
    : { pipeline, definition: findPipeline(await readConfig(config), pipeline) };
}
