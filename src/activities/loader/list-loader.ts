import type { ListedObject } from '../../clients/object-store.ts';
import type { ListingSeen } from '../../contract/loader/watch.ts';
import { datedPrefixes } from '../../pipeline/keys/dated-prefixes.ts';
import { type Arrival, inboxLocation, inboxPages, PAGE_FILES } from '../../pipeline/loader/inbox-pages.ts';
import {
  type Listing,
  listingBounds,
  listingNow,
  settleSeconds,
  TOO_OLD_LISTED,
} from '../../pipeline/loader/listing.ts';
import { listingShardKey } from '../../pipeline/loader/loader-directory.ts';
import { type Loaders, type NamedLoader, routeFile } from '../../pipeline/loader/routing.ts';
import { bareEtag } from '../../pipeline/loader/source-file.ts';
import { AnnouncedFiles } from '../../store/loader/announced-files.ts';
import { listingFile, writeListing } from '../../store/loader/listing-file.ts';
import { SeenFiles } from '../../store/loader/seen-files.ts';
import { writePages } from '../../store/loader/write-pages.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import type { Hints } from './hints.ts';

/** A file's event cannot have come before the listing that left the file to its event, ten minutes before it ended. */
const SLACK_MS = 2 * 600_000;

interface ListContext {
  readonly deps: Pick<Dependencies, 'store' | 'nowMs'>;
  readonly hints: Hints;
  readonly loaders: Loaders;
  /** When the watcher was first started. */
  readonly startedAtMs: number;
  readonly signal: AbortSignal;
  /** Called with the number of files so far. */
  readonly listed: (files: number) => void;
}

/**
 * Lists the files of one loader and puts those into its inbox that no earlier listing has seen. Pages are written before
 * the record of what was seen, so a listing that dies announces some files again and forgets none.
 * @throws Transient `WriteConflict` if another listing of this loader has ended meanwhile
 */
export async function listLoader(
  { deps, hints, loaders, startedAtMs, signal, listed }: ListContext,
  { name, loader }: NamedLoader,
  before: Listing | undefined,
): Promise<ListingSeen> {
  const { source, ledgerDays } = loader;
  const at = inboxLocation(loader);
  const store = deps.store(at.bucket);
  const file = listingFile(store, at, name);
  const beganMs = deps.nowMs();
  const settledMs =
    source.queue === undefined ? Number.POSITIVE_INFINITY : beganMs - settleSeconds(loader) * 1000;
  let now = listingNow(before, source, startedAtMs);
  const { lowerMs, announceMs, horizonMs } = listingBounds(
    now,
    { overlapSeconds: source.overlapSeconds, ledgerDays },
    beganMs,
  );
  const seen = new SeenFiles({ store, keyOf: (hash) => listingShardKey(at, name, hash) }, now.seen, signal);
  // A new bound is recorded at once: if this listing dies, the next one has the same.
  if (now !== before) now = await writeListing(file, before, now, signal);

  // With a queue, most files that this listing sees for the first time have been announced already.
  const sinceMs = before?.listedAt === undefined ? announceMs : Date.parse(before.listedAt) - SLACK_MS;
  const announced =
    source.queue === undefined ? undefined : await AnnouncedFiles.find({ store, at }, sinceMs, signal);
  const arrivals: Arrival[] = [];
  const announce = async () => {
    const failures = await writePages(
      deps.store,
      inboxPages(arrivals.splice(0)),
      ({ to }) => hints.want(to.table, name),
      signal,
    );
    if (failures[0] !== undefined) throw failures[0].error;
  };
  const counts = { files: 0, found: 0, tooOld: 0 };
  const tooOldExamples: string[] = [];
  let newestMs = now.newest === undefined ? Number.NEGATIVE_INFINITY : Date.parse(now.newest);

  for (const prefix of datedPrefixes(source.prefix, source.listPrefixes, lowerMs, beganMs)) {
    for await (const object of deps.store(source.bucket).list(prefix, { signal })) {
      const found = wanted(object);
      if (found === undefined) continue;
      listed(++counts.files);
      if (found.modifiedMs < horizonMs) {
        counts.tooOld++;
        if (tooOldExamples.length < TOO_OLD_LISTED) tooOldExamples.push(object.key);
        continue;
      }
      newestMs = Math.max(newestMs, found.modifiedMs);
      const { isNew, turned } = await seen.see(object.key, found.etag);
      if (turned) {
        await announce();
        now = await writeListing(file, now, { ...now, seen: seen.soFar() }, signal);
      }
      if (!isNew || found.modifiedMs < announceMs) continue;
      const arrival = arrivalOf(object, found);
      if (announced?.has(arrival.file) === true) continue;
      counts.found++;
      arrivals.push(arrival);
      if (arrivals.length >= PAGE_FILES) await announce();
    }
  }
  const shards = await seen.finish();
  await announce();
  const { from, listFrom } = now;
  const done = await writeListing(
    file,
    now,
    {
      ...{ from, seen: shards, ...counts, listedAt: new Date(beganMs).toISOString() },
      ...(listFrom === undefined ? {} : { listFrom }),
      newest: new Date(Math.max(newestMs, lowerMs)).toISOString(),
      ...(tooOldExamples.length === 0 ? {} : { tooOldExamples }),
    },
    signal,
  );
  await removeShards(before, done);
  return { loader: name, at: new Date(deps.nowMs()).toISOString(), from, ...counts };

  function wanted({ key, etag, modifiedMs }: ListedObject) {
    if (etag === undefined || modifiedMs === undefined || modifiedMs < lowerMs) return undefined;
    if (modifiedMs > settledMs) return undefined;
    if (routeFile(loaders, { bucket: source.bucket, key })?.name !== name) return undefined;
    return { etag: bareEtag(etag), modifiedMs };
  }

  function arrivalOf(
    { key, bytes }: ListedObject,
    { etag, modifiedMs }: { etag: string; modifiedMs: number },
  ) {
    const modified = new Date(modifiedMs).toISOString();
    return {
      file: { bucket: source.bucket, key, etag, bytes, at: modified, loader: name },
      to: at,
      sinceMs: modifiedMs,
    };
  }

  async function removeShards(old: Listing | undefined, next: Listing) {
    const kept = new Set(next.seen.map(({ hash }) => hash));
    const gone = (old?.seen ?? []).filter(({ hash }) => !kept.has(hash));
    if (gone.length > 0)
      await store.delete(
        gone.map(({ hash }) => listingShardKey(at, name, hash)),
        { signal },
      );
  }
}
