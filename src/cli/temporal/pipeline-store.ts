import type { ObjectStore } from '../../clients/object-store.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { chosenLocalStack, stackInUse, useLocalStack } from './command-context.ts';
import { pipelineHere } from './config-here.ts';
import { lateStore } from './late-store.ts';
import { reportedStore } from './reported-waits.ts';

export interface PipelineStore {
  readonly store: ObjectStore;
  readonly pipeline: string;
  readonly prefix: string;
  readonly definition: PipelineDefinition;
}

/** The bucket of a pipeline in this machine's configuration, at the address of the environment or the local stack. */
export async function pipelineStore(pipeline: string, config: string | undefined): Promise<PipelineStore> {
  const definition = await pipelineHere(pipeline, config);
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
  const { bucket, prefix } = definition.staging;
  return { store: storesHere().store(bucket), pipeline, prefix, definition };
}
