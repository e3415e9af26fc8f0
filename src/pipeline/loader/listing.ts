import { z } from 'zod';
import type { LoaderDefinition } from './loader-definition.ts';

const count = z.number().int().nonnegative();
const time = z.iso.datetime();

/** Examples of files that are too old, so that an operator can find them. */
export const TOO_OLD_LISTED = 20;

/** Files of consecutive keys that a listing has seen. */
export const ListingShard = z.object({
  version: z.literal(1),
  /** In byte order of their keys: key and ETag without quotes. */
  files: z.array(z.tuple([z.string(), z.string()])),
});
export type ListingShard = z.infer<typeof ListingShard>;

/**
 * What a loader's listings have seen so far. Written with If-Match, so that of two listings at once only one counts.
 *
 * A bound is never a cursor: a file may appear long after its time of modification. Each listing takes everything that
 * is not older than the bound less the overlap, and leaves out what earlier listings have seen.
 */
export const Listing = z.object({
  version: z.literal(1),
  /** One more at each change. */
  revision: count,
  /** Files that were last modified earlier are ignored. */
  from: time,
  /** `listFrom` of the configuration when `from` was taken from it. */
  listFrom: z.string().optional(),
  /** The newest file that a complete listing has found. */
  newest: time.optional(),
  /** When the last complete listing began. */
  listedAt: time.optional(),
  /** What it found. */
  files: count.optional(),
  found: count.optional(),
  tooOld: count.optional(),
  tooOldExamples: z.array(z.string()).optional(),
  /** The files seen, those that can still be listed: by the first key of each shard, the first shard from the beginning. */
  seen: z.array(z.object({ first: z.string(), hash: z.string(), files: count })),
});
export type Listing = z.infer<typeof Listing>;

/** Where a listing begins. */
export interface ListingBounds {
  /** Files that were last modified before are not listed. Milliseconds since 1970, as are the others. */
  readonly lowerMs: number;
  /** Files before it are only noted as seen: they were there when the loader was first started. */
  readonly announceMs: number;
  /** The ledger does not remember files before it: they are counted, and loaded only if asked for. */
  readonly horizonMs: number;
}

/** A file that was put just before the loader was started is loaded, whichever clock is ahead. */
const START_MARGIN_MS = 60_000;

/**
 * The listing of a loader as this configuration has it.
 * @param startedAtMs when its watcher was first started
 */
export function listingNow(
  before: Listing | undefined,
  { listFrom }: LoaderDefinition['source'],
  startedAtMs: number,
): Listing {
  if (before !== undefined && (listFrom === undefined || listFrom === before.listFrom)) return before;
  const from = listFrom === undefined ? startedAtMs - START_MARGIN_MS : Date.parse(listFrom);
  return {
    version: 1,
    revision: before?.revision ?? 0,
    from: new Date(from).toISOString(),
    ...(listFrom === undefined ? {} : { listFrom }),
    seen: before?.seen ?? [],
  };
}

/** The same listing from another bound on, as an operator sets it. What was seen is still not announced again. */
export const listingFrom = (before: Listing, from: string): Listing => {
  const { version, listFrom, seen } = before;
  return {
    ...{ version, seen, revision: before.revision + 1, from: new Date(from).toISOString() },
    ...(listFrom === undefined ? {} : { listFrom }),
  };
};

/** @param overlapSeconds of the loader's source */
export function listingBounds(
  { from, listFrom, newest }: Listing,
  { overlapSeconds, ledgerDays }: { readonly overlapSeconds: number; readonly ledgerDays: number },
  nowMs: number,
): ListingBounds {
  const fromMs = Date.parse(from);
  const overlapMs = overlapSeconds * 1000;
  // Before the first start, files are noted: an upload that had begun may appear later.
  const leastMs = listFrom === undefined ? fromMs - overlapMs : fromMs;
  return {
    lowerMs: newest === undefined ? leastMs : Math.max(leastMs, Date.parse(newest) - overlapMs),
    announceMs: newest === undefined ? fromMs : Number.NEGATIVE_INFINITY,
    horizonMs: nowMs - ledgerDays * 86_400_000,
  };
}

/** An event typically arrives within seconds, but sometimes takes a minute or longer. */
const SETTLE_SECONDS = 600;

/** With a queue, files younger than this are left to their events, and to the next listing. */
export const settleSeconds = (loader: LoaderDefinition): number =>
  loader.source.queue === undefined ? 0 : Math.min(SETTLE_SECONDS, listSeconds(loader));

/** How often a loader's prefix is listed. */
export const listSeconds = ({ source }: LoaderDefinition): number =>
  source.listSeconds ?? (source.queue === undefined ? 60 : 3600);
