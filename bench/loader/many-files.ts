import type { ObjectStore } from '../../src/clients/object-store.ts';
import { inboxLocation, PAGE_FILES } from '../../src/pipeline/loader/inbox-pages.ts';
import type { LoaderDefinition } from '../../src/pipeline/loader/loader-definition.ts';
import { inboxPageKey } from '../../src/pipeline/loader/loader-directory.ts';
import type { InboxPage } from '../../src/pipeline/loader/loader-documents.ts';
import { bareEtag, type SourceFile } from '../../src/pipeline/loader/source-file.ts';
import { forEachLimited } from '../../src/store/for-each-limited.ts';

const PUTS_AT_ONCE = 32;
const PAGES_AT_ONCE = 8;

export interface FilesToWrite {
  readonly loader: string;
  readonly definition: LoaderDefinition;
  readonly files: number;
  readonly rowsPerFile: number;
}

/** Every tenth row is a later version of an earlier one. */
export const rowsLeft = (rows: number) => Math.ceil(rows * 0.9);

/** Puts small CSV files where a loader looks for them. @returns them in order */
export async function writeFiles(
  store: ObjectStore,
  { loader, definition, files, rowsPerFile }: FilesToWrite,
): Promise<SourceFile[]> {
  const keys = rowsLeft(files * rowsPerFile);
  const written: SourceFile[] = new Array(files);
  await forEachLimited(
    Array.from({ length: files }, (_, i) => i),
    PUTS_AT_ONCE,
    async (i) => {
      const rows = Array.from({ length: rowsPerFile }, (_, j) => {
        const n = i * rowsPerFile + j;
        return `${n % keys},${n},event ${n},${(n % 1000) / 8}\n`;
      });
      const body = `id,version,name,amount\n${rows.join('')}`;
      const key = `${definition.source.prefix}${String(i).padStart(7, '0')}.csv`;
      const etag = bareEtag(await store.put(key, body));
      const at = new Date().toISOString();
      written[i] = { bucket: store.bucket, key, etag, bytes: Buffer.byteLength(body), at, loader };
    },
    new AbortController().signal,
  );
  return written;
}

/** Files that wait, of which none exists: they are never reached. */
export function* neverReached(
  store: ObjectStore,
  loader: string,
  files: number,
  prefix = '',
): Generator<SourceFile> {
  const at = new Date().toISOString();
  for (let i = 0; i < files; i++) {
    const key = `${prefix}never-reached/hour=${String(i % 24).padStart(2, '0')}/part-${String(i).padStart(9, '0')}.csv`;
    yield { bucket: store.bucket, key, etag: '0123456789abcdef0123456789abcdef', bytes: 300, at, loader };
  }
}

/** Puts files into a loader's inbox as full pages, in the order given. */
export async function writeInbox(
  store: ObjectStore,
  definition: LoaderDefinition,
  ...files: Iterable<SourceFile>[]
): Promise<void> {
  const at = inboxLocation(definition);
  // Each page's time is a millisecond after the one before, so that pages keep the order of the files.
  let timeMs = Date.now() - 24 * 3600_000;
  const pages = function* () {
    let page: SourceFile[] = [];
    for (const file of files.values().flatMap((each) => each[Symbol.iterator]())) {
      page.push(file);
      if (page.length < PAGE_FILES) continue;
      yield { page, timeMs: timeMs++ };
      page = [];
    }
    if (page.length > 0) yield { page, timeMs: timeMs++ };
  };
  const left = pages();
  const lane = async () => {
    for (let next = left.next(); !next.done; next = left.next()) {
      const { page, timeMs: time } = next.value;
      const body: InboxPage = { version: 1, files: page };
      await store.putNew(inboxPageKey(at, time, 'bench'), JSON.stringify(body));
    }
  };
  await Promise.all(Array.from({ length: PAGES_AT_ONCE }, lane));
}
