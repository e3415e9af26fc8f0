import { Terminal } from '../../clients/errors.ts';
import type { Layout } from '../../pipeline/columns/layout.ts';
import { agree, type Observation } from '../../pipeline/schema/agree.ts';
import type { AgreedSchema } from '../../pipeline/schema/agreed-schema.ts';
import { diffLines, stoppingChanges } from '../../pipeline/schema/drift.ts';
import { begun, epochOf } from '../../pipeline/schema/epoch.ts';
import type { Seen } from '../../pipeline/seen/seen.ts';
import { findSchema } from '../../store/agreed-schema-file.ts';
import { agreeOnClaimed } from '../../store/name-claims-file.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';
import type { Destination } from './open-destination.ts';
import type { SchemaInUse } from './schema-in-use.ts';

/**
 * Merges what changes showed into the agreed schema, where the next run finds names and types, and so keeps them. The names of
 * the live tables stay: the run agreed on them when it went live.
 * @param layouts columns that are agreed on even if they hold no value
 * @returns the schema; undefined if an operator began another epoch of it since the run was planned
 * @throws Terminal `SchemaDrifted` if `onDrift` stops for it; Refusal `TypeTooNarrow`
 */
export async function agreeOnChanges(
  deps: Dependencies,
  { store, at }: Destination,
  { marker, plan }: SchemaInUse,
  { seen, layouts }: { readonly seen: Seen; readonly layouts: readonly Layout[] },
  signal: AbortSignal,
): Promise<AgreedSchema | undefined> {
  const observed: Observation & { readonly epoch?: number } = {
    ...{ pipeline: marker.pipeline, by: `${marker.run}+changes`, at: marker.extractedFrom, whole: false },
    ...{ tableName: plan.source.tableName, key: plan.source.key, mapping: plan.definition.mapping },
    ...{ seen, layouts },
    ...(plan.epoch === undefined ? {} : { epoch: plan.epoch }),
  };
  const nowMs = (await sharedTime(deps, at.bucket, { signal })).getTime();
  const current = await findSchema(store, at, signal);
  if (epochOf(current) !== epochOf(observed)) return undefined;
  const before = begun(current);
  const lines = diffLines(stoppingChanges(before, agree(current, observed, nowMs), plan.definition.onDrift));
  if (lines.length > 0) throw drifted(marker.pipeline, lines);
  return agreeOnClaimed(store, observed, at, nowMs, signal);
}

const SHOWN = 10;

function drifted(pipeline: string, lines: readonly string[]): Terminal {
  const more = lines.length > SHOWN ? `; and ${lines.length - SHOWN} more` : '';
  return new Terminal(
    'SchemaDrifted',
    `Changes of ${pipeline} do not fit the agreed schema, and onDrift stops for it, so they wait in the log: ` +
      `${lines.slice(0, SHOWN).join('; ')}${more}. To accept it: "tributary run ${pipeline} --accept-drift", or change ` +
      'onDrift and refresh; then send retryApply. To refuse it, correct the items.',
  );
}
