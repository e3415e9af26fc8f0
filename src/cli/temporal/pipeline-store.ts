import type { ObjectStore } from '../../clients/object-store.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { chosenLocalStack, stackInUse, useLocalStack } from './command-context.ts';
import { definitionHere } from './config-here.ts';
import { lateStore } from './late-store.ts';
import { reportedStore } from './reported-waits.ts';

export interface PipelineStore {
  readonly store: ObjectStore;
  readonly pipeline: string;
  readonly prefix: string;
  /** Absent for `warehouse`. */
  readonly destination?: string | undefined;
  readonly definition: PipelineDefinition;
}

/**
 * The bucket of a pipeline in this machine's configuration, at the address of the environment or the local stack.
 * @param destination may be absent if the pipeline has only one
 */
export async function pipelineStore(
  pipeline: string,
  config: string | undefined,
  destination?: string,
): Promise<PipelineStore> {
  const definition = await definitionHere(pipeline, destination, config);
  useLocalStack(chosenLocalStack(config));
  return storeOf(pipeline, definition, config);
}

/** Any bucket, at the address of the environment. `useLocalStack` comes first. */
export function storesHere(): { readonly store: (bucket: string) => ObjectStore } {
  return { store: (bucket) => reportedStore(lateStore(bucket)) };
}

/** The bucket of a pipeline with this definition, likewise. */
export function storeOf(
  pipeline: string,
  definition: PipelineDefinition,
  config: string | undefined,
): PipelineStore {
  useLocalStack(stackInUse(config));
  const { staging, destination } = definition;
  const store = storesHere().store(staging.bucket);
  return { store, pipeline, prefix: staging.prefix, destination, definition };
}
