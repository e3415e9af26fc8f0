import type { RefreshInput } from '../../contract/refresh.ts';
import { definitionsOf, destinationOf } from '../../pipeline/definition/pipeline.ts';
import { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { findPlan } from '../../store/run-files.ts';
import { findRun } from '../observe/find-run.ts';
import { fromListing } from '../observe/observe-run.ts';
import { chosenLocalStack, useLocalStack, withTemporal } from '../temporal/command-context.ts';
import { configHere } from '../temporal/config-here.ts';
import { knownInput } from '../temporal/known-input.ts';
import { describeWorkflow, refuseUndecodable } from '../temporal/known-workflow.ts';
import { type PipelineStore, storeOf } from '../temporal/pipeline-store.ts';
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
    (read) => Object.entries(read.pipelines),
    (error: unknown) => {
      if (config !== undefined) throw error;
      return [];
    },
  );
  if (pipelines.length > 0) useLocalStack(chosenLocalStack(config));
  for (const [pipeline, found] of pipelines) {
    const definitions = definitionsOf(found);
    const [any] = Object.values(definitions);
    if (any === undefined) continue;
    const at = storeOf(pipeline, any, config);
    const plan = await findPlan(at.store, { pipeline, run, bucket: at.store.bucket, prefix: at.prefix });
    if (plan === undefined) continue;
    const definition = definitions[destinationOf(plan.definition)] ?? any;
    return { ...storeOf(pipeline, definition, config), run };
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
