import type { ObjectStore } from '../../clients/object-store.ts';
import { RunName } from '../../pipeline/definition/pipeline-definition.ts';
import type { LiveState } from '../../pipeline/replace/live-state.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { findSourcePlan } from '../../store/run-files.ts';

/**
 * The live run, if its plan shows that its values were hashed with another key than `keyId`. Also undefined if nothing is
 * hashed, or if the live run's directory was pruned or is elsewhere: then no one knows its key.
 */
export async function hashedOtherwise(
  store: ObjectStore,
  of: Pick<RunRef, 'pipeline' | 'bucket' | 'prefix'>,
  live: LiveState | undefined,
  keyId: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const run = RunName.safeParse(live?.marker?.run);
  if (keyId === undefined || !run.success) return undefined;
  const ref = { pipeline: of.pipeline, bucket: of.bucket, prefix: of.prefix, run: run.data };
  const before = (await findSourcePlan(store, ref, signal))?.hashKeyId;
  return before !== undefined && before !== keyId ? ref.run : undefined;
}
