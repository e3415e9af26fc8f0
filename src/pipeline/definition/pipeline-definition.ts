import { z } from 'zod';
import { Mapping } from '../mapping/mapping.ts';
import {
  BucketName,
  ClusterIdentifier,
  CopyRole,
  KeyPrefix,
  RegionName,
  SecretArn,
  TableName,
  WorkgroupName,
} from './aws-names.ts';

/** A pipeline as `tributary.yaml` names it: the same shape in a workflow's input and in `plan.json`. */

const name = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,39}$/,
    'lower-case letters, digits, _ and -, at most 40, beginning with a letter',
  );

export const PipelineName = name;

/** A run's name can stand in an S3 key, a workflow id and an SQL identifier alike. */
export const RunName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_]{0,39}$/, 'lower-case letters, digits and _, at most 40, not beginning with _');

export const SourceDefinition = z.strictObject({
  kind: z.literal('dynamodb').describe('Where the items come from.'),
  table: TableName.describe('Name or ARN of the DynamoDB table.'),
  segments: z
    .union([z.literal('auto'), z.number().int().min(1).max(2000)])
    .default('auto')
    .describe('Parallel scan segments; auto makes one per 256 MB of table, at least 4.'),
  readUnitsPerSecond: z
    .number()
    .positive()
    .optional()
    .describe('Most read capacity units a second the whole run may use; no limit where it is not given.'),
});

const StagingDefinition = z.strictObject({
  bucket: BucketName.describe('S3 bucket of the run directory.'),
  prefix: KeyPrefix.default('tributary').describe('Key prefix of everything Tributary writes.'),
  compression: z.enum(['zstd', 'gzip']).default('zstd').describe('Compression of part files.'),
  cutBytes: z
    .number()
    .int()
    .positive()
    .default(64 * 1024 * 1024)
    .describe('A segment is cut (files uploaded, checkpoint written) when it holds this many bytes.'),
  cutSeconds: z
    .number()
    .positive()
    .default(600)
    .describe('A segment is cut at least this often, in seconds.'),
  keepRuns: z
    .number()
    .int()
    .positive()
    .default(10)
    .describe('Successful runs whose directories pruning keeps; it happens only when it is asked for.'),
});

const seconds = z.number().int().positive();

/** A statement that takes longer is cancelled, its end awaited, and tried again. */
const TimeLimits = z
  .strictObject({
    prepareSeconds: seconds.default(600),
    loadSeconds: seconds.default(4 * 3600),
    verifySeconds: seconds.default(3600),
    replaceSeconds: seconds.default(600),
  })
  .describe('Longest a transaction of a phase may take, in seconds, before it is cancelled and tried again.');

export const WarehouseDefinition = z
  .strictObject({
    kind: z.literal('redshift').describe('Where the tables go.'),
    workgroup: WorkgroupName.optional().describe('Redshift Serverless workgroup.'),
    cluster: ClusterIdentifier.optional().describe('Provisioned cluster identifier, instead of a workgroup.'),
    dbUser: z.string().optional().describe('Database user of a provisioned cluster.'),
    secretArn: SecretArn.optional().describe('Secrets Manager secret with the database credentials.'),
    database: z.string().min(1).describe('Database that holds the live schema.'),
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,59}$/, 'lower-case letters, digits and _, at most 60')
      .refine((schema) => !/^(?:public|information_schema|catalog_history|pg_.*)$/.test(schema), {
        message:
          "a schema of the pipeline's own, not one that the warehouse comes with: it is replaced as a whole",
      })
      .describe('The live schema that readers query; it is replaced as a whole.'),
    iamRole: CopyRole.describe(
      'Role that COPY reads the run directory with: its ARN, several with commas where one assumes the next, or default.',
    ),
    region: RegionName.optional().describe("The bucket's region, where it is not the warehouse's."),
    timeLimits: TimeLimits.prefault({}),
    terminateBlockers: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Database users whose transactions may be ended when they hold a statement up; nobody by default.',
      ),
    waitForReaders: z
      .boolean()
      .default(false)
      .describe(
        'Lock the live tables for the swap: no statement then ever meets tables of two runs, but one long query holds up the swap, and the swap all queries that come after it.',
      ),
    keepBackups: z.number().int().nonnegative().default(1).describe('Replaced schemas to keep.'),
  })
  .refine((w) => (w.workgroup === undefined) !== (w.cluster === undefined), {
    message: 'exactly one of workgroup and cluster',
    path: ['workgroup'],
    // Told together with the map's other faults, not only after they are mended.
    when: ({ value }) => typeof value === 'object' && value !== null,
  });
export type WarehouseDefinition = z.infer<typeof WarehouseDefinition>;

export const PipelineDefinition = z.strictObject({
  source: SourceDefinition.describe('The DynamoDB table that is read.'),
  staging: StagingDefinition.describe('Where in S3 the run directories are kept.'),
  warehouse: WarehouseDefinition.describe('The Redshift schema that is made and replaced.'),
  mapping: Mapping.prefault({}).describe(
    'What is said of single attributes and tables, instead of what the data says.',
  ),
  onDrift: z
    .enum(['evolve', 'report', 'stop'])
    .default('evolve')
    .describe('What a run does when its data does not fit the agreed schema.'),
  maxRejects: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .describe('Items that may be set aside before the run stops short of the replacement.'),
});
export type PipelineDefinition = z.infer<typeof PipelineDefinition>;
