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
}

interface ExportRequest {
  readonly tableArn: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly token: string;
}

export interface ExportState {
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  /** Why it failed: DynamoDB's code and message. */
  readonly failure?: string;
}
