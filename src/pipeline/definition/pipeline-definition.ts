import { z } from 'zod';
import { Mapping } from '../mapping/mapping.ts';
import { OnDrift } from '../schema/on-drift.ts';
import { AlertAtLag } from './alert-at-lag.ts';
import { APPLY_DEFAULTS } from './apply-pace.ts';
import { BucketName, CopyRole, KeyPrefix, RegionName, TableName } from './aws-names.ts';
import { ByteSize } from './byte-size.ts';
import { ChangesDefinition } from './changes-definition.ts';
import { Checks } from './checks.ts';
import { Descriptions } from './descriptions.ts';
import { Duration, FineSeconds, Seconds, SecondsUpTo } from './duration.ts';
import { RUN_NAME } from './run-name.ts';
import { EXPORT_SETTINGS, withSettingsOfKind } from './source-kinds.ts';
import { MAX_TABLES_AT_ONCE, TABLES_AT_ONCE } from './tables-at-once.ts';
import {
  DatabaseName,
  TerminateBlockers,
  WAREHOUSE_CONNECTION,
  withOneAddress,
} from './warehouse-connection.ts';

/** A pipeline as `tributary.yaml` defines it. A workflow's input and `plan.json` have the same shape. */

export const PipelineName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    'lower-case letters, digits, _ and -, at most 40, beginning with a letter',
  );

export const RunName = z.string().regex(RUN_NAME.pattern, RUN_NAME.means);

export const SourceSettings = z.strictObject({
  kind: z
    .enum(['dynamodb', 'dynamodb-export'])
    .default('dynamodb')
    .describe(
      'The kind of source. `dynamodb` scans the table; `dynamodb-export` reads a full export of it to S3: one moment of the table, without read units.',
    ),
  table: TableName.describe('The name or ARN of the DynamoDB table.'),
  segments: z
    .union([z.literal('auto'), z.number().int().min(1).max(2000)])
    .default('auto')
    .describe(
      'The number of parallel scan segments; auto means one per 256 MB of table, rounded up to a multiple of 4, or of 16 above 32.',
    ),
  readUnitsPerSecond: z
    .number()
    .positive()
    .optional()
    .describe('The read capacity units per second that the whole run may use; default: no limit.'),
  consistentRead: z
    .boolean()
    .optional()
    .describe(
      'true scans with strongly consistent reads, at twice the read capacity units. A run then has every write that was acknowledged before its scan began. Default: false.',
    ),
  changes: ChangesDefinition.optional().describe(
    'How the pipeline follows the table between runs. Default: it does not; each run copies the whole table.',
  ),
  ...EXPORT_SETTINGS,
});

export const SourceDefinition = withSettingsOfKind(SourceSettings);

export const StagingDefinition = z.strictObject({
  bucket: BucketName.describe('The S3 bucket of the run directories.'),
  prefix: KeyPrefix.default('tributary').describe('The key prefix of everything that Tributary writes.'),
  compression: z.enum(['zstd', 'gzip']).default('zstd').describe('The compression of part files.'),
  cutBytes: z
    .number()
    .int()
    .positive()
    .default(16 * 1024 * 1024)
    .describe('The number of bytes at which a segment is cut: it uploads its files and writes a checkpoint.'),
  cutSeconds: FineSeconds.prefault(600).describe('The longest time between two cuts of a segment.'),
  keepRuns: z
    .number()
    .int()
    .positive()
    .default(10)
    .describe(
      'The number of successful runs whose directories pruning keeps. Pruning happens only on request.',
    ),
});

/** A transaction that takes longer is cancelled. Once it has ended, it is retried. */
const TimeLimits = z
  .strictObject({
    prepareSeconds: Seconds.prefault(600).describe('For preparing the staging schema.'),
    loadSeconds: Seconds.prefault(4 * 3600).describe('For one load of a table.'),
    verifySeconds: Seconds.prefault(3600).describe('For verifying a table.'),
    replaceSeconds: Seconds.prefault(600).describe(
      'For the swap, with all its tries, and for each transaction of grants and drops.',
    ),
  })
  .describe('The longest that one transaction of a phase may take before it is cancelled and tried again.');

