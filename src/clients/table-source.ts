import type { Item } from '../pipeline/item/attribute.ts';
import type { Key } from '../pipeline/item/key.ts';

/** What Tributary needs of DynamoDB: what a table is, and its pages, segment by segment. */
export interface TableSource {
  /** @throws TableNotFound with the table's name and region. */
  describe(table: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<TableDescription>;
  /**
   * One page of one segment of a parallel scan. The items are DynamoDB-JSON, numbers and binary as text,
   * checked against the answer's CRC; attributes named like object built-ins are ordinary own properties.
   */
  scanPage(request: ScanRequest): Promise<ScanPage>;
}

export interface TableDescription {
  readonly tableName: string;
  /** DynamoDB's own: another one once the table was deleted and made anew under its name. */
  readonly tableId?: string;
  readonly key: Key;
  readonly approximateItems: number;
  readonly approximateBytes: number;
  /** Of a table with provisioned capacity; undefined where it is billed on demand, or does not tell. */
  readonly readCapacityUnits?: number;
}

export interface ScanRequest {
  readonly table: string;
  readonly segment: number;
  readonly segments: number;
  /** The page before's lastEvaluatedKey. */
  readonly from?: Item | undefined;
  /** At most this many items; a page is at most 1 MB anyway. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ScanPage {
  readonly items: readonly Item[];
  /** The answer's Count, which must equal items.length. */
  readonly count: number;
  /** Absent only at the segment's end; a page without items may still have one. */
  readonly lastEvaluatedKey: Item | undefined;
  readonly readUnits: number;
}
