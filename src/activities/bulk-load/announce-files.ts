import { createHash } from 'node:crypto';
import {
  type AnnounceInput,
  type AnnounceResult,
  type FoundFiles,
  NOTHING_FOUND,
  type OpenedLoad,
  sumFound,
} from '../../contract/loader/bulk-load.ts';
import { PAGE_FILES } from '../../pipeline/loader/inbox-pages.ts';
import { loadPageKey } from '../../pipeline/loader/loader-directory.ts';
import type { InboxPage } from '../../pipeline/loader/loader-documents.ts';
import { addressOf, bytesOf, fileId, type SourceFile } from '../../pipeline/loader/source-file.ts';
import { findDocument, JSON_FILE } from '../../store/document.ts';
import { batchDocument, markedOpen } from '../../store/loader/batch-files.ts';
import { type OpenLoader, openLoader } from '../load-batch/open-batch.ts';
import type { Dependencies } from '../runtime/dependencies.ts';
import { whileHeartbeating } from '../runtime/heartbeat.ts';
import { ledgerOf } from './ledger-of.ts';
import { listedFiles } from './listed-files.ts';

/** Files of one call: a call that is repeated lists them again. */
const FILES_PER_CALL = 50_000;

/**
 * Lists a part of a load's files, asks the ledger about them, and puts those that nothing has loaded into the inbox. Pages
 * are named by their files, so that an attempt that is repeated and finds the same files writes the same pages; if it finds
 * others, some files are on two pages, and the loader takes them once.
 */
export async function announceFiles(
  deps: Dependencies,
  { load, place, announce, cursor, pages: before }: AnnounceInput,
): Promise<AnnounceResult> {
  let found = NOTHING_FOUND;
  return whileHeartbeating(
    () => `looking at the files of ${load.from}: ${found.files} so far`,
    async (signal) => {
      const open = await openLoader(deps, load.loader, signal);
      const known = await knownFilesOf(open, load, signal);
      const others = new Set<number>();
      let pages = before;
      let left: SourceFile[] = [];
      let page: SourceFile[] = [];
      const write = async () => {
        if (page.length === 0) return;
        if (announce) await writePage(open, { load, place, page: pages, files: page });
        pages++;
        page = [];
      };
      const sort = async () => {
        const sorted = await known(left);
        found = sumFound(found, foundOf(left, sorted));
        for (const file of left) {
          const state = sorted.get(fileId(file));
          if (state === undefined) page.push(file);
          else if (state !== 'ledger') others.add(state);
          if (page.length === PAGE_FILES) await write();
        }
        left = [];
      };
      let count = 0;
      let next: string | undefined;
      for await (const listed of listedFiles({ deps, loaders: await deps.loaders(), load, signal }, cursor)) {
        if (listed.kind === 'file') left.push(listed.file);
        else found = sumFound(found, leftOut(listed));
        if (left.length === PAGE_FILES) await sort();
        if (++count === FILES_PER_CALL) {
          next = listed.cursor;
          break;
        }
      }
      await sort();
      await write();
      return { found, others: [...others], pages, ...(next === undefined ? {} : { cursor: next }) };
    },
  );
}

/** By a file's identity: the ledger has it, or the open batch of this number. */
type Known = ReadonlyMap<string, 'ledger' | number>;

/** Finds out which files are loaded or in open batches. What this load itself has loaded before counts as open. */
async function knownFilesOf(
  open: OpenLoader,
  load: OpenedLoad,
  signal: AbortSignal,
): Promise<(files: readonly SourceFile[]) => Promise<Known>> {
  const inLedger = ledgerOf(open);
  const inBatches = new Map<string, number>();
  const isOwn = new Map<number, boolean>();
  for (const number of await markedOpen(open, signal)) {
    const batch = await findDocument(batchDocument(open, number), signal);
    for (const file of batch?.files ?? []) inBatches.set(fileId(file), number);
  }
  const own = async (number: number) => {
    if (number <= load.newest) return false;
    if (!isOwn.has(number)) {
      const batch = await findDocument(batchDocument(open, number), signal);
      isOwn.set(number, batch?.load === load.name);
    }
    return isOwn.get(number)!;
  };
  return async (files) => {
    const known = new Map<string, 'ledger' | number>();
    const ledger = await inLedger(files);
    for (const file of files) {
      const id = fileId(file);
      const entry = ledger.get(id);
      const number = inBatches.get(id);
      if (entry !== undefined) known.set(id, (await own(entry.batch)) ? entry.batch : 'ledger');
      else if (number !== undefined) known.set(id, number);
    }
    return known;
  };
}

function foundOf(files: readonly SourceFile[], known: Known): FoundFiles {
  const urls = (some: readonly SourceFile[]) => some.map(addressOf);
  const loaded = files.filter((file) => known.get(fileId(file)) === 'ledger');
  const toLoad = files.filter((file) => !known.has(fileId(file)));
  return {
    ...NOTHING_FOUND,
    files: files.length,
    bytes: bytesOf(files),
    alreadyLoaded: loaded.length,
    inBatches: files.length - loaded.length - toLoad.length,
    examples: {
      ...NOTHING_FOUND.examples,
      toLoad: urls(toLoad.slice(0, 5)),
      alreadyLoaded: urls(loaded.slice(0, 5)),
    },
  };
}

export function leftOut({
  kind,
  key,
}: {
  readonly kind: 'unmatched' | 'missing';
  readonly key: string;
}): FoundFiles {
  return { ...NOTHING_FOUND, [kind]: 1, examples: { ...NOTHING_FOUND.examples, [kind]: [key] } };
}

async function writePage(
  { store, at, signal }: OpenLoader,
  {
    load,
    place,
    page,
    files,
  }: {
    readonly load: OpenedLoad;
    readonly place: AnnounceInput['place'];
    readonly page: number;
    readonly files: readonly SourceFile[];
  },
): Promise<void> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${fileId(file)}\n`);
  const startedMs = Date.parse(load.startedAt);
  const key = loadPageKey(at, { place, load: load.name, startedMs, page }, hash.digest('hex').slice(0, 32));
  const value: InboxPage = { version: 1, files: [...files] };
  await store.putNew(key, JSON.stringify(value), { signal, ...JSON_FILE });
}
