import type { ObjectStore } from '../clients/object-store.ts';
import type { Column } from '../pipeline/columns/layout.ts';
import type { AttributeValue, Item } from '../pipeline/item/attribute.ts';
import type { Key } from '../pipeline/item/key.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import type { Place, Table } from '../pipeline/mapping/place.ts';
import { createShredder, type Shredder } from '../pipeline/mapping/shred.ts';
import type { AgreedSchema } from '../pipeline/schema/agreed-schema.ts';
import { type Cause, causeIdentity } from '../pipeline/schema/cause.ts';
import { type Surprise, Surprises } from '../pipeline/schema/surprises.ts';
import type { Tally } from '../pipeline/seen/tally.ts';
import { type AgreedLocation, findAgreed } from './agreed-schema-file.ts';

/** A segment names the items of at most so many changes, and parses at most so many pages for them. */
const MOST_CAUSES = 100;
const MOST_PAGES = 30;
/** A segment that shows more places has dictionaries, whose columns no operator reads one by one. */
const MOST_PLACES = 5000;

type Shown = Pick<Tally, 'traits' | 'maxAmount' | 'maxIntegerDigits' | 'maxScale'>;

/**
 * Finds the items because of which the agreed schema will change. After each page, it compares what the segment has seen
 * with the schema. Only if a page shows something new, its items are looked at one by one.
 */
export class CauseWatch {
  readonly #surprises: Surprises;
  readonly #key: Key;
  readonly #shredder: Shredder;
  /** Changes whose item is known. */
  readonly #explained = new Set<string>();
  /** What a tally had shown when it was last looked at. */
  readonly #known = new WeakMap<Tally, Shown>();
  #causes: Cause[] = [];
  #pages = 0;
  #hasEnded = false;

  constructor(agreed: AgreedSchema, key: Key, mapping: Mapping) {
    this.#surprises = new Surprises(agreed, key, mapping);
    this.#key = key;
    this.#shredder = createShredder({ key, mapping, layouts: [] });
  }

  /**
   * @param trees the places of all that the cut has seen so far, this page included
   * @param items parses the page's items
   */
  page(trees: readonly Table[], items: () => Iterable<Item>): void {
    if (this.#hasEnded) return;
    const missing = new Map<string, Surprise>();
    let places = 0;
    for (const tree of trees) {
      for (const table of tree.withAllBelow()) {
        for (const place of table.places()) {
          places++;
          if (!this.#hasGrown(place)) continue;
          for (const surprise of this.#surprises.at(table, place)) {
            const id = causeIdentity(surprise.table, surprise.column);
            if (!this.#explained.has(id)) missing.set(id, surprise);
          }
        }
      }
    }
    if (places > MOST_PLACES) this.#hasEnded = true;
    else if (missing.size > 0) this.#explain(missing, items());
  }

  /** What was found since the last call. */
  take(): Cause[] {
    const causes = this.#causes;
    this.#causes = [];
    return causes;
  }

  /** Tallies grow with every value, but what they show about types seldom does. */
  #hasGrown({ scalars, bytes, counts }: Place): boolean {
    let hasGrown = this.#showsMore(scalars);
    if (bytes !== undefined) hasGrown = this.#showsMore(bytes) || hasGrown;
    if (counts !== undefined) hasGrown = this.#showsMore(counts) || hasGrown;
    return hasGrown;
  }

  #showsMore(tally: Tally): boolean {
    const { odd } = tally;
    const ofOdd = odd !== undefined && this.#showsMore(odd);
    if (tally.values === 0) return ofOdd;
    const { traits, maxAmount, maxIntegerDigits, maxScale } = tally;
    const before = this.#known.get(tally);
    if (
      before?.traits === traits &&
      before.maxAmount === maxAmount &&
      before.maxIntegerDigits === maxIntegerDigits &&
      before.maxScale === maxScale
    )
      return ofOdd;
    this.#known.set(tally, { traits, maxAmount, maxIntegerDigits, maxScale });
    return true;
  }

  #explain(missing: Map<string, Surprise>, items: Iterable<Item>): void {
    this.#pages++;
    for (const item of items) {
      const shredded = this.#shredder.shred(item);
      if (shredded.kind !== 'rejected') {
        for (const tree of this.#shredder.trees) {
          for (const table of tree.withAllBelow()) {
            for (const place of table.places()) {
              for (const { table: path, column } of this.#surprises.at(table, place))
                this.#found(missing, path, column, item);
            }
          }
        }
      }
      this.#shredder.takeSeen();
      if (missing.size === 0) break;
    }
    if (this.#pages >= MOST_PAGES || this.#explained.size >= MOST_CAUSES) this.#hasEnded = true;
  }

  #found(missing: Map<string, Surprise>, table: string, column: Column, item: Item): void {
    const id = causeIdentity(table, column);
    if (!missing.delete(id)) return;
    this.#explained.add(id);
    const key = Object.fromEntries(this.#key.map(({ name }) => [name, item[name] as AttributeValue])) as Item;
    this.#causes.push({ table, ...column, key });
  }
}

/**
 * The watch for a pipeline's agreed schema; undefined if there is none. It only explains changes, so a schema that cannot
 * be read stops nothing.
 */
export async function findCauseWatch(
  store: ObjectStore,
  at: AgreedLocation,
  { key, mapping }: { readonly key: Key; readonly mapping: Mapping },
  signal: AbortSignal,
): Promise<CauseWatch | undefined> {
  try {
    const agreed = await findAgreed(store, at, signal);
    return agreed && new CauseWatch(agreed, key, mapping);
  } catch {
    return undefined;
  }
}
