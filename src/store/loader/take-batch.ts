import {
  type BatchPlan,
  BatchPlanner,
  type Limits,
  type WaitingPage,
} from '../../pipeline/loader/batching.ts';
import { loadOfPage, timeOfPage } from '../../pipeline/loader/loader-directory.ts';
import type { Batch } from '../../pipeline/loader/loader-documents.ts';
import { bytesOf, fileId } from '../../pipeline/loader/source-file.ts';
import { findDocument } from '../document.ts';
import { forEachLimited } from '../for-each-limited.ts';
import {
  type BatchState,
  batchDocument,
  batchState,
  claimBatch,
  type LoaderFiles,
  markedOpen,
  newestBatch,
  unmark,
} from './batch-files.ts';
import { finishPages, type ListedPage, listInbox, readPages } from './inbox.ts';

/** What the caller knows of its batches. */
export interface Known {
  /** Batches that it runs or has parked. */
  readonly open: readonly number[];
  /** A batch that exists, such as the newest that it knows of; 0 if it knows none. */
  readonly newest: number;
  /** The newest batch whose inbox pages are known to be deleted. */
  readonly tidied: number;
}

/** What waits in the inbox. */
interface Waiting {
  readonly files: number;
  readonly bytes: number;
  readonly oldestMs?: number;
  /** The numbers are estimates: not every page was read. */
  readonly estimated?: true;
  /** There are even more pages than were listed. */
  readonly more?: true;
}

export interface InboxLook {
  readonly newest: number;
  readonly tidied: number;
  /** Open and parked batches that the caller does not know, in order. */
  readonly found: readonly FoundBatch[];
  /** The batch that was taken. */
  readonly taken?: Batch;
  readonly waiting: Waiting;
  /** When the next batch is due by the age of its oldest file, unless other files make it start before. */
  readonly dueAtMs?: number;
}

type FoundBatch = Extract<BatchState, { state: 'open' | 'parked' }>;

/** If planners compete, each attempt of this one fails only because another has succeeded. */
const MOST_ATTEMPTS = 20;
const READ_AT_ONCE = 8;
/** One full page, or many small ones: a batch rarely needs more, and what waits may fill thousands of pages. */
const PAGE_BYTES_AT_ONCE = 256 * 1024;
/** The files of so many open batches, the newest, are left out of new ones. The ledger knows those of the others. */
const MOST_OPEN_READ = 200;

/**
 * Looks at a loader's inbox and takes the next batch from it, if one is due:
 *
 * 1. Find the newest batch, and finish what it does to the inbox: the process that wrote it may not have got further.
 * 2. Find open batches that the caller does not know. If one of them is to be loaded, it comes first.
 * 3. Read the inbox, which holds no file of an earlier batch now, and plan the batch.
 * 4. Mark the batch as open and claim its number. If another planner has it, begin again: no file has left the inbox.
 * 5. Put the files that its last page has left over into a page of their own, and delete the pages that it has used up.
 *
 * A process may die after each step, and several may do this at once: every file is in the inbox or in a batch. It can be in
 * two only if a process continues at step 5 after others have finished it and taken the next batch; the ledger then skips the
 * files of the second.
 * @param take false: only look
 */
