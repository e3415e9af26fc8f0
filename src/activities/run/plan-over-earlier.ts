import { Terminal } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { type PipelineDefinition, RunName } from '../../pipeline/definition/pipeline-definition.ts';
import { heldBeyond } from '../../pipeline/run/first-layouts.ts';
import type { Plan } from '../../pipeline/run/plan.ts';
import type { RunRef } from '../../pipeline/run/run-ref.ts';
import { refuseOtherKey } from '../../pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import { begun } from '../../pipeline/schema/epoch.ts';
import { refuseNarrowTypes, refuseTakenNames } from '../../pipeline/schema/refuse-mapping.ts';
import { refuseOtherValues } from '../../pipeline/schema/refuse-other-values.ts';
import { withNamingOf } from '../../pipeline/schema/with-naming.ts';
import { findSchema } from '../../store/agreed-schema-file.ts';
import { readManifest, readPlan } from '../../store/run-files.ts';
import { readExtracted } from './read-extracted.ts';

/** What a plan says, except whose it is. */
export type PlanOfSource = Omit<Plan, 'version' | 'pipeline' | 'run' | 'owner'>;

export interface EarlierRun {
  readonly run: string;
  /** For what it set aside alone. Otherwise changes bring its data up to date. */
  readonly isReplay: boolean;
}

export const epochIn = (schema: AgreedSchema | undefined): Pick<Plan, 'epoch'> =>
  schema?.epoch === undefined ? {} : { epoch: schema.epoch };

/**
 * The plan of a run that takes the part files of an earlier one, and retries its rejects. Its data is as old as that run's:
 * nothing is read from DynamoDB. Its names and types apply to the earlier run's rows as well.
 * @throws Terminal `RunNotFound`, `RunNotSealed`, `NothingSetAside`, `CannotReuse`; Refusal `KeyChanged`, `NameTaken`,
 *   `TypeTooNarrow`, `ValuesDiffer`
 */
export async function planOverEarlier(
  store: ObjectStore,
  ref: RunRef,
  definition: PipelineDefinition,
  { run: earlier, isReplay }: EarlierRun,
  signal: AbortSignal,
): Promise<PlanOfSource> {
  const ofEarlier = { ...ref, run: RunName.parse(earlier) };
  const plan = await readPlan(store, ofEarlier, signal);
  const manifest = await readManifest(store, ofEarlier, signal);
  if (isReplay && manifest.rejects === 0) {
    throw new Terminal(
      'NothingSetAside',
      `Run ${earlier} of ${ref.pipeline} set no items aside, so there is nothing to replay.`,
    );
  }
  const { plannedAt, source, segments, nullText, layouts, changes } = plan;
  if (!isReplay && changes === undefined) {
    throw new Terminal(
      'CannotReuse',
      `Run ${earlier} of ${ref.pipeline} does not say where in a change log its data begins, so no changes can bring it up to ` +
        'date. Start a run without "reuse", which reads the table.',
    );
  }
  const { source: from, staging } = plan.definition;
  const schema = await findSchema(store, ref, signal);
  const agreed = begun(schema);
  const mapping = withNamingOf(definition.mapping, plan.definition.mapping);
  const by = { pipeline: ref.pipeline, ...source, mapping };
  refuseOtherKey(agreed, by);
  refuseTakenNames(agreed, by);
  refuseOtherValues(mapping, plan.definition.mapping, earlier);
  if (Object.values(mapping.columns).some(({ type }) => type !== undefined)) {
    const { seen } = await readExtracted(store, ofEarlier, segments, signal);
    refuseNarrowTypes(by, seen, `run ${earlier}`);
  }
  const held = heldBeyond(agreed, layouts);
  return {
    ...epochIn(schema),
    plannedAt,
    source,
    segments,
    ...(nullText === undefined ? {} : { nullText }),
    ...(changes === undefined ? {} : { changes }),
    layouts,
    ...(held.length === 0 ? {} : { held }),
    definition: { ...definition, mapping, source: from, staging },
    refersTo: { run: earlier, mapping: plan.refersTo?.mapping ?? plan.definition.mapping },
  };
}
