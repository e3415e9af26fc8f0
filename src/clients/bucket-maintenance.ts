import type { CallOptions } from './object-store.ts';

/** What is asked of a bucket when it is looked after, besides its objects. */
export interface BucketMaintenance {
  readonly bucket: string;
  /** Uploads in parts that were begun under a prefix and neither completed nor aborted: their parts are paid for. */
  uploads(prefix: string, options?: CallOptions): AsyncIterable<OpenUpload>;
  abort(upload: OpenUpload, options?: CallOptions): Promise<void>;
  /** The region's name; undefined where the store does not tell. */
  region(options?: CallOptions): Promise<string | undefined>;
  versioning(options?: CallOptions): Promise<'on' | 'off'>;
  /** Rules that are in force; none where the bucket has no lifecycle. */
  lifecycle(options?: CallOptions): Promise<readonly LifecycleRule[]>;
  /** S3's clock, to a second. */
  time(options?: CallOptions): Promise<Date>;
}

interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly startedAt: Date;
}

export interface LifecycleRule {
  readonly id: string;
  /** Keys it applies to; '' is all of them. */
  readonly prefix: string;
  /** Current objects are deleted after so many days; undefined where they are not. */
  readonly expiresAfterDays?: number;
  readonly abortsUploadsAfterDays?: number;
  /** Noncurrent versions go after so many days. */
  readonly noncurrentAfterDays?: number;
}
