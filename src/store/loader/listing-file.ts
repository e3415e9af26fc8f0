import { isDeepStrictEqual } from 'node:util';
import { Transient } from '../../clients/errors.ts';
import type { ObjectStore } from '../../clients/object-store.ts';
import { Listing, listingFrom } from '../../pipeline/loader/listing.ts';
import { type LoaderLocation, listingKey } from '../../pipeline/loader/loader-directory.ts';
import { amend } from '../bookmark.ts';
import type { Document } from '../document.ts';

/** What a loader's listings have seen so far. */
export const listingFile = (store: ObjectStore, at: LoaderLocation, loader: string): Document<Listing> => ({
  store,
  key: listingKey(at, loader),
  schema: Listing,
  remedy:
    'Restore an earlier version, or delete it: the prefix is then listed as if the loader were started for the first time.',
});

/**
 * Replaces a listing by its next revision.
 * @throws Transient `WriteConflict` if another process has changed it since `before` was read
 */
export async function writeListing(
  file: Document<Listing>,
  before: Listing | undefined,
  change: Omit<Listing, 'version' | 'revision'>,
  signal: AbortSignal,
): Promise<Listing> {
  const next: Listing = { ...change, version: 1, revision: (before?.revision ?? 0) + 1 };
  return await amend(
    file,
    (found): Listing => {
      if (isDeepStrictEqual(found, next) || found?.revision === before?.revision) return next;
      throw new Transient(
        'WriteConflict',
        `s3://${file.store.bucket}/${file.key} was changed by another listing, or by an operator. This listing is repeated.`,
      );
    },
    signal,
  );
}

/**
 * Sets the bound of a loader's listings: files that were last modified earlier are ignored. Files seen before are not
 * announced again.
 * @param from ISO 8601
 * @returns undefined if the loader has not listed yet
 */
export async function setListingFrom(
  file: Document<Listing>,
  from: string,
  signal?: AbortSignal,
): Promise<Listing | undefined> {
  return await amend(
    file,
    (before) => {
      const isSet =
        before === undefined || (Date.parse(before.from) === Date.parse(from) && before.newest === undefined);
      return isSet ? before : listingFrom(before, from);
    },
    signal,
  );
}