export const WarehouseSettings = z.strictObject({
  kind: z.literal('redshift').default('redshift').describe('The kind of warehouse.'),
  ...WAREHOUSE_CONNECTION,
  database: DatabaseName.describe('The database with the live schema.'),
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,59}$/, 'lower-case letters, digits and _, at most 60')
    .refine((schema) => !/^(?:public|information_schema|catalog_history|pg_.*)$/.test(schema), {
      message:
        "a schema of the pipeline's own, not one that the warehouse comes with: it is replaced as a whole",
    })
    .describe('The live schema that readers query; it is replaced as a whole.'),
  iamRole: CopyRole.describe(
    'The role with which COPY reads the run directory: its ARN, a chain of ARNs separated by commas, or default.',
  ),
  region: RegionName.optional().describe("The bucket's region, if it differs from the warehouse's."),
  timeLimits: TimeLimits.prefault({}),
  tablesAtOnce: z
    .number()
    .int()
    .min(1)
    .max(MAX_TABLES_AT_ONCE)
    .optional()
    .describe(
      `How many tables a run loads at the same time, the largest first. Redshift queues what exceeds the slots of its workload management. Default: ${TABLES_AT_ONCE}.`,
    ),
  terminateBlockers: TerminateBlockers,
  waitForReadersSeconds: SecondsUpTo(3600)
    .optional()
    .describe(
      'How long the swap waits for statements that read the live tables, at most three times, with pauses that are as long; later queries wait behind it for as long. Then, or once `timeLimits.replaceSeconds` have passed, it swaps without a lock, and the report says so and names whom it waited for. 0: it never locks the tables, and waits two seconds at a time for the bound views that it recreates. Default: 10.',
    ),
  waitForReaders: z
    .boolean()
    .optional()
    .describe(
      'The older form. `false` is `waitForReadersSeconds: 0`; with `true`, the swap waits as long as `timeLimits.replaceSeconds`, and never swaps without a lock.',
    ),
  comments: z
    .enum(['all', 'tables', 'none'])
    .default('all')
    .describe(
      'What gets a COMMENT, with its DynamoDB path, kinds, share of rows and description: tables and columns, tables only, or nothing. A comment is one statement, so thousands of columns take minutes.',
    ),
  runColumns: z
    .boolean()
    .default(false)
    .describe(
      'true adds two columns to every table: _tributary_run, the name of the run, and _tributary_extracted_at, when its extraction started.',
    ),
  keepBackups: z.number().int().nonnegative().default(1).describe('The number of replaced schemas to keep.'),
  applySeconds: Seconds.optional().describe(
    `With \`source.changes\`: how often changes are applied, at most. Default: ${APPLY_DEFAULTS.seconds}.`,
  ),
  applyBytes: ByteSize.optional().describe(
    'With `source.changes`: an apply begins earlier once this much waits, and takes no more. Default: 64MB.',
  ),
  refreshAtMostEvery: Duration.optional().describe(
    `With \`source.changes\`: how often at most changes that fit no column trigger a run. Default: ${APPLY_DEFAULTS.refreshAtMostEvery}.`,
  ),
  alertAtLag: AlertAtLag,
});

interface Alternatives {
  readonly waitForReaders?: unknown;
  readonly waitForReadersSeconds?: unknown;
  readonly workgroup?: unknown;
  readonly cluster?: unknown;
}

/** The settings, of which some exclude each other. */
export const withOneOfEach = <Settings extends z.ZodType<Alternatives>>(settings: Settings): Settings =>
  withOneAddress(
    settings.refine((w) => w.waitForReaders === undefined || w.waitForReadersSeconds === undefined, {
      message: 'either waitForReadersSeconds or waitForReaders, its older form',
      path: ['waitForReaders'],
      // Reported together with the map's other problems, not only after those are fixed.
      when: ({ value }) => typeof value === 'object' && value !== null,
    }),
  );

export const WarehouseDefinition = withOneOfEach(WarehouseSettings);
export type WarehouseDefinition = z.infer<typeof WarehouseDefinition>;

/** One pipeline and one of its warehouses: what a run, or an apply, works by. */
export const PipelineDefinition = z.strictObject({
  destination: PipelineName.optional().describe(
    'The name of the destination. Absent for `warehouse`, which is the name of a single one.',
  ),
  source: SourceDefinition.describe('The DynamoDB table to read.'),
  staging: StagingDefinition.describe('Where in S3 the run directories are.'),
  warehouse: WarehouseDefinition.describe('The Redshift schema to create and replace.'),
  mapping: Mapping.prefault({}).describe(
    'Overrides for single attributes and tables, which otherwise follow the data.',
  ),
  descriptions: Descriptions.optional().describe(
    'What tables and columns mean. Readers see it in the warehouse’s comments, in the catalogue page and in dbt.',
  ),
  onDrift: OnDrift.describe(
    'What a run does if its data does not fit the agreed schema: one word, or a map with one per kind of change.',
  ),
  checks: Checks.describe(
    'What must hold of the loaded tables before they go live, by the names of the checks.',
  ),
  maxRejects: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .describe(
      'The number of items that may be set aside. If there are more, the run stops before the replacement.',
    ),
  allowEmpty: z
    .boolean()
    .optional()
    .describe(
      'true lets a run go live even if `where` or `include` leaves nothing of a table that has items. A table without items always goes live.',
    ),
  redactValues: z
    .boolean()
    .default(false)
    .describe(
      'true keeps values and keys of items out of failures, histories, logs, reports and statistics. They remain in the run directory’s data and in the warehouse.',
    ),
});
export type PipelineDefinition = z.infer<typeof PipelineDefinition>;
