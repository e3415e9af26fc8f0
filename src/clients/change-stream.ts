import type { Item } from '../pipeline/item/attribute.ts';
import type { CallOptions } from './object-store.ts';

/** The calls that have limits of their own: per shard, per stream, and per account. */
type LimitedCall = 'GetRecords' | 'GetShardIterator' | 'DescribeStream';

export interface StreamCallOptions extends CallOptions {
  /** Called each time that an attempt is refused because of a limit of DynamoDB Streams, also if it is then repeated. */
  readonly onLimit?: ((call: LimitedCall) => void) | undefined;
}

/** Exactly what Tributary needs of DynamoDB Streams. A stream keeps records for 24 hours. */
export interface ChangeStreams {
  /**
   * The stream that is enabled on a table.
   * @param table name or ARN
   * @returns undefined if no stream is enabled
   * @throws Terminal `TableNotFound`, `TableNotReadable`
   */
  streamOf(table: string, options?: CallOptions): Promise<StreamOfTable | undefined>;
  /**
   * All shards that the stream lists, open and closed, over all pages of the answer.
   * @returns undefined if the stream no longer exists
   */
  shards(streamArn: string, options?: StreamCallOptions): Promise<ListedShards | undefined>;
  /** Reads a shard after a sequence number, from one on, or from the oldest record that is kept. Calls nothing yet. */
  read(request: ReadRequest): ShardReader;
}

export interface StreamOfTable {
  readonly arn: string;
  /** When it was enabled, in milliseconds since 1970: the label of the stream. */
  readonly enabledAtMs: number;
  readonly viewType: string;
  readonly tableId: string;
}

interface ListedShards {
  /** `DISABLED`: no new records; those it has can be read for 24 hours. */
  readonly status: 'ENABLING' | 'ENABLED' | 'DISABLING' | 'DISABLED';
  readonly shards: readonly ListedShard[];
}

export interface ListedShard {
  readonly id: string;
  readonly parent?: string;
  /** It takes no more records. */
  readonly closed: boolean;
  /** The sequence number with which the shard began. */
  readonly first?: string;
}

interface ReadRequest {
  readonly streamArn: string;
  readonly shard: string;
  /** The sequence number after which reading begins. */
  readonly after?: string | undefined;
  /**
   * The sequence number with which reading begins, unless `after` is given. With `ListedShard.first`, all records of the
   * shard are read, or reading fails with `ChangesTrimmed`. If both are absent, reading begins with the oldest record that
   * is kept, and older ones are passed over silently.
   */
  readonly from?: string | undefined;
}

export interface ShardReader {
  /**
   * The next records, at most 1,000 and 1 MB. An empty answer proves nothing: records may follow. Iterators are renewed
   * as needed, and after any failure, so the next call continues after the last record that was returned.
   * @returns the records, and whether the shard ends with them
   * @throws Terminal `ChangesTrimmed` if records after the place are no longer kept, or may not be, or if the stream no
   *   longer has the shard
   */
  next(options?: StreamCallOptions): Promise<StreamPage>;
}

export interface StreamPage {
  readonly records: readonly StreamRecord[];
  readonly ended: boolean;
  /** Frees the memory of what was sent, once the records are no longer needed. */
  readonly release?: () => void;
}

/** Between two indexes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a record's key and images are in an answer, as JSON in UTF-8. */
export interface SentBytes {
  readonly body: Buffer;
  readonly key: Span;
  readonly image?: Span;
  readonly before?: Span;
}

/** A record as the stream sends it; images are DynamoDB-JSON with exact numbers. */
export interface StreamRecord {
  readonly sequence: string;
  readonly kind: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** In seconds since 1970. */
  readonly at: number;
  readonly key: Item;
  readonly image?: Item | undefined;
  readonly before?: Item | undefined;
  /** The same key and images as they were sent. Absent if the answer had to be parsed. */
  readonly sent?: SentBytes;
  /** Deleted by DynamoDB's time to live. */
  readonly expired: boolean;
  readonly bytes: number;
}
