import { Terminal } from '../../clients/errors.ts';
import { DRIFT_NOT_ACCEPTED, ONLY_LOOKED } from '../../contract/infer.ts';
import type { InferControlActivities } from '../../contract/infer-activities.ts';
import { itemText } from '../../pipeline/item/item-text.ts';
import { likelyDictionaries, withoutInnerNames } from '../../pipeline/mapping/suggest/likely-dictionaries.ts';
import { type Inference, inferenceKey, statisticsOf } from '../../pipeline/run/inference.ts';
import { agree, type Observation } from '../../pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import { becauseOf, type Cause, withCauses } from '../../pipeline/schema/cause.ts';
import { driftCounts, driftOf, hasChanges, stoppingChanges } from '../../pipeline/schema/drift.ts';
import { begun, epochOf } from '../../pipeline/schema/epoch.ts';
import { claimOf, type NameClaim } from '../../pipeline/schema/name-claims.ts';
import { tooManyTables } from '../../pipeline/schema/refuse-tables.ts';
import { type Examples, mergeExamples } from '../../pipeline/seen/examples.ts';
import { emptySeen, mergeSeen, type Seen, tableSeen } from '../../pipeline/seen/seen.ts';
import { boundedSeen } from '../../pipeline/seen/seen-bounds.ts';
import { counted } from '../../pipeline/text/measures.ts';
import { findSchema } from '../../store/agreed-schema-file.ts';
import { forEachLimited } from '../../store/for-each-limited.ts';
import { agreeOnClaimed, claimNames } from '../../store/name-claims-file.ts';
import { ActivityRecord } from '../runtime/activity-record.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { isInputRedacted } from '../runtime/redaction.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import { newestCheckpoint } from './infer-segment.ts';
import { readInferencePlan } from './inference-plan.ts';

const EARLIER_EPOCH =
  'after the inference was planned, the agreed schema was reset, or something in it was forgotten or renamed: infer again';
const SEGMENTS_READ_AT_ONCE = 16;
/** Only a run agrees on a table with more columns, because it can keep the rarest in `_rest`. */
const MOST_COLUMNS = 1500;

/**
 * Merges what the segments of an inference saw, brings the agreed schema up to it if that is wanted and the definition
 * allows, and writes `inference.json`: statistics per column, and what is new, wider or gone.
 */
