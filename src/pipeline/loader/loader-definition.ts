import { z } from 'zod';
import { BucketName, CopyRole, KeyPrefix, RegionName } from '../definition/aws-names.ts';
import { ByteSize } from '../definition/byte-size.ts';
import { Seconds, SecondsUpTo } from '../definition/duration.ts';
import { PipelineName } from '../definition/pipeline-definition.ts';
import {
  DatabaseName,
  SchemaName,
  TableName,
  TerminateBlockers,
  WAREHOUSE_CONNECTION,
  withOneAddress,
} from '../definition/warehouse-connection.ts';
import { datePlaceholderProblem } from '../keys/date-placeholders.ts';
import { compileGlob } from '../keys/glob.ts';
import { FileFormat } from './file-format.ts';

/** A loader as `tributary.yaml` defines it: files that arrive in S3, and the live table they are loaded into. */

export const LoaderName = PipelineName;

/** A prefix of other systems' keys: any characters, but no leading slash. */
const SourcePrefix = z
  .string()
  .max(1000)
  .refine((prefix) => !prefix.startsWith('/'), 'a key prefix without a slash at its start, e.g. quakes/');

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
const QueueUrl = z
  .url({
    protocol: /^https?$/,
    message: 'the URL of an SQS queue, e.g. https://sqs.eu-west-1.amazonaws.com/123456789012/quakes',
  })
  .refine((url) => !url.endsWith('.fifo'), {
    message: 'a standard queue: S3 does not send notifications to FIFO queues',
  });

