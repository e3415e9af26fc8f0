import type { ObjectStore } from '../clients/object-store.ts';
import { nameClaimsKey } from '../pipeline/run/schema-directory.ts';
import { agree, type Observation } from '../pipeline/schema/agree.ts';
import type { AgreedSchema } from '../pipeline/schema/agreed-schema.ts';
import { begun, epochOf } from '../pipeline/schema/epoch.ts';
import {
  type Claimant,
  claimOf,
  claimsIn,
  type NameClaim,
  NameClaims,
  withClaim,
  withoutClaims,
} from '../pipeline/schema/name-claims.ts';
import { type AgreedLocation, agreedSchema, findSchema } from './agreed-schema-file.ts';
import { amend, type Bookmark } from './bookmark.ts';

const nameClaims = (store: ObjectStore, at: AgreedLocation): Bookmark<NameClaims> => ({
  store,
  key: nameClaimsKey(at),
  schema: NameClaims,
  remedy: 'Delete it once no run of the pipeline is between its seal and its replacement.',
});

/**
 * Claims the names of a schema that is not agreed on yet. All names are assigned here, one claimant after the other: each
 * reads the agreed schema after the claims, so that a claim that has just become part of it is never missed.
 * @param schemaWith the schema with what the claimant saw, given the agreed one and all claims; undefined to claim nothing
 * @returns its last result
 */
export async function claimNames<Next extends AgreedSchema | undefined>(
  store: ObjectStore,
  at: AgreedLocation,
  claimant: Claimant,
  schemaWith: (current: AgreedSchema | undefined, claims: readonly NameClaim[]) => Next,
  signal: AbortSignal,
): Promise<Next> {
  let next: Next | undefined;
  await amend(
    nameClaims(store, at),
    async (before) => {
      const current = await findSchema(store, at, signal);
      next = schemaWith(current, claimsIn(before, claimant));
      return next === undefined ? before : withClaim(before, claimOf(begun(current), next, claimant));
    },
    signal,
  );
  return next as Next;
}

/**
 * Agrees on what a claimant saw, and ends its claim. Repeating it changes nothing, also if later runs have changed names
 * since.
 * @param observed with its names as the only claims. If a later run is live already, its claim has ended and others may
 *   have some of these names; it then gets other ones
 * @returns the schema; undefined if it was planned in an earlier epoch, so that the schema does not include it
 */
export async function agreeOnClaimed(
  store: ObjectStore,
  observed: Observation & Claimant,
  at: AgreedLocation,
  nowMs: number,
  signal: AbortSignal,
): Promise<AgreedSchema | undefined> {
  const isInEpoch = (current: AgreedSchema | undefined) => epochOf(current) === epochOf(observed);
  const isKnown = (current: AgreedSchema | undefined) =>
    current?.runs.some(({ run }) => run === observed.by) === true;
  const { claims: own = [] } = observed;
  const named = await claimNames(
    store,
    at,
    observed,
    (current, claims) =>
      !isInEpoch(current) || isKnown(current)
        ? undefined
        : agree(current, { ...observed, claims: [...claims, ...own] }, nowMs),
    signal,
  );
  const claims = named === undefined ? own : [claimOf(undefined, named, observed)];
  let isIncluded = true;
  const schema = await amend(
    agreedSchema(store, at),
    (current) => {
      isIncluded = isInEpoch(current);
      return !isIncluded || isKnown(current) ? current : agree(current, { ...observed, claims }, nowMs);
    },
    signal,
  );
  await amend(nameClaims(store, at), (before) => withoutClaims(before, observed), signal);
  return isIncluded ? schema : undefined;
}
