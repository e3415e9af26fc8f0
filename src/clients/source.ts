import type { Item } from '../pipeline/item/attribute.ts';
import type { Cursor } from '../pipeline/run/segments/cursor.ts';
import type { ItemBytes } from './item-bytes.ts';

/**
 * Where items come from, in splits that are read independently of each other: the segments of a parallel scan, or the
 * files of an export.
 */
export interface Source {
  /** DynamoDB's id of the table that the pages come from now; undefined if it has none. */
  tableId(signal: AbortSignal): Promise<string | undefined>;
  /**
   * The pages of a split, in an order that does not change. The next one is requested when the caller asks for it, so a
   * caller that asks early reads ahead by one page.
   * @param from `next` of the page before; undefined at the beginning
   */
  pages(split: Split, from: Cursor | undefined, options: PageOptions): AsyncIterator<Page, void>;
}

/** One of so many parts of a source, counted from 0. The same numbers always mean the same items of one plan. */
export interface Split {
  readonly segment: number;
  readonly segments: number;
}

interface PageOptions {
  /** The most items of a page. Regardless of it, a page has only a few megabytes. */
  readonly limit?: number | undefined;
  /** Decides when a page may be requested, and of how many items. A source that costs no read units ignores it. */
  readonly pace?: PagePace | undefined;
  readonly signal: AbortSignal;
}

export interface PagePace {
  page<Read extends Pick<Page, 'count' | 'readUnits'>>(
    request: (limit: number) => Promise<Read>,
    signal: AbortSignal,
  ): Promise<Read>;
}

export interface Page {
  /** Parsed when they are first asked for, if the page has `bytes`. */
  readonly items: readonly Item[];
  /** The same items as their source sent them; undefined if they cannot be found without parsing the page. */
  readonly bytes?: ItemBytes | undefined;
  /** The number of items, as their source counted them. */
  readonly count: number;
  /** Where the next page begins. Undefined only at the end of the split: a page without items may have a successor. */
  readonly next: Cursor | undefined;
  readonly readUnits: number;
}

/** The next page of a split that has one. It derives from the iterator's promise, so that its failure is heard once. */
export function nextPage(pages: AsyncIterator<Page, void>): Promise<Page> {
  return pages.next().then(({ done, value }) => {
    if (done === true) throw new Error('A page was asked for after the end of its split.');
    return value;
  });
}
