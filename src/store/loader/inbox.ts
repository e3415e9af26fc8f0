import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { WaitingPage } from '../../pipeline/loader/batching.ts';
import {
  inboxDirectory,
  inboxPageKey,
  loadOfPage,
  loadPageKey,
} from '../../pipeline/loader/loader-directory.ts';
import { type Batch, InboxPage } from '../../pipeline/loader/loader-documents.ts';
import type { SourceFile } from '../../pipeline/loader/source-file.ts';
import { findDocument, JSON_FILE } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import type { LoaderFiles } from './batch-files.ts';

/** The inbox of a loader: pages of files that wait. */

/** A page as it is listed. */
export interface ListedPage {
  readonly key: string;
  /** Of the page itself. */
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** More pages are not listed: they are there the next time. */
const MOST_LISTED = 5000;
const READ_AT_ONCE = 16;

/** The oldest pages, in order. @returns with `more` if there are others */
export async function listInbox(
  { store, at }: LoaderFiles,
  signal: AbortSignal,
): Promise<{ readonly pages: readonly ListedPage[]; readonly more: boolean }> {
  const pages: ListedPage[] = [];
  for await (const { key, bytes, modifiedMs = 0 } of store.list(inboxDirectory(at), { signal })) {
    if (pages.length === MOST_LISTED) return { pages, more: true };
    pages.push({ key, bytes, modifiedMs });
  }
  return { pages, more: false };
}

/**
 * Reads pages in order, some at once, for as long as the caller takes more. Pages that are gone by now are left out.
 * @param bytesAtOnce about how much to read at once, for a caller that may need little. Default: no limit
 * @returns some at a time
 */
export async function* readPages(
  { store }: LoaderFiles,
  pages: readonly ListedPage[],
  signal: AbortSignal,
  bytesAtOnce = Number.POSITIVE_INFINITY,
): AsyncGenerator<(WaitingPage & ListedPage)[]> {
  for (let from = 0, some: readonly ListedPage[]; from < pages.length; from += some.length) {
    some = firstPages(pages.slice(from, from + READ_AT_ONCE), bytesAtOnce);
    const found = new Map<string, readonly SourceFile[]>();
    await forEachLimited(
      some,
      READ_AT_ONCE,
      async ({ key }, ended) => {
        const page = await findPage(store, key, ended);
        if (page !== undefined) found.set(key, page.files);
      },
      signal,
    );
    yield some.flatMap((page) => {
      const files = found.get(page.key);
      return files === undefined ? [] : [{ ...page, files }];
    });
  }
}

/** As many pages as have so many bytes together, but at least one. */
function firstPages(pages: readonly ListedPage[], mostBytes: number): readonly ListedPage[] {
  let bytes = 0;
  const beyond = pages.findIndex((page, i) => {
    bytes += page.bytes;
    return i > 0 && bytes > mostBytes;
  });
  return beyond < 0 ? pages : pages.slice(0, beyond);
}

/**
 * Finishes what a batch does to the inbox, once it is written: the files that it has left over get a page of their own, and
 * the pages that it has used up are deleted. Can be repeated at any time. The name of the new page follows from the old one,
 * so that every attempt writes the same page.
 */
export async function finishPages(
  files: LoaderFiles,
  { pages, leftFrom }: Pick<Batch, 'pages' | 'leftFrom'>,
  signal: AbortSignal,
): Promise<void> {
  const { store } = files;
  const last = pages.at(-1);
  if (leftFrom !== undefined && last !== undefined) {
    const page = await findPage(store, last, signal);
    if (page !== undefined) await keepRest(files, last, leftFrom, page.files.slice(leftFrom), signal);
  }
  if (pages.length > 0) await store.delete(pages, { signal });
}

async function keepRest(
  { store, at }: LoaderFiles,
  page: string,
  from: number,
  rest: readonly SourceFile[],
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256')
    .update(JSON.stringify([page, from]))
    .digest('hex')
    .slice(0, 32);
  const oldestMs = rest.reduce(
    (oldest, file) => Math.min(oldest, Date.parse(file.at) || 0),
    Date.parse('2100-01-01'),
  );
  const load = loadOfPage(page);
  const key = load === undefined ? inboxPageKey(at, oldestMs, hash) : loadPageKey(at, load, hash);
  const kept: InboxPage = { version: 1, files: [...rest] };
  await store.putNew(key, JSON.stringify(kept), { signal, ...JSON_FILE });
}

const findPage = (store: ObjectStore, key: string, signal: AbortSignal) =>
  findDocument({ store, key, schema: InboxPage, remedy: PAGE_REMEDY }, signal);

const PAGE_REMEDY = 'Delete it, then load the files that it named: "tributary load".';
