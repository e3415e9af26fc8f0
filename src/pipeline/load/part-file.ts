import { z } from 'zod';

const count = z.number().int().nonnegative();

/** One S3 object of rows, as its upload was answered. */
export const PartFile = z.object({
  key: z.string(),
  etag: z.string(),
  /** Path of the table its rows belong to. */
  table: z.string(),
  /** Id of the layout its rows are written in. */
  layout: z.string(),
  rows: count,
  /** Size of the object: what COPY reads. */
  bytes: count,
  /** Size before compression. */
  rawBytes: count,
});
export type PartFile = z.infer<typeof PartFile>;
