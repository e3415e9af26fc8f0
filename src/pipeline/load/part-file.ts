import { z } from 'zod';

const count = z.number().int().nonnegative();

/** One S3 object of rows. */
export const PartFile = z.object({
  key: z.string(),
  /** As returned by the upload. */
  etag: z.string(),
  /** Path of the rows' table. */
  table: z.string(),
  /** Id of the rows' layout. */
  layout: z.string(),
  rows: count,
  /** Size of the object, which COPY reads. */
  bytes: count,
  /** Size before compression. */
  rawBytes: count,
});
export type PartFile = z.infer<typeof PartFile>;
