import { createHash } from 'node:crypto';
import { compareBytes } from '../sql/identifier.ts';
import type { LoaderDefinition } from './loader-definition.ts';
import {
  inboxPageKey,
  type LoaderLocation,
  loaderAlertsDirectory,
  type TableId,
  tablePath,
} from './loader-directory.ts';
import type { InboxPage } from './loader-documents.ts';
import { byAge, fileId, type SourceFile } from './source-file.ts';

/** Files of one page. A loader reads a page whole, and rewrites it when it has taken some of them. */
export const PAGE_FILES = 1000;

/** A table's directory, and the bucket that it is in. */
export interface InboxLocation extends LoaderLocation {
  readonly bucket: string;
}

/** A file on its way to an inbox. */
export interface Arrival {
  readonly file: SourceFile;
  readonly to: InboxLocation;
  /** What it came by: the message's id. Files of a listing have none. */
  readonly message?: string;
  /** When the message was sent, or the file was last modified, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/** A page to write with If-None-Match, and what it contains. */
export interface PageToWrite {
  readonly to: InboxLocation;
  readonly key: string;
  readonly page: InboxPage;
  /** The messages that must not be deleted before the page is written. */
  readonly messages: ReadonlySet<string>;
}

export const inboxLocation = ({ staging, target }: LoaderDefinition): InboxLocation => ({
  bucket: staging.bucket,
  prefix: staging.prefix,
  table: tableId(target),
});

/** Where a loader's `alerts.json` is, in a directory with its name. */
export function loaderAlertsPlace(loader: LoaderDefinition): {
  readonly bucket: string;
  readonly prefix: string;
} {
  const { bucket, ...at } = inboxLocation(loader);
  return { bucket, prefix: loaderAlertsDirectory(at) };
}

const tableId = ({ workgroup, cluster, database, schema, table }: TableId): TableId => ({
  ...(workgroup === undefined ? {} : { workgroup }),
  ...(cluster === undefined ? {} : { cluster }),
  ...{ database, schema, table },
});

/** Tells inboxes apart. */
export const inboxId = ({ bucket, prefix, table }: InboxLocation): string =>
  `${bucket}/${prefix}/${tablePath(table)}`;

/**
 * Groups files into pages, one or more per table. A page's name is the time of its oldest file and a hash of its
 * messages and files: the same arrivals have the same pages, whichever worker writes them. A redelivered message may
 * come in other company, and its files are then in two pages: the loader counts a file once, by its identity.
 */
export function inboxPages(arrivals: readonly Arrival[], pageFiles = PAGE_FILES): PageToWrite[] {
  return [...Map.groupBy(arrivals, ({ to }) => inboxId(to)).values()].flatMap((ofTable) => {
    const sorted = distinct(ofTable).sort((a, b) => byAge(a.file, b.file));
    const pages: PageToWrite[] = [];
    for (let start = 0; start < sorted.length; start += pageFiles)
      pages.push(pageOf(sorted.slice(start, start + pageFiles)));
    return pages;
  });
}

interface Distinct extends Arrival {
  /** All messages that announced the file. */
  readonly messages: string[];
}

/** A file that several messages announce is in a page once. */
function distinct(arrivals: readonly Arrival[]): Distinct[] {
  const byId = new Map<string, Distinct>();
  // In an order of their own, so that every process keeps the same one.
  const sorted = arrivals.toSorted(
    (a, b) => byAge(a.file, b.file) || compareBytes(a.message ?? '', b.message ?? ''),
  );
  for (const arrival of sorted) {
    const messages = arrival.message === undefined ? [] : [arrival.message];
    const known = byId.get(fileId(arrival.file));
    if (known === undefined) byId.set(fileId(arrival.file), { ...arrival, messages });
    else for (const message of messages) known.messages.push(message);
  }
  return [...byId.values()];
}

function pageOf(arrivals: readonly Distinct[]): PageToWrite {
  const [{ to }] = arrivals as [Distinct];
  const messages = new Set(arrivals.flatMap((each) => each.messages));
  const hash = createHash('sha256');
  for (const message of [...messages].sort(compareBytes)) hash.update(`${message}\n`);
  for (const { file } of arrivals) hash.update(`${fileId(file)}\n`);
  const oldestMs = arrivals.reduce(
    (least, { sinceMs }) => Math.min(least, sinceMs),
    Number.POSITIVE_INFINITY,
  );
  return {
    to,
    key: inboxPageKey(to, oldestMs, hash.digest('hex').slice(0, 32)),
    page: { version: 1, files: arrivals.map(({ file }) => file) },
    messages,
  };
}
