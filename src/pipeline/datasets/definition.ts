import { z } from 'zod';
import { BucketName, KeyPrefix, RegionName } from '../definition/aws-names.ts';
import { Seconds } from '../definition/duration.ts';
import { PipelineName } from '../definition/pipeline-definition.ts';
import { datePlaceholderProblem } from '../keys/date-placeholders.ts';
import { compileGlob } from '../keys/glob.ts';
import { isTimeZone } from '../text/time-zone.ts';
import { ChecksSetting } from './checks-setting.ts';
import { LakeColumnName } from './column-name.ts';
import { contradictions } from './contradictions.ts';
import { ExpectSetting } from './graph/expect-setting.ts';
import { isSpan } from './graph/expected.ts';

/** A source dataset as `tributary.yaml` defines it: JSON files in S3 that become a typed, partitioned table. */

export const DatasetName = PipelineName;

export const GlueName = z
  .string()
  .regex(/^[a-z0-9_]{1,255}$/, 'a name in the Glue catalogue: lower-case letters, digits and _, at most 255');

const SourcePrefix = z
  .string()
  .max(1000)
  .refine(
    (prefix) => !prefix.startsWith('/'),
    'a key prefix without a slash at its start, e.g. logs/records/',
  );

const Match = z
  .string()
  .min(1)
  .max(500)
  .superRefine((pattern, context) => {
    try {
      compileGlob(pattern);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });

const QueueUrl = z
  .url({
    protocol: /^https?$/,
    message: 'the URL of an SQS queue, e.g. https://sqs.eu-west-1.amazonaws.com/123456789012/records',
  })
  .refine((url) => !url.endsWith('.fifo'), {
    message: 'a standard queue: S3 does not send notifications to FIFO queues',
  });

const ListPrefix = z
  .string()
  .min(1)
  .max(500)
  .refine((folder) => !folder.startsWith('/'), 'a folder below prefix, without a slash at its start')
  .superRefine((folder, context) => {
    const message = datePlaceholderProblem(folder);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const DatasetSource = z.strictObject({
  kind: z
    .literal('s3-json')
    .default('s3-json')
    .describe('The kind of source: files of JSON in S3, plain or compressed with gzip or zstd.'),
  bucket: BucketName.describe('The S3 bucket that the files arrive in.'),
  prefix: SourcePrefix.default('').describe('The key prefix of the files. Default: the whole bucket.'),
  match: Match.default('**').describe(
    'Which keys below the prefix are files of the dataset, as a pattern like that of a loader. Default: all.',
  ),
  queue: QueueUrl.optional().describe(
    'The SQS queue that S3 announces new files to; `tributary dataset watch` takes them on arrival. It is read for this dataset alone. Runs list the source in any case.',
  ),
  gather: Seconds.prefault('1m').describe(
    'With `queue`: how long announced files are gathered before a run takes them. Each run writes the partitions that they touch.',
  ),
  listPrefixes: z
    .array(ListPrefix)
    .min(1)
    .optional()
    .describe(
      'Dated folders by arrival, e.g. `year=%Y/month=%m/day=%d/`, below `prefix`: a run lists those of today and of `relist` instead of the whole prefix. %Y, %m, %d and %H are of UTC.',
    ),
  relist: Seconds.prefault('2d').describe(
    'With `listPrefixes`: how far back a run lists the dated folders. Once a day a run lists the whole prefix.',
  ),
});

export const ModulePath = z
  .string()
  .max(500)
  .regex(
    /^(?:[^\0])+\.[cm]?[jt]s$/,
    'the path of a TypeScript or JavaScript module, relative to this file, e.g. ./access-records.ts',
  );

/** `{ column, unit, timezone }`, optionally `from` a timestamp; or `{ columns: [year, month, day], from }`. */
const DatasetPartition = z.strictObject({
  column: LakeColumnName.optional().describe(
    'The partition column: a column of type `date` in the record module; or, with `from`, a column that is added.',
  ),
  columns: z
    .array(LakeColumnName)
    .refine((names) => new Set(names).size === names.length, 'each column once')
    .refine(
      (names) => names.length === 3 || names.length === 4,
      'three names, for year, month and day, or four, the last for the hour',
    )
    .optional()
    .describe(
      'Instead of `column`: the names of several partition columns, for year, month, day and, with `unit: hour`, the hour of `from`.',
    ),
  from: LakeColumnName.optional().describe(
    'The column of type `timestamp` in the record module that the partition is computed from.',
  ),
  unit: z
    .enum(['day', 'hour', 'all'])
    .default('day')
    .describe('How much time one partition holds. `all`: the table has no partitions.'),
  timezone: z
    .string()
    .refine(isTimeZone, 'a time zone of the IANA database, in its spelling, e.g. Europe/Berlin')
    .default('UTC')
    .describe('The time zone whose days and hours they are.'),
});

const GlueCatalogue = z.strictObject({
  kind: z.literal('glue').describe('The table is kept in the Glue Data Catalog.'),
  database: GlueName.describe('The database of the table.'),
  table: GlueName.describe('The table. Tributary creates it, and is its only writer.'),
  region: RegionName.optional().describe("The catalogue's region, if it differs from the bucket's."),
});

const NoCatalogue = z.strictObject({
  kind: z.literal('none').describe('There is no catalogue: only files, and documents that name them.'),
});

/** A slash at the end may be written. */
export const StorePrefix = z
  .string()
  .transform((prefix) => prefix.replace(/\/$/, ''))
  .pipe(KeyPrefix);

export const KeepSuperseded = Seconds.refine((seconds) => seconds >= 3600, 'at least an hour, such as 2d')
  .prefault('2d')
  .describe(
    'How long a replaced generation of a partition stays, for queries that still read it; at least an hour.',
  );

export const ModuleMegabytes = z
  .number()
  .int()
  .min(32)
  .max(16_384)
  .default(512)
  .describe('The most memory that the module may use.');

export const DatasetStore = z.strictObject({
  bucket: BucketName.describe('The S3 bucket of the table.'),
  prefix: StorePrefix.describe(
    'The key prefix of the table’s files, and of what Tributary keeps about them in `_tributary/`. No other system writes there. Never inside `source.prefix`.',
  ),
  format: z.literal('parquet').default('parquet').describe('The format of the files.'),
  catalogue: z
    .discriminatedUnion('kind', [GlueCatalogue, NoCatalogue])
    .prefault({ kind: 'none' })
    .describe('Where engines find the table.'),
});

const Deduplicate = z.strictObject({
  key: z
    .array(LakeColumnName)
    .min(1)
    .max(16)
    .refine((columns) => new Set(columns).size === columns.length, 'each column once')
    .describe(
      'The columns that identify a row. They must determine its partition. A row with NULL in one of them has no duplicates.',
    ),
  newest: LakeColumnName.optional().describe(
    'Of rows with the same key, the one with the greatest value here stays. Default, and on a tie: the greatest of the mapped columns in their order, NULLs first.',
  ),
});

const Late = z.strictObject({
  after: Seconds.describe('How long after its end a day is late: its new rows wait for the next late pass.'),
  every: Seconds.prefault('1d').describe('How often the rows that wait are published.'),
});

const isDate = (text: string) => z.iso.date().safeParse(text).success;

const FirstDay = z.string().refine(isDate, 'a date, e.g. 2011-01-01');
const LastDay = z
  .string()
  .refine(
    (text) => text === 'today' || text === 'tomorrow' || isDate(text),
    'a date, e.g. 2026-12-31, or today or tomorrow',
  );

const Bounds = z.strictObject({
  from: FirstDay.default('1970-01-01').describe('The first day that a record may have.'),
  until: LastDay.default('tomorrow').describe(
    'The last day that a record may have: a date, `today` or `tomorrow`, in the time zone of `partition`.',
  ),
});
export type DatasetBounds = z.infer<typeof Bounds>;

export const SourceDatasetSettings = z.strictObject({
  source: DatasetSource.describe('The files, and how they are found.'),
  records: ModulePath.describe(
    'The record module: its default export, made with `defineRecords`, has the columns. Relative to this file.',
  ),
  release: z
    .string()
    .regex(/^[\w.+-]{1,100}$/, 'at most 100 letters, digits, _, -, + and dots, e.g. a Git tag')
    .optional()
    .describe('A name for the version of the record module, such as a Git tag. It is part of the version.'),
  partition: DatasetPartition.prefault({ unit: 'all' }).describe(
    'What one partition is. Default: the table has no partitions.',
  ),
  expect: ExpectSetting.optional().describe(
    'Which days the table is to have, for the datasets that read it. An expected day without rows is published empty.',
  ),
  recompute: z
    .strictObject({
      last: z
        .string()
        .refine((text) => isSpan('day', text), 'a number of days, e.g. 2d')
        .describe('The last days, today included, e.g. `2d`.'),
    })
    .optional()
    .describe(
      'For which days every run compares the files with what the partitions have, not with the index of taken files. Earlier corrections are found by the files’ ETags.',
    ),
  store: DatasetStore.describe('Where the table is.'),
  deduplicate: Deduplicate.optional().describe(
    'How records that arrive several times become one row. Default: every record is a row.',
  ),
  late: Late.optional().describe(
    'When rows for earlier days are published. Default: with every run, like all others.',
  ),
  bounds: Bounds.prefault({}).describe('Records with a day outside of these bounds are set aside.'),
  checks: ChecksSetting.describe(
    'What must hold of a partition before it is published, by name; or a YAML file with that.',
  ),
  maxRejects: z
    .number()
    .int()
    .nonnegative()
    .default(1000)
    .describe('The number of records that one batch may set aside. If there are more, the batch is parked.'),
  batch: z
    .strictObject({
      maxFiles: z.number().int().min(1).max(10_000).default(500).describe('The most files in one batch.'),
      maxMegabytes: z
        .number()
        .int()
        .min(1)
        .max(100_000)
        .default(1024)
        .describe(
          'The most megabytes of files. Fewer than 16 such batches are divided into more, of about 64 MB or more each.',
        ),
    })
    .prefault({})
    .describe('How the files of a run are divided into batches, each read by one activity.'),
  limits: z
    .strictObject({
      blockSeconds: Seconds.prefault(10).describe(
        'The longest that the functions of the module may take for one block of records (at most 1,000). After that, the record that takes too long is found and set aside.',
      ),
      memoryMegabytes: ModuleMegabytes,
    })
    .prefault({})
    .describe('What the record module may use.'),
  keepSuperseded: KeepSuperseded,
  redactValues: z
    .boolean()
    .default(false)
    .describe('true keeps values of records out of failures, histories and logs.'),
});

export const DatasetDefinition = SourceDatasetSettings.superRefine((settings, context) => {
  for (const { path, message } of contradictions(settings))
    context.addIssue({ code: 'custom', path: [...path], message });
});
export type DatasetDefinition = z.infer<typeof SourceDatasetSettings>;
