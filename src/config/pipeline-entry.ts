import { z } from 'zod';
import { TableName } from '../pipeline/definition/aws-names.ts';
import { DestinationName, RedshiftDestination, S3Destination } from '../pipeline/definition/destination.ts';
import {
  PipelineDefinition,
  SourceSettings,
  WarehouseDefinition,
  withOneOfEach,
} from '../pipeline/definition/pipeline-definition.ts';
import { withSettingsOfKind } from '../pipeline/definition/source-kinds.ts';
import { isPattern, PLACEHOLDER } from './table-patterns.ts';

/**
 * An entry of `pipelines` in the file: a pipeline, or a pattern of tables that stands for one pipeline per table. What only
 * one of the two may have is checked with the whole file: see joint-problems.ts.
 */

const TablePattern = z
  .string()
  .regex(/^[\w.*-]{1,255}$/, 'the name of a DynamoDB table, in which * stands for one or more characters');

const TableOrPattern = z.string().superRefine((text, context) => {
  const type = isPattern(text) ? TablePattern : TableName;
  const issue = type.safeParse(text).error?.issues[0];
  if (issue !== undefined) context.addIssue({ code: 'custom', message: issue.message });
});

/** A name with {table} or {match} in it. */
const Template = z
  .string()
  .refine(
    (text) => PLACEHOLDER.test(text),
    'a name with {match} or {table} in it, so that each table has another one',
  );

const SchemaOrTemplate = z.string().superRefine((text, context) => {
  if (PLACEHOLDER.test(text)) return;
  const issue = WarehouseDefinition.shape.schema.safeParse(text).error?.issues[0];
  if (issue !== undefined) context.addIssue({ code: 'custom', message: issue.message });
});

const schema = SchemaOrTemplate.optional();

const PrefixOrTemplate = z.string().superRefine((text, context) => {
  if (PLACEHOLDER.test(text)) return;
  const issue = S3Destination.shape.prefix.safeParse(text).error?.issues[0];
  if (issue !== undefined) context.addIssue({ code: 'custom', message: issue.message });
});

const DestinationEntry = z.discriminatedUnion('kind', [
  withOneOfEach(
    RedshiftDestination.extend({
      schema: schema.describe(
        'The live schema that readers query; it is replaced as a whole. Default: the name of the pipeline, `_` and that of the destination, with `_` for `-`.',
      ),
    }),
  ),
  S3Destination.extend({
    prefix: PrefixOrTemplate.describe(S3Destination.shape.prefix.description ?? ''),
  }),
]);

const { destination: _, ...settings } = PipelineDefinition.shape;

export const PipelineEntry = z
  .strictObject({
    ...settings,
    name: Template.optional().describe(
      'With a pattern only: the names of its pipelines. Default: the name of this entry, `-` and `{match}`.',
    ),
    source: withSettingsOfKind(
      SourceSettings.extend({
        table: TableOrPattern.describe(
          'The name or ARN of the DynamoDB table; or a pattern such as `prod-*`, for one pipeline per table.',
        ),
        except: z
          .array(TablePattern)
          .optional()
          .describe('With a pattern only: tables that it does not match, by name or pattern.'),
      }),
    ).describe('The DynamoDB table to read.'),
    warehouse: withOneOfEach(
      z.strictObject({
        ...WarehouseDefinition.shape,
        schema: schema.describe(
          'The live schema that readers query; it is replaced as a whole. Default: the name of the pipeline, with `_` for `-`.',
        ),
      }),
    )
      .optional()
      .describe('The Redshift schema to create and replace. Or `destinations`, for several.'),
    destinations: z
      .record(DestinationName, DestinationEntry)
      .optional()
      .describe(
        'Instead of `warehouse`: where the items go, by name. A destination named `warehouse` continues the schema that the setting `warehouse` began.',
      ),
  })
  .refine(({ warehouse, destinations }) => (warehouse === undefined) !== (destinations === undefined), {
    message: 'exactly one of warehouse and destinations',
    path: ['warehouse'],
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .refine(({ destinations }) => destinations === undefined || Object.keys(destinations).length > 0, {
    message: 'at least one destination',
    path: ['destinations'],
  });
export type PipelineEntry = z.infer<typeof PipelineEntry>;
