import { z } from 'zod';
import { exportIdIn } from '../export/export-keys.ts';
import { Key } from '../item/key.ts';
import { BucketName } from './aws-names.ts';

/** What a source of kind `dynamodb-export` needs, and which settings belong to which kind. */

export const EXPORT_SETTINGS = {
  bucket: BucketName.optional().describe('With `dynamodb-export`: the S3 bucket of the exports.'),
  prefix: z
    .string()
    .max(512)
    .optional()
    .describe('With `dynamodb-export`: the prefix before `AWSDynamoDB/`. Default: none.'),
  export: z
    .string()
    .refine(
      (text) => text === 'latest' || exportIdIn(text) !== undefined,
      'latest, the ARN of an export, or its id, e.g. 01693685827463-2d8752fd',
    )
    .optional()
    .describe(
      'With `dynamodb-export`: the export to read, by its id or ARN. Default: `latest`, the newest one of the table that is complete and full.',
    ),
  request: z
    .boolean()
    .optional()
    .describe(
      'With `dynamodb-export`: true makes each run ask DynamoDB for an export to `bucket` and `prefix`, and wait for it. The table needs point-in-time recovery. Default: false.',
    ),
  key: Key.optional().describe(
    'With `dynamodb-export`: the table’s key, the partition key first, e.g. `[{name: id, kind: S}]`. Default: DynamoDB describes the table. Needed if the table no longer exists, or the workers cannot reach it.',
  ),
} as const;

const OF_SCAN = ['readUnitsPerSecond', 'consistentRead'] as const;
const OF_EXPORT = ['bucket', 'prefix', 'export', 'request', 'key'] as const;

type Written = Readonly<
  Partial<Record<(typeof OF_SCAN)[number] | (typeof OF_EXPORT)[number], unknown>> & { kind?: unknown }
>;

/** The settings, of which some belong to one kind of source only. */
export const withSettingsOfKind = <Settings extends z.ZodType<Written>>(settings: Settings): Settings =>
  settings.superRefine((source, context) => {
    const isExport = source.kind === 'dynamodb-export';
    for (const name of isExport ? OF_SCAN : OF_EXPORT) {
      if (source[name] === undefined) continue;
      const message = `only with kind: ${isExport ? 'dynamodb' : 'dynamodb-export'}`;
      context.addIssue({ code: 'custom', message, path: [name] });
    }
    if (!isExport) return;
    if (source.bucket === undefined) {
      const message = 'bucket, which names the bucket of the exports';
      context.addIssue({ code: 'custom', message, path: ['bucket'] });
    }
    if (source.request === true && source.export !== undefined && source.export !== 'latest') {
      const message = 'either request: true, for a new export, or the id of one that exists';
      context.addIssue({ code: 'custom', message, path: ['export'] });
    }
  });
