/**
 * The keys of a loader's objects in S3: the one place for the grammar.
 *
 *     <prefix>/loaders/<workgroup|cluster>/<database>/<schema>/<table>/        one directory per table
 *       inbox/<sent at, ms>-<hash>.json     files that wait, one page per table and receive        (If-None-Match)
 *            /0000000000000-load.…          files of a bulk load, ahead of the others              (If-None-Match)
 *            /9999999999999-load.<started at, ms>.<load>.<number>-<hash>.json   and behind them    (If-None-Match)
 *       open/000123                         marks a batch that is not closed
 *       batches/000123/batch.json           the files of the batch; never changes                 (If-None-Match)
 *                     /manifests/…          COPY's lists of files, and the list for the ledger
 *                     /files/…              copies that an append took
 *                     /failure.json         why it is parked; replaced by later failures
 *                     /closed.json          loaded, skipped, or split into other batches           (If-None-Match)
 *       table.json                          which table it loads into: dropped and recreated, it is another
 *       pause.json                          why it is paused; absent if it is not
 *       loads/<name>.json                   a bulk load: what it asked for and what it found       (If-None-Match)
 *       listing-<loader>.json               what the loader's listing has seen so far              (If-Match)
 *       listing-<loader>/<hash>.json        the files of some keys that it has seen
 *       alerts/<loader>/alerts.json         what alerts know about a loader                        (If-Match)
 *     <prefix>/loaders/_queues/<queue>/unmatched.json    files that no loader of the queue matches    (If-Match)
 */

/** What names a table: the same for every loader that feeds it. */
export interface TableId {
  readonly workgroup?: string | undefined;
  readonly cluster?: string | undefined;
  readonly database: string;
  readonly schema: string;
  readonly table: string;
}

export interface LoaderLocation {
  readonly prefix: string;
  readonly table: TableId;
}

/** `analytics/dev/landing/quakes`: percent-encoded parts, so that different tables never share a path. */
export const tablePath = ({ workgroup, cluster, database, schema, table }: TableId): string =>
  [workgroup ?? cluster ?? '', database, schema, table].map(encodeURIComponent).join('/');

/** `000123`: a batch's number as written in keys, workflow ids and messages. */
export const batchNumber = (n: number) => String(n).padStart(6, '0');

export const loaderDirectory = (at: LoaderLocation) => `${at.prefix}/loaders/${tablePath(at.table)}/`;

export const inboxDirectory = (at: LoaderLocation) => `${loaderDirectory(at)}inbox/`;
/** Pages sort by the time of their oldest file. @param hash of the messages, or of the files that a listing found */
export const inboxPageKey = (at: LoaderLocation, oldestMs: number, hash: string) =>
  `${inboxDirectory(at)}${String(Math.max(0, Math.floor(oldestMs))).padStart(13, '0')}-${hash}.json`;

/** The time of the oldest file, from the key of a watcher's page. */
export const timeOfPage = (key: string): number => Number(/([0-9]{13})-[^/]*$/.exec(key)?.[1] ?? 0);

/** Where the files of a bulk load wait: ahead of all others, or behind them. */
export type LoadPlace = 'before' | 'after';
const PLACES: Readonly<Record<LoadPlace, string>> = { before: '0000000000000', after: '9999999999999' };

/** A page of a bulk load. Pages of one load follow each other, and loads in the order in which they were started. */
export interface LoadPage {
  readonly place: LoadPlace;
  readonly load: string;
  readonly startedMs: number;
  /** Counted from 0. */
  readonly page: number;
}

/** @param hash of its files, so that an attempt that finds others writes another page */
export const loadPageKey = (at: LoaderLocation, { place, load, startedMs, page }: LoadPage, hash: string) =>
  `${inboxDirectory(at)}${PLACES[place]}-load.${String(startedMs).padStart(13, '0')}.${load}.${String(page).padStart(6, '0')}-${hash}.json`;

/** Which load a page belongs to. Undefined for the page of a watcher. @param key of an inbox page */
export function loadOfPage(key: string): LoadPage | undefined {
  const found = /([^/]*)$/.exec(key)?.[1] ?? '';
  const parts = /^(\d{13})-load\.(\d+)\.([^.]+)\.(\d+)-[^.]+\.json$/.exec(found);
  if (parts === null) return undefined;
  const [, place, startedMs, load, page] = parts;
  return {
    place: place === PLACES.before ? 'before' : 'after',
    load: load!,
    startedMs: Number(startedMs),
    page: Number(page),
  };
}

export const loaderTableKey = (at: LoaderLocation) => `${loaderDirectory(at)}table.json`;

/** Why the loader is paused: a loader that is started again still is. */
export const loaderPauseKey = (at: LoaderLocation) => `${loaderDirectory(at)}pause.json`;

export const openDirectory = (at: LoaderLocation) => `${loaderDirectory(at)}open/`;
export const openKey = (at: LoaderLocation, batch: number) => `${openDirectory(at)}${batchNumber(batch)}`;

export const batchesDirectory = (at: LoaderLocation) => `${loaderDirectory(at)}batches/`;
export const batchDirectory = (at: LoaderLocation, batch: number) =>
  `${batchesDirectory(at)}${batchNumber(batch)}/`;
export const batchKey = (at: LoaderLocation, batch: number) => `${batchDirectory(at, batch)}batch.json`;
export const batchFailureKey = (at: LoaderLocation, batch: number) =>
  `${batchDirectory(at, batch)}failure.json`;
export const batchClosedKey = (at: LoaderLocation, batch: number) =>
  `${batchDirectory(at, batch)}closed.json`;
export const batchManifestKey = (at: LoaderLocation, batch: number, name: string) =>
  `${batchDirectory(at, batch)}manifests/${name}`;
export const copiedFileKey = (at: LoaderLocation, batch: number, attempt: string, name: string) =>
  `${batchDirectory(at, batch)}files/${attempt}-${name}`;

export const bulkLoadKey = (at: LoaderLocation, name: string) => `${loaderDirectory(at)}loads/${name}.json`;
export const listingKey = (at: LoaderLocation, loader: string) =>
  `${loaderDirectory(at)}listing-${loader}.json`;
export const listingShardKey = (at: LoaderLocation, loader: string, hash: string) =>
  `${loaderDirectory(at)}listing-${loader}/${hash}.json`;

/** @param queue its URL */
export const unmatchedKey = (prefix: string, queue: string) =>
  `${prefix}/loaders/_queues/${encodeURIComponent(queue.replace(/^https?:\/\//, ''))}/unmatched.json`;

/** Where `alerts.json` of the table's loaders is: in a folder per loader. No slash at its end. */
export const loaderAlertsDirectory = (at: LoaderLocation) => `${loaderDirectory(at)}alerts`;