export async function takeBatch(
  files: LoaderFiles,
  {
    known,
    limits,
    now,
    take,
  }: { readonly known: Known; readonly limits: Limits; readonly now: () => number; readonly take: boolean },
  signal: AbortSignal,
): Promise<InboxLook> {
  let { newest, tidied } = known;
  for (let attempt = 1; ; attempt++) {
    newest = await newestBatch(files, newest, signal);
    if (newest > tidied) {
      const last = await findDocument(batchDocument(files, newest), signal);
      if (last !== undefined) await finishPages(files, last, signal);
      tidied = newest;
    }
    const { marked, found } = await findOpen(files, known, signal);
    const inbox = await listInbox(files, signal);
    const nowMs = now();
    const { plan, waiting, load } = await planBatch(
      files,
      { inbox, limits, nowMs, open: [...marked, ...known.open] },
      signal,
    );
    const look: InboxLook = {
      newest,
      tidied,
      found,
      waiting,
      ...(plan.kind === 'wait' && plan.dueAtMs !== undefined ? { dueAtMs: plan.dueAtMs } : {}),
    };
    const mustWait = !take || found.some(({ state }) => state === 'open') || plan.kind === 'wait';
    if (mustWait || attempt === MOST_ATTEMPTS) return look;
    if (plan.kind === 'drop') {
      await files.store.delete(plan.pages, { signal });
      continue;
    }
    const batch: Batch = {
      version: 1,
      batch: newest + 1,
      createdAt: new Date(nowMs).toISOString(),
      reason: load === undefined ? plan.reason : 'bulk',
      files: [...plan.files],
      pages: [...plan.pages],
      ...(load === undefined ? {} : { load }),
      ...(plan.leftFrom === undefined ? {} : { leftFrom: plan.leftFrom }),
    };
    if (!(await claimBatch(files, batch, signal))) continue;
    await finishPages(files, batch, signal);
    return {
      ...look,
      newest: batch.batch,
      tidied: batch.batch,
      taken: batch,
      waiting: without(waiting, batch),
    };
  }
}

/** Open batches that the caller does not know. Marks of closed batches are removed. */
async function findOpen(
  files: LoaderFiles,
  known: Known,
  signal: AbortSignal,
): Promise<{ readonly marked: readonly number[]; readonly found: readonly FoundBatch[] }> {
  const marked = await markedOpen(files, signal);
  const isKnown = new Set(known.open);
  const closed: number[] = [];
  const found: FoundBatch[] = [];
  await forEachLimited(
    marked.filter((batch) => !isKnown.has(batch)),
    READ_AT_ONCE,
    async (batch, ended) => {
      const state = await batchState(files, batch, ended);
      if (state.state === 'closed') closed.push(batch);
      // An absent one may be about to be written.
      else if (state.state !== 'absent') found.push(state);
    },
    signal,
  );
  await unmark(files, closed, signal);
  const gone = new Set(closed);
  return {
    marked: marked.filter((batch) => !gone.has(batch)),
    found: found.sort((a, b) => a.batch.batch - b.batch.batch),
  };
}

interface Inbox {
  readonly pages: readonly ListedPage[];
  readonly more: boolean;
}

interface Wanted {
  readonly limits: Limits;
  readonly nowMs: number;
  readonly open: readonly number[];
}

/**
 * Plans the next batch. The files of a bulk load are never in one batch with others, and are due at once. Those that are
 * behind all others are taken only while nothing else is due, so that they delay no file that arrives.
 */
async function planBatch(
  files: LoaderFiles,
  { inbox, ...wanted }: Wanted & { readonly inbox: Inbox },
  signal: AbortSignal,
): Promise<{ readonly plan: BatchPlan; readonly load: string | undefined; readonly waiting: Waiting }> {
  const all: GroupRead = { files: 0, bytes: 0, readBytes: 0, pagesRead: 0 };
  let oldestMs: number | undefined;
  let dueAtMs: number | undefined;
  for (const { load, pages } of groupsOf(inbox.pages)) {
    const limits = load === undefined ? wanted.limits : { ...wanted.limits, maxSeconds: 0 };
    const { plan, read } = await planGroup(files, pages, { ...wanted, limits }, signal);
    all.files += read.files;
    all.bytes += read.bytes;
    all.readBytes += read.readBytes;
    all.pagesRead += read.pagesRead;
    if (load === undefined) oldestMs = read.oldestMs;
    if (plan.kind !== 'wait') {
      // Groups behind it were not read, but the oldest file of a watcher's page is in the page's name.
      const first = inbox.pages.find(({ key }) => loadOfPage(key) === undefined);
      oldestMs ??= first === undefined ? undefined : timeOfPage(first.key);
      return { plan, load, waiting: estimated({ ...all, oldestMs }, inbox) };
    }
    dueAtMs = Math.min(dueAtMs ?? Number.POSITIVE_INFINITY, plan.dueAtMs ?? Number.POSITIVE_INFINITY);
  }
  const plan: BatchPlan = {
    kind: 'wait',
    ...(dueAtMs === undefined || dueAtMs === Number.POSITIVE_INFINITY ? {} : { dueAtMs }),
  };
  return { plan, load: undefined, waiting: estimated({ ...all, oldestMs }, inbox) };
}

