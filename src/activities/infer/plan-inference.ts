import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import type {
  InferControlActivities,
  InferenceOverview,
  InferenceRef,
} from '../../contract/infer-activities.ts';
import { PipelineDefinition, PipelineName, RunName } from '../../pipeline/definition/pipeline-definition.ts';
import { InferencePlan, inferencePlanKey } from '../../pipeline/run/inference.ts';
import { refuseOtherKey } from '../../pipeline/schema/agree.ts';
import { SampleText, shareOf } from '../../pipeline/seen/sample.ts';
import { readAgreed } from '../../store/agreed-schema-file.ts';
import { readJson } from '../../store/run-files.ts';
import { runName, segmentCount } from '../run/plan-run.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { isSearchable } from '../temporal/is-searchable.ts';

/** Parsed, for anybody can start the workflow with anything. */
const Request = z.strictObject({
  pipeline: PipelineName,
  definition: PipelineDefinition.optional(),
  inference: RunName.optional(),
  sample: SampleText.optional(),
  segments: z.number().int().min(1).max(2000).optional(),
  examples: z.enum(['on', 'off']).default('on'),
  acceptDrift: z.boolean().optional(),
});

/** Writes the inference's plan, having asked whether the table can be read and the schema be written. */
export async function planInference(
  deps: Dependencies,
  { request, owner, startedAt }: Parameters<InferControlActivities['planInference']>[0],
): Promise<InferenceOverview> {
  const wanted = Request.parse(request);
  const definition = wanted.definition ?? (await deps.definitionOf(wanted.pipeline));
  const { bucket, prefix } = definition.staging;
  const inference = wanted.inference ?? runName(startedAt, owner);
  const ref: InferenceRef = { pipeline: wanted.pipeline, inference, bucket, prefix };
  const store = deps.store(bucket);
  return whileHeartbeating(
    () => 'planning',
    async (signal) => {
      const key = inferencePlanKey(ref, inference);
      const {
        tableName,
        key: primaryKey,
        approximateItems,
        approximateBytes,
      } = await deps.source.describe(definition.source.table, { signal });
      refuseOtherKey((await readAgreed(store, ref, signal))?.value, {
        pipeline: ref.pipeline,
        tableName,
        key: primaryKey,
      });
      const plan: InferencePlan = {
        version: 1,
        pipeline: ref.pipeline,
        inference,
        owner,
        plannedAt: new Date().toISOString(),
        definition,
        source: { tableName, key: primaryKey, approximateItems },
        segments: segmentCount(wanted.segments ?? definition.source.segments, approximateBytes),
        share: wanted.sample === undefined ? 1 : (shareOf(wanted.sample) as number),
        examples: wanted.examples === 'on',
      };
      await store.putNew(key, JSON.stringify(plan), { signal, contentType: 'application/json' });
      const found = await readInferencePlan(store, ref, signal);
      if (found.owner.firstExecutionRunId !== owner.firstExecutionRunId) {
        throw new Terminal(
          'InferenceExists',
          `Inference ${inference} of ${ref.pipeline} exists already, started by workflow ${found.owner.workflowId}. ` +
            'Leave its name out, or give another one.',
        );
      }
      return {
        ref,
        source: definition.source.table,
        segments: found.segments,
        searchable: await isSearchable(),
      };
    },
  );
}

/** @throws Terminal `InferenceNotFound`. */
export async function readInferencePlan(
  store: ObjectStore,
  ref: InferenceRef,
  signal: AbortSignal,
): Promise<InferencePlan> {
  const key = inferencePlanKey(ref, ref.inference);
  const plan = await readJson(store, key, InferencePlan, signal);
  if (plan === undefined) {
    throw new Terminal(
      'InferenceNotFound',
      `There is no inference ${ref.inference} of ${ref.pipeline}: s3://${ref.bucket}/${key} does not exist. Start ` +
        'inferSchema, which plans one.',
    );
  }
  return plan;
}
