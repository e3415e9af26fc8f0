import type { Item } from '../item/attribute.ts';
import type { Path } from '../item/path.ts';

/** A line of a file in `rejects/`: an item that was set aside, and why. */
export interface Reject {
  /** Names no value, so that items can be counted by it. */
  readonly reason: string;
  /** Where in the item. */
  readonly path: Path;
  /** The item's primary key. */
  readonly key: Item;
  readonly item: Item;
}
