import { z } from 'zod';
import { Seconds } from '../../definition/duration.ts';
import { isTimeZone } from '../../text/time-zone.ts';
import { ChecksSetting } from '../checks-setting.ts';
import { LakeColumnName } from '../column-name.ts';
import { DatasetName, KeepSuperseded, ModuleMegabytes, ModulePath } from '../definition.ts';
import { ExpectSetting } from '../graph/expect-setting.ts';
import { RULES_IN_WORDS, ruleOf } from '../graph/partition-rules.ts';
import { columnType } from '../records/column-type.ts';
import { derivedContradictions } from './contradictions.ts';
import { DerivedStore } from './derived-store.ts';
import { StepTable, StepWarehouse } from './step-warehouse.ts';

/** A derived dataset as `tributary.yaml` defines it: partitions of other datasets become one of this, by SQL or by a function. */

const SqlPath = z
  .string()
  .max(500)
  .regex(
    /^(?:[^\0])+\.sql$/,
    'the path of a file with one SELECT, relative to this file, e.g. ./daily-stats.sql',
  );

const RuleSetting = z.union([
  z.string().refine((text) => ruleOf(text) !== undefined, RULES_IN_WORDS),
  z.strictObject({
    rule: ModulePath.describe(
      'A module whose default export is a function: it gets the day or month of a partition, and returns those of the input.',
    ),
  }),
]);

const TypeText = z.string().superRefine((text, context) => {
  try {
    columnType(text);
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'string, bigint, double, decimal(p,s), boolean, timestamp, date or binary',
    });
  }
});

export const DerivedPartition = z.strictObject({
  column: LakeColumnName.optional().describe(
    'The partition column. It is added: it is not among `columns`. Required, unless `unit` is `all`.',
  ),
  unit: z
    .enum(['day', 'month', 'all'])
    .default('day')
    .describe('How much time one partition holds. `all`: the table has no partitions.'),
  timezone: z
    .string()
    .refine(isTimeZone, 'a time zone of the IANA database, in its spelling, e.g. Europe/Berlin')
    .default('UTC')
    .describe('The time zone that decides what `today` and `yesterday` are.'),
});

export const RetryFor = Seconds.prefault('1h').describe(
  'How long a run builds a partition that failed again, with growing pauses, before it waits for an operator.',
);

export const DerivedSettings = z.strictObject({
  sql: SqlPath.optional().describe(
    'The step: a file with one SELECT over the inputs, which are tables with the names of their datasets. Relative to this file.',
  ),
  function: ModulePath.optional().describe(
    'The step, instead of `sql`: a module whose default export is a function that gets the rows of the inputs and gives those of the partition. Relative to this file.',
  ),
  engine: z
    .enum(['duckdb', 'redshift'])
    .default('duckdb')
    .describe(
      'Where the step runs. `duckdb`: in a process of a worker, over files. `redshift`: in a warehouse, whose table then has the rows; files in S3 are their copy.',
    ),
  warehouse: StepWarehouse.optional().describe('With `engine: redshift`: the warehouse and the table.'),
  inputs: z
    .record(DatasetName, RuleSetting)
    .refine((inputs) => Object.keys(inputs).length > 0, 'at least one dataset and its rule')
    .describe(
      `The datasets that a partition is built from, each with the rule that names their partitions: ${RULES_IN_WORDS}; or \`{ rule: ./rule.ts }\`, a function.`,
    ),
  reference: z
    .record(DatasetName, RuleSetting)
    .default({})
    .describe('Datasets that the step also reads, and whose changes make no partition stale.'),
  tables: z
    .record(DatasetName, StepTable)
    .default({})
    .describe(
      'With `engine: redshift`: tables of the same database that pipelines, loaders or changes load, by the names that the step gives them.',
    ),
  columns: z
    .record(LakeColumnName, TypeText)
    .refine((columns) => Object.keys(columns).length > 0, 'at least one column and its type')
    .describe('The columns of the result, in their order, each with its type.'),
  partition: DerivedPartition.prefault({ unit: 'all' }).describe(
    'What one partition is. Default: the table has no partitions.',
  ),
  expect: ExpectSetting.optional().describe(
    'Which partitions the dataset is to have. Default: those that follow from its inputs.',
  ),
  when: z
    .enum(['open', 'closed'])
    .default('open')
    .describe(
      '`closed` builds a partition once its day or month has ended; `open` also before, from the days so far.',
    ),
  limits: z
    .strictObject({
      seconds: Seconds.prefault('1h').describe('The longest that the function may take for one partition.'),
      memoryMegabytes: ModuleMegabytes,
    })
    .prefault({})
    .describe('What the function may use.'),
  store: DerivedStore.describe('Where the table is, and in which formats.'),
  checks: ChecksSetting.describe(
    'What must hold of a partition before it is published, by name; or a YAML file with that.',
  ),
  retryFor: RetryFor,
  maxRebuild: z
    .number()
    .int()
    .nonnegative()
    .default(40)
    .describe(
      'If more partitions than this are stale because the step changed, they wait for `tributary dataset approve`.',
    ),
  keepSuperseded: KeepSuperseded,
});

export const DerivedDefinition = DerivedSettings.superRefine((settings, context) => {
  for (const { path, message } of derivedContradictions(settings))
    context.addIssue({ code: 'custom', path: [...path], message });
});
export type DerivedDefinition = z.infer<typeof DerivedSettings>;
