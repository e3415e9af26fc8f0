import { z } from 'zod';

/**
 * The manifests of an export of a DynamoDB table to S3.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */

const count = z.number().int().nonnegative();

const Common = z.object({
  exportArn: z.string(),
  tableArn: z.string(),
  tableId: z.string(),
  manifestFilesS3Key: z.string(),
  billedSizeBytes: z.number().nonnegative(),
  itemCount: count,
  outputFormat: z.string(),
});

/** The summary of a full export: the table as it was at `exportTime`. `exportType` is absent in those before 2023. */
const FullSummary = Common.extend({
  exportType: z.literal('FULL_EXPORT').default('FULL_EXPORT'),
  exportTime: z.iso.datetime(),
});

/** The summary of an incremental export: what changed from one time, inclusive, to another, exclusive. */
const IncrementalSummary = Common.extend({
  exportType: z.literal('INCREMENTAL_EXPORT'),
  exportFromTime: z.iso.datetime(),
  exportToTime: z.iso.datetime(),
  outputView: z.enum(['NEW_IMAGE', 'NEW_AND_OLD_IMAGES']),
});

/** `manifest-summary.json` */
export const ExportSummary = z.union([IncrementalSummary, FullSummary]);
export type ExportSummary = z.infer<typeof ExportSummary>;
export type FullSummary = z.infer<typeof FullSummary>;

/** One line of `manifest-files.json`. */
export const ExportFile = z.object({
  itemCount: count,
  /** MD5 of the compressed file, in base64. */
  md5Checksum: z.string(),
  dataFileS3Key: z.string(),
});
export type ExportFile = z.infer<typeof ExportFile>;

/** What a plan records of the export that it reads. Its manifests were checked, and are checked to be the same later. */
export const PlannedExport = z.object({
  bucket: z.string(),
  /** With a slash at its end, unless it is empty. */
  prefix: z.string(),
  id: z.string(),
  arn: z.string(),
  /** The table's state that it holds. ISO 8601, UTC. */
  time: z.string(),
  tableId: z.string(),
  /** MD5 of `manifest-files.json`, in base64: it lists the same files whenever it is read. */
  filesMd5: z.string(),
  files: count,
});
export type PlannedExport = z.infer<typeof PlannedExport>;
