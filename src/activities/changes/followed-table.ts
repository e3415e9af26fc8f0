import { Terminal } from '../../clients/errors.ts';
import type { Pipeline } from '../../pipeline/definition/pipeline.ts';
import type { Dependencies } from '../runtime/dependencies.ts';

/** What is needed of a pipeline to follow its table. */
export interface FollowedTable {
  readonly pipeline: string;
  readonly table: string;
  readonly staging: { readonly bucket: string; readonly prefix: string };
  readonly mapping: Pipeline['mapping'];
  /** Changes of a shard are written this long after the first of them, or once there are so many bytes of JSON. */
  readonly cutSeconds: number;
  readonly cutBytes: number;
}

/** A pipeline as the worker's configuration has it now. @throws Terminal `UnknownPipeline`, `BadInput` */
export async function followedTable(
  deps: Pick<Dependencies, 'pipelineOf'>,
  pipeline: unknown,
): Promise<FollowedTable> {
  if (typeof pipeline !== 'string' || pipeline === '') {
    throw new Terminal(
      'BadInput',
      'The workflow\'s input does not name a pipeline. Example: {"pipeline":"orders"}.',
    );
  }
  const { source, staging, mapping } = await deps.pipelineOf(pipeline);
  const { changes } = source;
  if (changes?.kind !== 'streams') {
    throw new Terminal(
      'BadInput',
      `Pipeline ${pipeline} does not follow a stream: its source has no changes with kind: streams.`,
    );
  }
  return {
    pipeline,
    table: source.table,
    staging: { bucket: staging.bucket, prefix: staging.prefix },
    mapping,
    cutSeconds: changes.cutSeconds,
    cutBytes: changes.cutBytes,
  };
}
