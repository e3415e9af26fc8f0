import type { Page, PagePace } from '../../clients/source.ts';
import type { Waits } from '../../clients/waits.ts';

/** A page has at most 1 MB, and an eventually consistent read of 4 KB costs half a unit. */
const MOST_UNITS_PER_PAGE = 128;
/** A page should cost no more than the run may read in this time, so that the rate is even. */
const SECONDS_PER_PAGE = 0.75;
/** The first page of a table whose items' size is unknown. */
const FIRST_ITEMS = 10;

/** What `ReadBudget` does for one segment. */
interface Budget {
  take(units: number, signal: AbortSignal): Promise<void>;
  correct(more: number): void;
}

/** A table's size, as DynamoDB estimates it. */
export interface TableSize {
  readonly approximateItems: number;
  readonly approximateBytes: number;
}

/**
 * Reads one segment's pages at the rate that its run's budget allows. Units are taken for a page before it is requested,
 * as many as its items are expected to cost; small rates get small pages.
 */
export class Pace implements PagePace {
  readonly #budget: Budget;
  readonly #unitsPerSecond: number;
  readonly #waits: Waits;
  readonly #stopping: AbortSignal | undefined;
  readonly #secondsPerPage: number;
  /** By the pages so far; at first, by the table's size. */
  #unitsPerItem: number | undefined;
  #items = 0;
  #units = 0;

  /**
   * @param unitsPerSecond the whole run's rate
   * @param waits shows when a page waits for units
   * @param options `stopping` ends every wait, because a stopping worker has little time for its last cut;
   *   `secondsPerPage` is how long the run may take to earn a page's units
   */
  constructor(
    budget: Budget,
    unitsPerSecond: number,
    waits: Waits,
    {
      size,
      stopping,
      secondsPerPage = SECONDS_PER_PAGE,
    }: {
      readonly size?: TableSize | undefined;
      readonly stopping?: AbortSignal | undefined;
      readonly secondsPerPage?: number;
    } = {},
  ) {
    this.#budget = budget;
    this.#unitsPerSecond = unitsPerSecond;
    this.#waits = waits;
    this.#stopping = stopping;
    this.#secondsPerPage = secondsPerPage;
    if (size !== undefined && size.approximateItems > 0 && size.approximateBytes > 0)
      this.#unitsPerItem = size.approximateBytes / size.approximateItems / 8192;
  }

  /**
   * Requests a page once its units may be spent.
   * @param request given the most items to read
   * @throws the signal's reason if it aborts during the wait
   */
  async page<Read extends Pick<Page, 'count' | 'readUnits'>>(
    request: (limit: number) => Promise<Read>,
    signal: AbortSignal,
  ): Promise<Read> {
    const unitsOfPage = Math.min(MOST_UNITS_PER_PAGE, this.#secondsPerPage * this.#unitsPerSecond);
    const limit =
      this.#unitsPerItem === undefined
        ? FIRST_ITEMS
        : Math.max(1, Math.floor(unitsOfPage / this.#unitsPerItem));
    const expected = Math.min(MOST_UNITS_PER_PAGE, limit * (this.#unitsPerItem ?? 0.5));
    const taken = await this.#take(expected, signal);
    let page: Read;
    try {
      page = await request(limit);
    } catch (error) {
      this.#budget.correct(-taken);
      throw error;
    }
    this.#budget.correct(page.readUnits - taken);
    this.#items += page.count;
    this.#units += page.readUnits;
    if (this.#items > 0) this.#unitsPerItem = this.#units / this.#items;
    return page;
  }

  /** @returns the units that were taken: none if the worker is stopping */
  async #take(units: number, signal: AbortSignal): Promise<number> {
    const ended = this.#stopping === undefined ? signal : AbortSignal.any([signal, this.#stopping]);
    try {
      const why = () => `the run's readUnitsPerSecond, ${this.#unitsPerSecond}, is used up`;
      await this.#waits.during('read rate', why, () => this.#budget.take(units, ended));
      return units;
    } catch (error) {
      if (signal.aborted || !ended.aborted) throw error;
      return 0;
    }
  }
}
