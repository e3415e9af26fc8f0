import type { ChangeRecord } from '../changes/change-record.ts';
import type { Item } from '../item/attribute.ts';
import type { Key } from '../item/key.ts';
import { hidingOfImages, mappingOfImages } from '../mapping/destination-mapping.ts';
import { routeTest } from '../mapping/entity-route.ts';
import type { Hiding } from '../mapping/hide/hiding.ts';
import { shownConditions } from '../mapping/hide/shown-conditions.ts';
import { Withheld } from '../mapping/hide/withheld.ts';
import { type Mapping, rootTables } from '../mapping/mapping.ts';
import { RowFilter } from '../mapping/row-filter.ts';

/** One line of a history: one change. Images are DynamoDB-JSON, so numbers and binary arrive exactly. */
export interface HistoryLine {
  /** REMOVE also for an item that no longer meets the conditions of `where`. */
  readonly kind: ChangeRecord['kind'];
  /** When it happened. ISO 8601, UTC; DynamoDB rounds it to the second or minute. */
  readonly at: string;
  readonly key: Item;
  /** The item after the change; absent for REMOVE. */
  readonly image?: Item;
  /** The item before the change, if the stream has it and it met the conditions. */
  readonly before?: Item;
  /** Orders the changes of one shard. */
  readonly sequence?: string;
  readonly shard: string;
  /** DynamoDB deleted it because its time to live had passed. */
  readonly expired?: true;
  /** The item is still there, but no longer meets the conditions. */
  readonly filtered?: true;
}

/**
 * Makes of the changes of a log what a destination's history has: without what its mapping leaves out, and with personal
 * data hidden. A change of an item that met the conditions of `where` neither before nor after it has no line; if it is not
 * known whether it did before, the change has one.
 */
export class HistoryLines {
  readonly #withheld: Withheld;
  readonly #routes: readonly ((item: Item) => boolean)[];
  readonly #roots: readonly string[];
  readonly #after: RowFilter;
  readonly #before: RowFilter;
  /** Whether it can be seen of an item before a change that it met all conditions. */
  readonly #isBeforeKnown: boolean;

  /**
   * @param pipeline the mapping by which the log was written
   * @param joined the destination's, joined with it
   */
  constructor(pipeline: Mapping, joined: Mapping, key: Key, hiding: Hiding) {
    const mapping = mappingOfImages(pipeline, joined);
    this.#withheld = new Withheld(mapping, key, hidingOfImages(pipeline, joined, hiding));
    this.#routes = Object.values(mapping.entities).map((route) => routeTest(route, key));
    this.#roots = rootTables(mapping);
    // The log says itself which items the pipeline's conditions leave out: they may be about what it does not show.
    const { where = [] } = pipeline;
    const own = (joined.where ?? []).slice(where.length);
    this.#after = new RowFilter(own);
    const shown = shownConditions(pipeline, key, where);
    this.#isBeforeKnown = shown.length === where.length;
    this.#before = new RowFilter([...shown, ...own]);
  }

  /** Undefined if the history does not have the change. */
  of(record: ChangeRecord, shard: string): HistoryLine | undefined {
    const { kind, image, before } = record;
    if (image !== undefined && record.filtered === undefined && this.#after.keepsItem(image))
      return this.#line(record, shard, kind, image);
    const mayHaveBeen = before === undefined ? kind !== 'INSERT' : this.#before.keepsItem(before);
    return mayHaveBeen ? this.#line(record, shard, 'REMOVE', undefined) : undefined;
  }

  #line(
    { sequence, at, key, before, kind: happened, expired }: ChangeRecord,
    shard: string,
    kind: ChangeRecord['kind'],
    image: Item | undefined,
  ): HistoryLine {
    const isShown = this.#isBeforeKnown && before !== undefined && this.#before.keepsItem(before);
    return {
      ...{ kind, at: `${new Date(at * 1000).toISOString().slice(0, 19)}Z`, key },
      ...(image === undefined ? {} : { image: this.#kept(image) }),
      ...(isShown ? { before: this.#kept(before) } : {}),
      ...(sequence === undefined ? {} : { sequence }),
      shard,
      ...(expired === undefined ? {} : { expired }),
      ...(kind === happened ? {} : { filtered: true }),
    };
  }

  #kept(item: Item): Item {
    const entity = this.#routes.findIndex((isOf) => isOf(item));
    return this.#withheld.without(item, this.#roots[entity + 1]);
  }
}
