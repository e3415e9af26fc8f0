import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { InferenceRef } from '../../contract/infer-activities.ts';
import { InferencePlan, inferencePlanKey } from '../../pipeline/run/inference.ts';
import { type Document, findDocument } from '../../store/document.ts';

export const inferencePlanDocument = (store: ObjectStore, ref: InferenceRef): Document<InferencePlan> => ({
  store,
  key: inferencePlanKey(ref, ref.inference),
  schema: InferencePlan,
});

/** @throws Terminal `InferenceNotFound`. */
export async function readInferencePlan(
  store: ObjectStore,
  ref: InferenceRef,
  signal: AbortSignal,
): Promise<InferencePlan> {
  const document = inferencePlanDocument(store, ref);
  const plan = await findDocument(document, signal);
  if (plan === undefined) {
    throw new Terminal(
      'InferenceNotFound',
      `There is no inference ${ref.inference} of ${ref.pipeline}: s3://${ref.bucket}/${document.key} does not exist. Start ` +
        'inferSchema, which plans one.',
    );
  }
  return plan;
}
