import type { RefreshInput } from '../../contract/refresh.ts';
import { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { planKey } from '../../pipeline/run/run-directory.ts';
import { findRun } from '../observe/find-run.ts';
import { fromListing } from '../observe/observe-run.ts';
import { withTemporal } from '../temporal/command-context.ts';
import { configHere } from '../temporal/config-here.ts';
import { knownInput } from '../temporal/known-input.ts';
import { describeWorkflow, refuseUndecodable } from '../temporal/known-workflow.ts';
import { type PipelineStore, pipelineStore, storeOf } from '../temporal/pipeline-store.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';

export interface StoredRun extends PipelineStore {
  readonly run: string;
}

/**
 * Finds a run by name in the buckets of the configured pipelines: Temporal may have deleted its workflow. A run that was
 * started with another configuration file is found by its workflow, which has its definition.
 * @throws CommandError if there is no such run
 */
export async function storedRun(run: string, config: string | undefined): Promise<StoredRun> {
  const pipelines = await configHere(config).then(
    (read) => Object.keys(read.pipelines),
    (error: unknown) => {
      if (config !== undefined) throw error;
      return [];
    },
  );
  for (const pipeline of pipelines) {
    const at = await pipelineStore(pipeline, config);
    if ((await at.store.get(planKey({ ...at, run }))) !== undefined) return { ...at, run };
  }
  return withTemporal(config, async (client) => {
    const workflowId = await findRun(client, run, config);
    const input = await knownInput<RefreshInput>(client, { workflowId });
    const definition = PipelineDefinition.safeParse(input?.definition).data;
    const described = await describeWorkflow(client, workflowId);
    await refuseUndecodable(described);
    const { pipeline, run: name = run } = fromListing(described);
    if (definition === undefined || pipeline === undefined) {
      throw new CommandError(
        ExitCode.usage,
        `Run ${run} is in Temporal, but no configured pipeline has it in its bucket, so its directory is not known. ` +
          "Give the worker's file with --config.",
      );
    }
    return { ...storeOf(pipeline, definition, config), run: name };
  });
}
