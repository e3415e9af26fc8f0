import { z } from 'zod';
import { compareBytes } from '../sql/identifier.ts';

/**
 * A file that a loader is to load. Its identity is bucket, key and ETag (without quotes), the same from an event, a
 * listing and a bulk load: announced twice it is one file, overwritten with other bytes it is another.
 */
export const SourceFile = z.object({
  bucket: z.string(),
  key: z.string(),
  /** Without quotes. */
  etag: z.string(),
  bytes: z.number().int().nonnegative(),
  /** ISO 8601: when the file was announced, or last modified if a listing found it. */
  at: z.string(),
  /** The loader whose prefix it matched: its format decides how the file is read. */
  loader: z.string(),
});
export type SourceFile = z.infer<typeof SourceFile>;

/** The identity as one text. */
export const fileId = ({ bucket, key, etag }: Pick<SourceFile, 'bucket' | 'key' | 'etag'>) =>
  JSON.stringify([bucket, key, etag]);

/** Its address, for messages. */
export const addressOf = ({ bucket, key }: Pick<SourceFile, 'bucket' | 'key'>) => `s3://${bucket}/${key}`;

/** The bytes of all of them. */
export const bytesOf = (files: readonly Pick<SourceFile, 'bytes'>[]) =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

/** S3 returns ETags in quotes; events have them without. */
export const bareEtag = (etag: string) => etag.replace(/^(?:W\/)?"|"$/g, '');

/** Oldest first, then by bucket and key, so that every process takes the same files. */
export const byAge = (a: SourceFile, b: SourceFile) =>
  a.at < b.at ? -1 : a.at > b.at ? 1 : compareBytes(fileId(a), fileId(b));
