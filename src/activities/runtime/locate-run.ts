import type { RunRef } from '../../pipeline/run/run-ref.ts';
import type { Dependencies } from './dependencies.ts';

/** Where a run's directory is: from the input or, if absent there, from the pipeline's definition. */
export async function locateRun(
  deps: Dependencies,
  input: {
    readonly pipeline: string;
    readonly run: string;
    readonly staging?: { readonly bucket: string; readonly prefix: string };
  },
): Promise<RunRef> {
  const { bucket, prefix } = input.staging ?? (await deps.pipelineOf(input.pipeline)).staging;
  return { pipeline: input.pipeline, run: input.run, bucket, prefix };
}
