import type { Listing } from '../../pipeline/loader/listing.ts';
import type { LoaderDefinition } from '../../pipeline/loader/loader-definition.ts';
import { findDocument } from '../../store/document.ts';
import { listingFile, setListingFrom } from '../../store/loader/listing-file.ts';
import { CommandError, ExitCode } from '../terminal/exit-code.ts';
import { TRIBUTARY, WITH_CONFIG } from '../terminal/invocation.ts';
import { count, counted, duration, instant } from '../terminal/measures.ts';
import { filesWithoutTemporal, loadersHere, tableOf } from './loaders-here.ts';

export interface BookmarkOptions {
  /** ISO 8601. */
  readonly set?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** Shows, and with `set` moves, the time before which a loader's listings ignore files. */
export async function bookmark(
  name: string,
  { set, json = false, config }: BookmarkOptions,
): Promise<ExitCode> {
  if (set !== undefined) refuseFuture(set, Date.now());
  const all = await loadersHere(config);
  const { store, at } = filesWithoutTemporal(tableOf(all, name, config), config);
  const file = listingFile(store, at, name);
  const definition = all[name]!;
  const listing = set === undefined ? await findDocument(file) : await setListingFrom(file, set);
  if (listing === undefined && set !== undefined) {
    throw new CommandError(
      ExitCode.failed,
      `Loader ${name} has not listed yet, so there is no bound to set. Set source.listFrom: ${set} in the configuration ` +
        `before its first start, or start it: ${TRIBUTARY} loader start ${name}${WITH_CONFIG}`,
    );
  }
  const text = json
    ? JSON.stringify(bookmarkJson(listing, definition))
    : bookmarkLines(name, listing, definition).join('\n');
  process.stdout.write(`${text}\n`);
  return ExitCode.done;
}

/** Until that time, every file would be ignored without a word. @throws CommandError */
export function refuseFuture(set: string, nowMs: number): void {
  if (Date.parse(set) <= nowMs) return;
  throw new CommandError(
    ExitCode.usage,
    `--set: ${set} is in the future. Files that arrive before it would never be listed. To load nothing for a time, ` +
      `use ${TRIBUTARY} loader pause <name>.`,
  );
}

export function bookmarkLines(
  name: string,
  listing: Listing | undefined,
  { source, ledgerDays }: LoaderDefinition,
): string[] {
  const overlap = `overlap ${duration(source.overlapSeconds)} (source.overlapSeconds in the configuration)`;
  if (listing === undefined) {
    const from = source.listFrom === undefined ? 'from its first start' : `from ${source.listFrom}`;
    return [`${name} has not listed yet; it will list ${from}, ${overlap}.`];
  }
  const { from, newest, listedAt, files = 0, found = 0, tooOld = 0 } = listing;
  return [
    `${name} lists files last modified since ${instant(new Date(from))}, ${overlap}.`,
    ...(newest === undefined ? [] : [`The newest file so far: ${instant(new Date(newest))}.`]),
    ...(listedAt === undefined
      ? []
      : [
          `Listed at ${instant(new Date(listedAt))}: ${counted(files, 'file')}, ${count(found)} of them new.`,
        ]),
    ...(tooOld === 0
      ? []
      : [
          `Older than ledgerDays (${ledgerDays}), and left out: ${counted(tooOld, 'file')}. ${TRIBUTARY} load loads them.`,
        ]),
  ];
}

const bookmarkJson = (listing: Listing | undefined, { source }: LoaderDefinition) => ({
  from: listing?.from ?? source.listFrom ?? null,
  overlapSeconds: source.overlapSeconds,
  newest: listing?.newest ?? null,
  listedAt: listing?.listedAt ?? null,
  files: listing?.files ?? null,
  found: listing?.found ?? null,
  tooOld: listing?.tooOld ?? null,
});
