import { Terminal } from '../../clients/errors.ts';
import { cleanUpFailure } from '../../contract/clean-up-failure.ts';
import type { OnStaging } from '../../contract/refresh-activities.ts';
import { Refusal } from '../../pipeline/failure/refusal.ts';
import type { Manifest } from '../../pipeline/run/manifest.ts';
import { namesIn } from '../../pipeline/run/seal/observation.ts';
import { findDocument } from '../../store/document.ts';
import { agreeOnClaimed } from '../../store/name-claims-file.ts';
import { observationDocument } from '../../store/run-files.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { sharedTime } from '../runtime/shared-clock.ts';

/**
 * Agrees on what a run saw, once its tables are live. Only then do later runs build on its tables, columns and types. A
 * run that an earlier version sealed has no observation: it agreed at its seal.
 * @returns a note for the report, if the schema has begun another epoch since the run was planned
 * @throws Terminal `CleanUpFailed`
 */
export async function agreeOnLive(
  deps: Dependencies,
  { ref, warehouse }: Omit<OnStaging, 'stagingSchema'>,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const store = deps.store(ref.bucket);
  try {
    const observed = await findDocument(observationDocument(store, ref), signal);
    if (observed === undefined) return undefined;
    const now = await sharedTime(deps, ref.bucket, { signal });
    const claims = [namesIn(manifest)];
    const agreed = await agreeOnClaimed(store, { ...observed, claims }, ref, now.getTime(), signal);
    if (agreed !== undefined) return undefined;
    return (
      'The agreed schema was reset, or something in it was forgotten or renamed, after this run was planned. The live ' +
      'tables are those of its seal; the next run brings them up to the agreed schema.'
    );
  } catch (error) {
    if (!(error instanceof Terminal || error instanceof Refusal)) throw error;
    const left = 'the agreed schema, which does not include what this run added';
    const failure = cleanUpFailure({ schema: warehouse.schema, run: ref.run, left, cause: error.message });
    throw new Terminal(failure.code, failure.message);
  }
}
