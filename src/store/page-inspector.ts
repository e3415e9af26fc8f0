import { parseItems, refuseOtherCount } from '../clients/item-bytes.ts';
import type { Page } from '../clients/source.ts';
import { sampleLayouts } from '../pipeline/columns/layout-growth.ts';
import type { Item } from '../pipeline/item/attribute.ts';
import { NULL_TEXT } from '../pipeline/item/csv.ts';
import type { Key } from '../pipeline/item/key.ts';
import { aspectPath } from '../pipeline/item/path.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import { createShredder, type Shredder } from '../pipeline/mapping/shred.ts';
import { emptySeen, mergeSeen, type Seen } from '../pipeline/seen/seen.ts';
import { Transcoder } from '../transcode/transcoder.ts';
import type { CauseWatch } from './cause-watch.ts';

/**
 * Records what the items of pages show, and keeps nothing else. The first page is parsed. Its common columns then serve
 * to walk over the bytes of the others, so that only items with something new are parsed.
 */
export class PageInspector {
  readonly #key: Key;
  readonly #mapping: Mapping;
  readonly #onItem: (item: Item) => void;
  readonly #watch: CauseWatch | undefined;
  #shredder: Shredder;
  /** Walks over the pages after the first one; absent if a table has more columns than fit. */
  #transcoder: Transcoder | undefined;
  /** What the first page showed. */
  #first: Seen | undefined;
  #rejects = 0;
  #filtered = 0;

  /**
   * @param onItem called with items that were neither rejected nor filtered, as the mapping keeps them: with those of the first page, and
   *   with every item that has something new
   * @param watch finds the items that will change the agreed schema
   */
  constructor(key: Key, mapping: Mapping, onItem: (item: Item) => void = () => {}, watch?: CauseWatch) {
    this.#key = key;
    this.#mapping = mapping;
    this.#onItem = onItem;
    this.#watch = watch;
    this.#shredder = createShredder({ key, mapping, layouts: [] });
  }

  /** The items that cannot be written exactly. */
  get rejects(): number {
    return this.#rejects;
  }

  /** The items that do not meet the conditions of `where`. */
  get filtered(): number {
    return this.#filtered + (this.#transcoder?.filtered ?? 0);
  }

  /** @throws Terminal `PageUnreadable` */
  take(page: Page): void {
    const { bytes } = page;
    if (this.#transcoder === undefined || bytes === undefined) {
      for (const item of page.items) this.#shred(item);
    } else {
      const { items, next, isJson } = this.#transcoder.takeItems(bytes, bytes.start, () => false);
      const rest = isJson ? [] : parseItems(bytes, next);
      for (const item of rest) this.#shred(item);
      refuseOtherCount(page.count, items + rest.length);
    }
    this.#watch?.page(this.#shredder.trees, () => page.items);
    bytes?.release?.();
    if (this.#first === undefined && page.count > 0) this.#prepare();
  }

  /** What all items showed that were not rejected. Ends the inspection. */
  takeSeen(): Seen {
    return mergeSeen(this.#first ?? emptySeen(), this.#shredder.takeSeen());
  }

  #prepare(): void {
    const first = this.#shredder.takeSeen();
    this.#first = first;
    const layouts = sampleLayouts(first, this.#key);
    // Values in the columns for the rest would not be seen at their own paths.
    const isOverfull = layouts.some(({ table, columns }) =>
      columns.some(({ path }) => path === aspectPath(table, 'rest')),
    );
    if (isOverfull) return;
    const options = { key: this.#key, mapping: this.#mapping, nullText: NULL_TEXT };
    this.#shredder = createShredder({ ...options, layouts });
    this.#transcoder = new Transcoder({
      ...options,
      trees: this.#shredder.trees,
      shred: (body) => {
        for (const item of parseItems({ body, end: body.length }, 0)) this.#shred(item);
      },
    });
  }

  #shred(item: Item): void {
    const { kind } = this.#shredder.shred(item);
    if (kind === 'rejected') this.#rejects++;
    else if (kind === 'filtered') this.#filtered++;
    else this.#onItem(this.#shredder.kept(item));
  }
}
