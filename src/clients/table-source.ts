import type { Item } from '../pipeline/item/attribute.ts';
import type { Key } from '../pipeline/item/key.ts';
import type { Page } from './source.ts';

/** What Tributary needs of DynamoDB: the description of a table, and its pages, segment by segment. */
export interface TableSource {
  /**
   * @param table name or ARN
   * @throws Terminal `TableNotFound` with the table's name and region, `TableNotReadable`; Transient `TableNotReady`.
   */
  describe(table: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<TableDescription>;
  /**
   * Reads one page of one segment of a parallel scan. The items are DynamoDB-JSON, with numbers and binary as text,
   * checked against the response's CRC. Attributes named like object built-ins are ordinary own properties.
   */
  scanPage(request: ScanRequest): Promise<ScanPage>;
}

export interface TableDescription {
  readonly tableName: string;
  readonly tableArn?: string;
  /** DynamoDB's id of the table. It differs after the table is deleted and recreated under the same name. */
  readonly tableId?: string;
  readonly key: Key;
  readonly approximateItems: number;
  readonly approximateBytes: number;
  /** Provisioned read capacity; undefined if the table is billed on demand or does not report it. */
  readonly readCapacityUnits?: number;
}

export interface ScanRequest {
  readonly table: string;
  readonly segment: number;
  readonly segments: number;
  /** The previous page's `next`; absent for the first page. */
  readonly from?: Item | undefined;
  /** The most items in the page. Regardless of it, a page has at most 1 MB. */
  readonly limit?: number | undefined;
  /** Strongly consistent, which costs twice as many read units. Default: false. */
  readonly consistent?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `count` is the response's Count, which must equal the number of items. */
export interface ScanPage extends Page {
  /** The response's LastEvaluatedKey. */
  readonly next: Item | undefined;
}
