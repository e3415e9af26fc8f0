import type { CallOptions } from './object-store.ts';

/** Exactly what Tributary needs of DynamoDB's exports to S3. */
export interface TableExports {
  /**
   * Asks for an export. The same token with the same request returns the same export for 8 hours, even a failed one.
   * @returns its ARN
   * @throws Terminal `TableNotFound`, `RecoveryDisabled`; Transient `Throttled` if too many exports are in progress
   */
  request(wanted: ExportRequest, options?: CallOptions): Promise<string>;
  /** @throws Terminal `ExportNotFound` */
  describe(arn: string, options?: CallOptions): Promise<ExportState>;
  /**
   * The times as of which a table can be exported.
   * @param table name or ARN
   * @returns undefined if point-in-time recovery is disabled, or is being enabled
   * @throws Terminal `TableNotFound`
   */
  restorable(table: string, options?: CallOptions): Promise<Restorable | undefined>;
}

interface ExportRequest {
  readonly tableArn: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly token: string;
  /** Of an incremental export. If omitted, the export is a full one, as of now. */
  readonly window?: RequestedWindow;
}

/** What changed from one time, inclusive, to another, exclusive: 15 minutes to 24 hours. In seconds since 1970. */
export interface RequestedWindow {
  readonly from: number;
  readonly to: number;
  readonly viewType: 'NEW_IMAGE' | 'NEW_AND_OLD_IMAGES';
}

/** In seconds since 1970. */
export interface Restorable {
  /** When recovery was enabled, or as long ago as it reaches back. */
  readonly earliest: number;
  /** About five minutes ago. */
  readonly latest: number;
}

export interface ExportState {
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  /** Why it failed: DynamoDB's code and message. */
  readonly failure?: string;
}
