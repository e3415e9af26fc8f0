import type { Item } from '../item/attribute.ts';
import type { Path } from '../item/path.ts';

/** A line of a file in `rejects/`: an item that was set aside, and the reason. */
export interface Reject {
  /** Does not quote values, so that items can be counted by reason. */
  readonly reason: string;
  /** The path in the item that caused it. */
  readonly path: Path;
  /** The item's primary key. */
  readonly key: Item;
  readonly item: Item;
}
