import type { CallOptions } from './object-store.ts';

/** What maintenance needs of a bucket, in addition to its objects. */
export interface BucketMaintenance {
  readonly bucket: string;
  /** Multipart uploads under a prefix that were neither completed nor aborted. S3 charges for their parts. */
  uploads(prefix: string, options?: CallOptions): AsyncIterable<OpenUpload>;
  /** Aborts an upload. An upload that was already completed or aborted is not an error. */
  abort(upload: OpenUpload, options?: CallOptions): Promise<void>;
  /** The name of the bucket's region; undefined if the store does not report it. */
  region(options?: CallOptions): Promise<string | undefined>;
  versioning(options?: CallOptions): Promise<'on' | 'off'>;
  /** The enabled lifecycle rules; none if the bucket has no lifecycle configuration. */
  lifecycle(options?: CallOptions): Promise<readonly LifecycleRule[]>;
  /** The time by S3's clock, to the second. */
  time(options?: CallOptions): Promise<Date>;
}

interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly startedAt: Date;
}

export interface LifecycleRule {
  readonly id: string;
  /** The prefix of the keys it applies to; '' matches all keys. */
  readonly prefix: string;
  /** The age at which current objects are deleted; undefined if they are not. */
  readonly expiresAfterDays?: number;
  readonly abortsUploadsAfterDays?: number;
  /** The age at which noncurrent versions are deleted. */
  readonly noncurrentAfterDays?: number;
}