export async function concludeInference(
  deps: Dependencies,
  { ref, acceptDrift, agree: wanted = true }: Parameters<InferControlActivities['concludeInference']>[0],
): ReturnType<InferControlActivities['concludeInference']> {
  const store = deps.store(ref.bucket);
  const record = ActivityRecord.current();
  let read = 0;
  return whileHeartbeating(
    () => `merging what was seen: ${counted(read, 'segment')} read`,
    async (signal) => {
      const plan = await readInferencePlan(store, ref, signal);
      let seen = emptySeen();
      let examples: Examples = {};
      const causes = new Map<number, readonly Cause[]>();
      const totals: { items: number; rejects: number; filtered?: number; readUnits: number } = {
        items: 0,
        rejects: 0,
        readUnits: 0,
      };
      await forEachLimited(
        Array.from({ length: plan.segments }, (_, i) => i),
        SEGMENTS_READ_AT_ONCE,
        async (segment) => {
          const checkpoint = await newestCheckpoint(store, ref, segment, signal);
          if (checkpoint?.done !== true) {
            throw new Terminal(
              'SegmentsNotScanned',
              `Inference ${ref.inference} cannot be concluded: its segment ${segment} has not been read to its end.`,
            );
          }
          seen = boundedSeen(mergeSeen(seen, checkpoint.seen));
          examples = mergeExamples(examples, checkpoint.examples);
          causes.set(segment, checkpoint.causes ?? []);
          totals.items += checkpoint.items;
          totals.rejects += checkpoint.rejects;
          if (checkpoint.filtered !== undefined)
            totals.filtered = (totals.filtered ?? 0) + checkpoint.filtered;
          totals.readUnits += checkpoint.readUnits;
          record.reach(++read);
        },
      );
      const { onDrift, mapping } = plan.definition;
      const observed: Observation = {
        pipeline: ref.pipeline,
        by: ref.inference,
        at: plan.plannedAt,
        whole: plan.share === 1,
        tableName: plan.source.tableName,
        key: plan.source.key,
        seen,
        layouts: [],
        mapping,
      };
      const now = await sharedTime(deps, ref.bucket, { signal });
      const likely = likelyDictionaries(seen, { isSample: plan.share < 1 });
      const redacted = await isInputRedacted(deps, { ref });
      const dictionaries = redacted ? withoutInnerNames(likely) : likely;
      let reason: string | undefined;
      const schemaWith = (current: AgreedSchema | undefined, claims: readonly NameClaim[]) => {
        const before = begun(current);
        const found = agree(current, { ...observed, claims }, now.getTime());
        reason =
          (epochOf(current) === epochOf(plan) ? undefined : EARLIER_EPOCH) ??
          tooManyTables(before, found, { maxTables: mapping.maxTables, seen, dictionaries, redacted }) ??
          tooWide(found, seen) ??
          (wanted && !acceptDrift && hasChanges(stoppingChanges(before, found, onDrift))
            ? DRIFT_NOT_ACCEPTED
            : undefined) ??
          (wanted ? undefined : ONLY_LOOKED);
        return found;
      };
      const claimant = {
        by: ref.inference,
        at: plan.plannedAt,
        ...(plan.epoch === undefined ? {} : { epoch: plan.epoch }),
      };
      let schema = schemaWith(await findSchema(store, ref, signal), []);
      if (reason === undefined) {
        const claimable = (current: AgreedSchema | undefined, claims: readonly NameClaim[]) => {
          schema = schemaWith(current, claims);
          return reason === undefined ? schema : undefined;
        };
        await claimNames(store, ref, claimant, claimable, signal);
      }
      if (reason === undefined) {
        const claims = [claimOf(undefined, schema, claimant)];
        const agreed = await agreeOnClaimed(
          store,
          { ...observed, ...claimant, claims },
          ref,
          now.getTime(),
          signal,
        );
        if (agreed === undefined) reason = EARLIER_EPOCH;
        else schema = agreed;
      }
      const inOrder = [...causes].sort(([a], [b]) => a - b).flatMap(([, found]) => found);
      const because = becauseOf(inOrder, (item) => itemText(plan.source.key, item, plan.examples));
      const drift = withCauses(driftOf(schema, ref.inference, onDrift), schema, because);
      const inference: Inference = {
        version: 1,
        pipeline: ref.pipeline,
        inference: ref.inference,
        plannedAt: plan.plannedAt,
        endedAt: now.toISOString(),
        share: plan.share,
        segments: plan.segments,
        ...totals,
        agreed: reason === undefined,
        ...(reason === undefined ? {} : { reason }),
        drift,
        dictionaries,
        tables: statisticsOf(schema, seen, plan.examples ? examples : undefined),
      };
      const report = inferenceKey(ref, ref.inference);
      await store.put(report, JSON.stringify(inference, undefined, 2), {
        signal,
        contentType: 'application/json',
      });
      const { agreed } = inference;
      const counts = driftCounts(drift);
      return {
        inference: ref.inference,
        ...totals,
        agreed,
        ...(reason && { reason }),
        drift: counts,
        ...(dictionaries.length === 0 ? {} : { dictionaries }),
        report,
      };
    },
  );
}

/** Why a schema has too many columns to be agreed on; undefined if it has not. */
function tooWide(next: AgreedSchema, seen: Seen): string | undefined {
  const wide = next.tables.find(
    ({ path, columns }) => columns.length > MOST_COLUMNS || tableSeen(seen, path).summarised,
  );
  return wide && `table ${wide.name} would have ${wide.columns.length} columns or more`;
}
