import { Refusal } from '../failure/refusal.ts';
import type { AgreedSchema } from './agreed-schema.ts';

/**
 * Epochs of the agreed schema. An operator who forgets, renames or resets begins a new one. What was planned in an
 * earlier epoch may rest on names that no longer hold, so it does not change the schema.
 */

/** The epoch of a schema, or of what was planned by it. Absent in documents of version 0.1.0, for the first. */
export const epochOf = (of: { readonly epoch?: number | undefined } | undefined): number => of?.epoch ?? 1;

/** The schema, unless it was reset and no run has agreed on anything since. */
export const begun = (schema: AgreedSchema | undefined): AgreedSchema | undefined =>
  schema === undefined || schema.tables.length === 0 ? undefined : schema;

/**
 * Refuses to seal what was planned in an earlier epoch.
 * @throws Refusal `SchemaEpochEnded`
 */
export function refuseEarlierEpoch(
  schema: AgreedSchema | undefined,
  plan: { readonly pipeline: string; readonly run: string; readonly epoch?: number | undefined },
): void {
  if (epochOf(schema) === epochOf(plan)) return;
  const { pipeline, run } = plan;
  throw new Refusal(
    'SchemaEpochEnded',
    `Run ${run} of ${pipeline} was planned in epoch ${epochOf(plan)} of the agreed schema, and epoch ${epochOf(schema)} ` +
      `has begun since (${schema?.changedBy ?? 'unknown'}), so it is not sealed and nothing is replaced. Start a new ` +
      `run: "tributary run ${pipeline}".`,
  );
}