/** The start of the rest of a key, below `prefix`. */
const ListPrefix = z
  .string()
  .min(1)
  .max(500)
  .refine((folder) => !folder.startsWith('/'), 'a folder below prefix, without a slash at its start')
  .superRefine((folder, context) => {
    const message = datePlaceholderProblem(folder);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** Where the files are, and how the loader hears of them. */
export const FilesSource = z.strictObject({
  kind: z.literal('s3-files').default('s3-files').describe('The kind of source.'),
  bucket: BucketName.describe('The S3 bucket that the files arrive in.'),
  prefix: SourcePrefix.default('').describe(
    'The key prefix of the files. Of several loaders, the one with the longest matching prefix gets a file, if its `match` fits. Default: the whole bucket.',
  ),
  match: z
    .string()
    .min(1)
    .max(500)
    .superRefine((pattern, context) => {
      try {
        compileGlob(pattern);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    })
    .default('**')
    .describe(
      'Which keys below the prefix are files to load, as a pattern: `*` stands for characters within a folder, `**/` for any folders or none, `?` for one character, `{a,b}` for alternatives. Default: all.',
    ),
  queue: QueueUrl.optional().describe(
    'The SQS queue that S3 announces new files to. Several loaders may share it. Without one, the prefix is listed.',
  ),
  listSeconds: Seconds.optional().describe(
    'How often the prefix is listed. Default: every minute without a queue; every hour with one, to find files that no event announced.',
  ),
  listFrom: z.iso
    .datetime({ offset: true })
    .or(z.iso.date())
    .meta({ title: 'a date or time, e.g. 2026-11-01 or 2026-11-01T06:00:00Z' })
    .optional()
    .describe(
      'The listing ignores files that were last modified before this time. Default: when the loader was first started. `tributary load` loads earlier files.',
    ),
  overlapSeconds: Seconds.prefault(48 * 3600).describe(
    'How far behind the newest file listed so far each listing begins: a large file may appear long after its time of modification.',
  ),
  listPrefixes: z
    .array(ListPrefix)
    .min(1)
    .optional()
    .describe(
      'Dated folders to list instead of the whole prefix, e.g. `day=%Y-%m-%d/`: those of today and of the overlap, below `prefix`. %Y, %m, %d and %H are of UTC.',
    ),
  immutableFiles: z
    .boolean()
    .default(false)
    .describe(
      'true says that no file is ever overwritten. An append then loads the files themselves; otherwise it loads copies that it takes first, because COPY cannot name a version.',
    ),
});

const name = /^[a-z_][a-z0-9_$]{0,126}$/;

/** A column that `create: true` makes. */
const NewColumns = z
  .record(
    z.string().regex(name, 'a column name: lower-case letters, digits and _, at most 127'),
    z.string().regex(/^[a-z][a-z0-9 (),]{1,60}$/i, 'a Redshift type, e.g. bigint or varchar(64)'),
  )
  .refine((columns) => Object.keys(columns).length > 0, 'at least one column');

/** The live table. */
export const LoaderTarget = withOneAddress(
  z.strictObject({
    ...WAREHOUSE_CONNECTION,
    database: DatabaseName.describe('The database of the table.'),
    schema: SchemaName.describe('The schema of the table.'),
    table: TableName.describe(
      'The table that the files are loaded into. Tributary keeps its ledger beside it.',
    ),
    iamRole: CopyRole.describe(
      'The role with which COPY reads the files and the staging bucket: its ARN, a chain of ARNs separated by commas, or default.',
    ),
    region: RegionName.optional().describe("The buckets' region, if it differs from the warehouse's."),
    create: z
      .boolean()
      .default(false)
      .describe(
        'true creates the table, and its schema, if absent: from `columns`, or from the schema of a Parquet file.',
      ),
    columns: NewColumns.optional().describe(
      'With `create`: the columns and their Redshift types. Default: those of the first Parquet file.',
    ),
    loadSeconds: Seconds.prefault(3600).describe(
      'The longest that the transaction of one batch may take before it is cancelled and tried again.',
    ),
    terminateBlockers: TerminateBlockers,
  }),
);
export type LoaderTarget = z.infer<typeof LoaderTarget>;

const ColumnName = z.string().regex(name, 'a column name: lower-case letters, digits and _');

/** How rows with one key become one. Without a rule, rows are appended. */
const MergeRule = z.strictObject({
  key: z
    .array(ColumnName)
    .min(1)
    .max(16)
    .refine((columns) => new Set(columns).size === columns.length, 'each column once')
    .describe('The columns that identify a row. A row with NULL in one of them is set aside.'),
  newest: ColumnName.describe(
    'The column whose greatest value wins. On a tie a delete wins, then the other columns in the order of their names. A row with NULL in it is set aside.',
  ),
  deletes: z
    .strictObject({
      column: z.string().min(1).max(127).describe('The column of the files that says what a row does.'),
      values: z
        .array(z.string().max(100))
        .min(1)
        .describe('Its values that delete the key. Any other value, none, or no such column is no delete.'),
    })
    .optional()
    .describe('Which rows are deletes, e.g. `{ column: Op, values: [D] }` as AWS DMS writes them.'),
});

export const BatchLimits = z.strictObject({
  maxFiles: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe('A batch starts once this many files wait, and has no more.'),
  maxBytes: ByteSize.prefault('1GB').describe(
    'A batch starts once files of this size wait, and has no more, except for a single larger file.',
  ),
  maxSeconds: SecondsUpTo(24 * 3600)
    .prefault(60)
    .describe('A batch starts once the oldest file has waited this long.'),
});

export const LoaderStaging = z.strictObject({
  bucket: BucketName.describe('The S3 bucket of inbox pages, batches and copied files.'),
  prefix: KeyPrefix.default('tributary').describe(
    'The key prefix of everything that Tributary writes. Never inside `source.prefix`.',
  ),
});

export const LoaderDefinition = z.strictObject({
  source: FilesSource.describe('The files, and how they are found.'),
  format: FileFormat.describe('The format of the files, with the options that COPY has for it.'),
  target: LoaderTarget.describe('The live table that the files are loaded into.'),
  merge: MergeRule.optional().describe(
    'How rows with the same key become one row. Default: rows are appended.',
  ),
  batch: BatchLimits.prefault({}).describe(
    'When a batch starts and how large it gets: whichever comes first.',
  ),
  staging: LoaderStaging.describe('Where in S3 the loader keeps what waits and what it does.'),
  onDrift: z
    .enum(['report', 'evolve', 'stop'])
    .default('report')
    .describe(
      'What happens to columns of files that the table does not have. `report`: they are left out and named. `evolve`: they are added to the table before the load. `stop`: the batch is parked.',
    ),
  ledgerDays: z
    .number()
    .int()
    .min(1)
    .default(400)
    .describe(
      'How long the ledger remembers a file. A file that was last modified earlier is never loaded unasked.',
    ),
  tombstoneDays: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'How long deleted keys are remembered. After that, an older row of the key that arrives late brings it back. Default: forever.',
    ),
  pauseAfterParked: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('The loader pauses itself and alerts once this many batches in a row have been parked.'),
  redactValues: z
    .boolean()
    .default(false)
    .describe('true keeps values and keys of rows out of failures, histories and logs.'),
});
export type LoaderDefinition = z.infer<typeof LoaderDefinition>;
