import type { ControlActivities, SealedRun } from '../../contract/refresh-activities.ts';
import { sealLayouts } from '../../pipeline/columns/seal-layouts.ts';
import { itemText } from '../../pipeline/item/item-text.ts';
import { namingOf, withTypes } from '../../pipeline/mapping/mapping.ts';
import {
  likelyDictionaries,
  mergeDictionaries,
  withoutInnerNames,
} from '../../pipeline/mapping/suggest/likely-dictionaries.ts';
import { layoutsFor, limitsOf } from '../../pipeline/run/first-layouts.ts';
import type { Plan } from '../../pipeline/run/plan.ts';
import { observationFile } from '../../pipeline/run/seal/observation.ts';
import { buildManifest } from '../../pipeline/run/seal/seal.ts';
import { columnsHeld, observationOf } from '../../pipeline/run/seal/seal-input.ts';
import type { ItemFile } from '../../pipeline/run/segments/checkpoint.ts';
import { agree } from '../../pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import { becauseOf } from '../../pipeline/schema/cause.ts';
import { begun, refuseEarlierEpoch } from '../../pipeline/schema/epoch.ts';
import type { NameClaim } from '../../pipeline/schema/name-claims.ts';
import { refuseTooManyTables } from '../../pipeline/schema/refuse-tables.ts';
import { mergeSeen, onlyRest, withoutColumns } from '../../pipeline/seen/seen.ts';
import { findSchema, refuseDrift } from '../../store/agreed-schema-file.ts';
import { anyWriter, claim } from '../../store/claim.ts';
import { JSON_FILE } from '../../store/document.ts';
import { claimNames } from '../../store/name-claims-file.ts';
import { findManifest, manifestDocument, observationDocument, readPlan } from '../../store/run-files.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { isRedacted } from '../runtime/redaction.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { encodeOddItems } from './encode-odd-items.ts';
import { sealedRun } from './plan-run.ts';
import { readExtracted } from './read-extracted.ts';

/**
 * Seals a run:
 *
 * 1. Merges the checkpoints of all segments.
 * 2. Encodes the odd items, with layouts that hold everything seen. Items that cannot be written are set aside.
 * 3. Claims the names of what is new, so that no two runs ever give one name to two paths. The pipeline agrees on what
 *    was seen only when the run goes live: see agree-on-live.ts.
 * 4. Claims the manifest. If two attempts run at once, each writes its own files, and one of them the manifest.
 */
export async function sealRun(
  deps: Dependencies,
  { ref, acceptDrift }: Parameters<ControlActivities['sealRun']>[0],
): Promise<SealedRun> {
  const store = deps.store(ref.bucket);
  let doing = 'reading checkpoints';
  const record = ActivityRecord.current();
  let steps = 0;
  const step = () => record.reach(++steps);
  return whileHeartbeating(
    () => doing,
    async (signal) => {
      const sealed = await findManifest(store, ref, signal);
      if (sealed !== undefined) return sealedRun(sealed);
      const plan = typedBy(await readPlan(store, ref, signal), ref.types);
      const extracted = await readExtracted(store, ref, plan.segments, signal, step);
      const { checkpoints } = extracted;
      // With `_rest`, only the plan's sample shows the names in a dictionary.
      const likely = mergeDictionaries(
        likelyDictionaries(extracted.seen, { isSample: false }),
        plan.dictionaries ?? [],
      );
      const redacted = await isRedacted(deps, ref, signal);
      const dictionaries = redacted ? withoutInnerNames(likely) : likely;
      const because = becauseOf(extracted.causes, (item) => itemText(plan.source.key, item, !redacted));
      const maxTables = ref.maxTables ?? plan.definition.mapping.maxTables;
      const layoutsUsed = new Map(extracted.layouts);
      const schemaNow = await findSchema(store, ref, signal);
      refuseEarlierEpoch(schemaNow, plan);
      const { key } = plan.source;
      const { mapping } = plan.refersTo ?? plan.definition;
      const limits = {
        held: columnsHeld(plan, layoutsUsed.values(), begun(schemaNow)),
        ...limitsOf(mapping),
        naming: namingOf(plan.definition.mapping),
      };
      const { past, rest, ...all } = sealLayouts(extracted.seen, key, limits, plan.layouts);
      const layouts = layoutsFor(mapping, all.layouts);
      let seen = withoutColumns(extracted.seen, past);
      const changedMs = (await sharedTime(deps, ref.bucket, { signal })).getTime();
      const observed = (claims: readonly NameClaim[]) => ({
        ...observationOf(plan, layoutsUsed.values(), seen),
        claims,
      });
      const agreed = (current: AgreedSchema | undefined, claims: readonly NameClaim[] = []) => {
        refuseEarlierEpoch(current, plan);
        const before = begun(current);
        const next = agree(current, observed(claims), changedMs);
        refuseTooManyTables(before, next, {
          ...{ pipeline: ref.pipeline, run: ref.run, maxTables, dictionaries, redacted },
          seen: extracted.seen,
        });
        const { onDrift } = plan.definition;
        if (!acceptDrift)
          refuseDrift(before, next, { pipeline: ref.pipeline, run: ref.run, onDrift, because });
        return next;
      };
      // A drift that stops the run is reported before the odd items are encoded.
      agreed(schemaNow);
      doing = 'encoding odd items';
      const encode = (files: readonly ItemFile[]) =>
        encodeOddItems(store, ref, plan, files, layouts, signal, step);
      const odd = await encode(extracted.odd);
      const oddCounted = await encode(extracted.oddCounted);
      if (oddCounted.rejects.length > 0) {
        throw new Error(
          `an odd item of run ${ref.run}, which an earlier version extracted, cannot be written`,
        );
      }
      // Only now is it known what the odd items' rows hold: some values went to `_rest`, some items were set aside.
      seen = mergeSeen(
        mergeSeen(withoutColumns(extracted.written, past), odd.seen),
        onlyRest(oddCounted.seen, rest),
      );
      for (const [id, layout] of Object.entries({ ...odd.layouts, ...oddCounted.layouts })) {
        layoutsUsed.set(id, layout);
      }
      doing = 'assigning names';
      const sealedAt = (await sharedTime(deps, ref.bucket, { signal })).toISOString();
      const manifestBy = (schema: AgreedSchema) =>
        buildManifest({
          ...{ plan, checkpoints, seen, sealedAt, agreed: schema, dictionaries, because },
          layouts: layoutsUsed,
          oddFiles: [...odd.files, ...oddCounted.files],
          oddRejects: odd,
        });
      const schema = await claimNames(
        store,
        ref,
        { by: plan.run, at: plan.plannedAt, ...(plan.epoch === undefined ? {} : { epoch: plan.epoch }) },
        (current, claims) => {
          const next = agreed(current, claims);
          // A run that cannot be sealed must not claim a name.
          manifestBy(next);
          return next;
        },
        signal,
      );
      const { key: observationKey } = observationDocument(store, ref);
      const observation = JSON.stringify(observationFile(observed([]), plan.epoch));
      await store.put(observationKey, observation, { signal, ...JSON_FILE });
      // Whichever attempt wins, its manifest names only files that exist.
      const { value } = await claim(manifestDocument(store, ref), manifestBy(schema), anyWriter, signal);
      return sealedRun(value);
    },
  );
}

/** The plan with the types of today's mapping: one that was too narrow can be corrected without reading the table again. */
function typedBy(plan: Plan, types: Readonly<Record<string, string>> | undefined): Plan {
  if (types === undefined) return plan;
  const { definition } = plan;
  return { ...plan, definition: { ...definition, mapping: withTypes(definition.mapping, types) } };
}
