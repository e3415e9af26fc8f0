import { addressesFromEnvironment } from '../../clients/aws/addresses.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { createS3ObjectStore, s3Client } from '../../clients/s3/s3-object-store.ts';
import { configPath, findPipeline, readConfig } from '../../config/read-config.ts';
import type { PipelineDefinition } from '../../pipeline/definition/pipeline-definition.ts';
import { dependenciesFromEnvironment } from '../../workers/dependencies.ts';
import { chosenLocalStack, stackInUse, useLocalStack } from './command-context.ts';
import { reportedStore } from './reported-waits.ts';

export interface PipelineStore {
  readonly store: ObjectStore;
  readonly pipeline: string;
  readonly prefix: string;
  readonly definition: PipelineDefinition;
}

/** The bucket of a pipeline in this machine's configuration, at the address of the environment or the local stack. */
export async function pipelineStore(pipeline: string, config: string | undefined): Promise<PipelineStore> {
  const definition = findPipeline(await readConfig(configPath(config)), pipeline);
  useLocalStack(chosenLocalStack(config));
  return storeOf(pipeline, definition, config);
}

/** Any bucket, at the address of the environment. `useLocalStack` comes first. */
export function storesHere(config: string | undefined): { readonly store: (bucket: string) => ObjectStore } {
  const deps = dependenciesFromEnvironment(process.env, config);
  return { store: (bucket) => reportedStore(deps.store(bucket)) };
}

/** The bucket of a pipeline with this definition, likewise. */
export function storeOf(
  pipeline: string,
  definition: PipelineDefinition,
  config: string | undefined,
): PipelineStore {
  useLocalStack(stackInUse(config));
  const { bucket, prefix } = definition.staging;
  const client = s3Client(addressesFromEnvironment(process.env).s3);
  return { store: reportedStore(createS3ObjectStore({ client, bucket })), pipeline, prefix, definition };
}
