import type { Item } from '../item/attribute.ts';

/**
 * One change as the log keeps it, one JSON document per line. Images are DynamoDB-JSON, with numbers and binary as text, without
 * what the pipeline's mapping ignores, and with hashed or masked values in place of personal data.
 */
export interface ChangeRecord {
  /** The sequence number within its shard; the net image of a window has none. */
  readonly sequence?: string;
  readonly kind: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** When it happened, in seconds since 1970: DynamoDB rounds to the second or minute. */
  readonly at: number;
  readonly key: Item;
  /** The item after the change; absent for REMOVE. */
  readonly image?: Item;
  /** The item before the change, if the stream or export has it. */
  readonly before?: Item;
  /** The pipeline's `where` leaves out the item after the change. It may depend on what the image no longer shows. */
  readonly filtered?: true;
  /** DynamoDB deleted it because its time to live had passed. */
  readonly expired?: true;
}
