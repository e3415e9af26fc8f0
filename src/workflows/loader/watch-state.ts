import type { WatchTotals } from '../../contract/loader/loader.ts';
import type {
  ListFilesResult,
  ListingSeen,
  QueueSeen,
  ReceiveFilesResult,
  WatchProblem,
  WatchProgress,
} from '../../contract/loader/watch.ts';
import { type Watched, watchedText } from '../../pipeline/loader/watched.ts';

const NOTHING: WatchTotals = { messages: 0, files: 0, unmatched: 0, poison: 0, listed: 0 };

/**
 * How long no loader may use what is watched before the watcher ends: while a changed configuration is deployed, some
 * workers have the old one.
 */
const UNUSED_MS = 10 * 60_000;

/** What a watcher knows: state without Temporal. */
export class WatchState {
  readonly watched: Watched;
  readonly #since: string;
  #loaders: readonly string[];
  #totals: WatchTotals;
  #queue: QueueSeen | undefined;
  readonly #listings = new Map<string, ListingSeen>();
  /** By the part that fails. */
  readonly #problems = new Map<'receive' | 'list', readonly WatchProblem[]>();
  #unusedMs: number | undefined;
  #ended: string | undefined;

  /** @param since when it was started. ISO 8601 */
  constructor(watched: Watched, loaders: readonly string[], since: string, totals: WatchTotals = NOTHING) {
    this.#since = since;
    this.watched = watched;
    this.#loaders = loaders;
    this.#totals = totals;
  }

  get totals(): WatchTotals {
    return this.#totals;
  }

  /** Why the watcher is to end. */
  get ended(): string | undefined {
    return this.#ended;
  }

  received(found: ReceiveFilesResult, nowMs: number): void {
    const { messages, files, unmatched, poison } = this.#totals;
    this.#totals = {
      ...this.#totals,
      messages: messages + found.messages,
      files: files + found.files,
      unmatched: unmatched + found.unmatched,
      poison: poison + found.poison,
    };
    this.#queue = found.queue;
    this.#problems.set('receive', found.problems);
    this.#usedBy(found.loaders, nowMs);
  }

  listed(found: ListFilesResult, nowMs: number): void {
    for (const listing of found.listings) this.#listings.set(listing.loader, listing);
    for (const loader of this.#listings.keys())
      if (!found.loaders.includes(loader)) this.#listings.delete(loader);
    const listed = found.listings.reduce((sum, listing) => sum + listing.found, 0);
    this.#totals = { ...this.#totals, listed: this.#totals.listed + listed };
    this.#problems.set('list', found.problems);
    this.#usedBy(found.loaders, nowMs);
  }

  failed(part: 'receive' | 'list', problem: WatchProblem): void {
    this.#problems.set(part, [problem]);
  }

  progress(): WatchProgress {
    const problems = [...this.#problems.values()].flat();
    const state = problems.length > 0 || this.#unusedMs !== undefined ? 'waiting' : 'running';
    return {
      watched: this.watched,
      loaders: this.#loaders,
      state: this.#ended === undefined ? state : 'completed',
      totals: this.#totals,
      since: this.#since,
      ...(this.#unusedMs === undefined ? {} : { unusedSince: new Date(this.#unusedMs).toISOString() }),
      ...(this.#queue === undefined ? {} : { queue: this.#queue }),
      listings: [...this.#listings.values()],
      problems,
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
    };
  }

  #usedBy(loaders: readonly string[], nowMs: number): void {
    this.#loaders = loaders;
    if (loaders.length > 0) this.#unusedMs = undefined;
    else {
      this.#unusedMs ??= nowMs;
      if (nowMs - this.#unusedMs >= UNUSED_MS)
        this.#ended = `No loader of the configuration uses ${watchedText(this.watched)} any more.`;
    }
  }
}