/** The pages of each bulk load by themselves, and those of watchers, in the order in which they are taken. */
function groupsOf(pages: readonly ListedPage[]) {
  const groups = Map.groupBy(pages, ({ key }) => {
    const page = loadOfPage(key);
    return page === undefined ? '' : `${page.place}.${page.load}`;
  });
  return [...groups.values()].map((ofGroup) => ({ load: loadOfPage(ofGroup[0]!.key)?.load, pages: ofGroup }));
}

interface GroupRead {
  files: number;
  bytes: number;
  oldestMs?: number | undefined;
  /** Of the pages themselves. */
  readBytes: number;
  pagesRead: number;
}

async function planGroup(
  files: LoaderFiles,
  pages: readonly ListedPage[],
  { limits, nowMs, open }: Wanted,
  signal: AbortSignal,
): Promise<{ readonly plan: BatchPlan; readonly read: GroupRead }> {
  const unread = readPages(files, pages, signal, PAGE_BYTES_AT_ONCE);
  const groups: (WaitingPage & ListedPage)[][] = [];
  const read = async (planner: BatchPlanner) => {
    let readBytes = 0;
    let pagesRead = 0;
    for (let n = 0; !planner.isFull; n++) {
      if (n === groups.length) {
        const next = await unread.next();
        if (next.done) break;
        groups.push(next.value);
      }
      const some = groups[n]!;
      for (const page of some) {
        planner.add(page);
        readBytes += page.bytes;
      }
      pagesRead += some.length;
    }
    return { plan: planner.plan(nowMs), read: { ...planner.waiting, readBytes, pagesRead } };
  };
  const first = await read(new BatchPlanner(limits));
  // Only a batch that is due is worth reading those that are open.
  if (first.plan.kind === 'wait' || open.length === 0) return first;
  const ids = await filesOf(files, open, signal);
  return ids.size === 0 ? first : read(new BatchPlanner(limits, (id) => ids.has(id)));
}

/** What waits on all listed pages, if only some were read: a page's size says how many files it names. */
function estimated(
  { files, bytes, oldestMs, readBytes, pagesRead }: GroupRead,
  { pages, more }: Inbox,
): Waiting {
  const oldest = oldestMs === undefined ? {} : { oldestMs };
  const isAll = pagesRead === pages.length;
  if (isAll || readBytes === 0) return { files, bytes, ...oldest };
  const factor = pages.reduce((sum, page) => sum + page.bytes, 0) / readBytes;
  return {
    files: Math.round(files * factor),
    bytes: Math.round(bytes * factor),
    ...oldest,
    estimated: true,
    ...(more ? { more: true as const } : {}),
  };
}

async function filesOf(
  files: LoaderFiles,
  open: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const newest = [...new Set(open)].sort((a, b) => b - a).slice(0, MOST_OPEN_READ);
  const ids = new Set<string>();
  await forEachLimited(
    newest,
    READ_AT_ONCE,
    async (number, ended) => {
      const batch = await findDocument(batchDocument(files, number), ended);
      for (const file of batch?.files ?? []) ids.add(fileId(file));
    },
    signal,
  );
  return ids;
}

/** What still waits once the batch is taken. Which file is the oldest then, the next look finds. */
function without(waiting: Waiting, batch: Batch): Waiting {
  const bytes = bytesOf(batch.files);
  return {
    files: Math.max(0, waiting.files - batch.files.length),
    bytes: Math.max(0, waiting.bytes - bytes),
    ...(waiting.estimated === undefined ? {} : { estimated: true }),
    ...(waiting.more === undefined ? {} : { more: true }),
  };
}
