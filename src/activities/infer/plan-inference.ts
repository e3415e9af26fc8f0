import { z } from 'zod';
import { Terminal } from '../../clients/errors.ts';
import type {
  InferControlActivities,
  InferenceOverview,
  InferenceRef,
} from '../../contract/infer-activities.ts';
import { PipelineDefinition, PipelineName, RunName } from '../../pipeline/definition/pipeline-definition.ts';
import type { InferencePlan } from '../../pipeline/run/inference.ts';
import { refuseOtherKey } from '../../pipeline/schema/agree.ts';
import { begun } from '../../pipeline/schema/epoch.ts';
import { refuseHiddenKey } from '../../pipeline/schema/refuse-hidden-key.ts';
import { refuseTakenNames } from '../../pipeline/schema/refuse-mapping.ts';
import { withNaming } from '../../pipeline/schema/with-naming.ts';
import { SampleText } from '../../pipeline/seen/sample.ts';
import { shareOf } from '../../pipeline/seen/share.ts';
import { findSchema } from '../../store/agreed-schema-file.ts';
import { claim } from '../../store/claim.ts';
import { whoListens } from '../alerts/who-listens.ts';
import { findSource } from '../run/find-source.ts';
import { runName, segmentCount } from '../run/plan-run.ts';
import { definitionFor } from '../runtime/definition-for.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { isSearchable } from '../temporal/is-searchable.ts';
import { inferencePlanDocument } from './inference-plan.ts';

/** Parsed, because anyone can start the workflow with any input. */
const Request = z.strictObject({
  pipeline: PipelineName,
  destination: PipelineName.optional(),
  definition: PipelineDefinition.optional(),
  inference: RunName.optional(),
  sample: SampleText.optional(),
  segments: z.number().int().min(1).max(2000).optional(),
  examples: z.enum(['on', 'off']).default('on'),
  agree: z.boolean().optional(),
  acceptDrift: z.boolean().optional(),
});

/** Checks that the table can be read and that its key fits the agreed schema, then writes the inference's plan. */
export async function planInference(
  deps: Dependencies,
  { request, owner, startedAt }: Parameters<InferControlActivities['planInference']>[0],
): Promise<InferenceOverview> {
  const wanted = Request.parse(request);
  const definition = await definitionFor(deps, wanted);
  const { staging, destination } = definition;
  const { bucket, prefix } = staging;
  const inference = wanted.inference ?? runName(startedAt, owner);
  const ref: InferenceRef = {
    ...{ pipeline: wanted.pipeline, inference, bucket, prefix },
    ...(destination === undefined ? {} : { destination }),
  };
  const store = deps.store(bucket);
  return whileHeartbeating(
    () => 'planning',
    async (signal) => {
      const { described } = await findSource(deps, definition, signal);
      const { tableName, key: primaryKey, approximateItems } = described;
      refuseHiddenKey(definition.mapping, primaryKey);
      const schema = await findSchema(store, ref, signal);
      const agreed = begun(schema);
      const mapping = withNaming(definition.mapping, agreed);
      const by = { pipeline: ref.pipeline, tableName, key: primaryKey, mapping };
      refuseOtherKey(agreed, by);
      refuseTakenNames(agreed, by);
      const plan: InferencePlan = {
        version: 1,
        pipeline: ref.pipeline,
        inference,
        owner,
        plannedAt: (await sharedTime(deps, bucket, { signal })).toISOString(),
        ...(schema?.epoch === undefined ? {} : { epoch: schema.epoch }),
        definition: { ...definition, mapping },
        source: {
          ...{ tableName, key: primaryKey, approximateItems },
          ...(described.export === undefined ? {} : { export: described.export }),
        },
        segments: segmentCount(wanted.segments ?? definition.source.segments, described),
        share: wanted.sample === undefined ? 1 : (shareOf(wanted.sample) as number),
        examples: wanted.examples === 'on' && !definition.redactValues,
      };
      const isMine = (found: InferencePlan) => found.owner.firstExecutionRunId === owner.firstExecutionRunId;
      const { value: found } = await claim(inferencePlanDocument(store, ref), plan, isMine, signal);
      if (!isMine(found)) {
        throw new Terminal(
          'InferenceExists',
          `Inference ${inference} of ${ref.pipeline} already exists, started by workflow ${found.owner.workflowId}. ` +
            'Omit the name, or choose another one.',
        );
      }
      return {
        ref,
        source: definition.source.table,
        segments: found.segments,
        knownItems: Math.round(found.source.approximateItems * found.share),
        searchable: await isSearchable(),
        ...((await whoListens(deps)).alerts === true ? { alerts: true as const } : {}),
      };
    },
  );
}
