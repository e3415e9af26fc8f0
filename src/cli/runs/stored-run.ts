import { configPath, readConfig } from '../../config/read-config.ts';
import { planKey } from '../../pipeline/run/run-directory.ts';
import { type PipelineStore, pipelineStore } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY } from '../terminal/invocation.ts';

export interface StoredRun extends PipelineStore {
  readonly run: string;
}

/**
 * Finds a run by name in the buckets of the configured pipelines: Temporal may have deleted its workflow.
 * @throws CommandError if no pipeline has it
 */
export async function storedRun(run: string, config: string | undefined): Promise<StoredRun> {
  const pipelines = Object.keys((await readConfig(configPath(config))).pipelines);
  for (const pipeline of pipelines) {
    const at = await pipelineStore(pipeline, config);
    if ((await at.store.get(planKey({ ...at, run }))) !== undefined) return { ...at, run };
  }
  throw new CommandError(
    ExitCode.usage,
    `None of the pipelines ${pipelines.join(', ')} has a run "${run}" in its bucket. List them: ${TRIBUTARY} runs`,
  );
}
