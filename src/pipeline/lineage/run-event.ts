import { z } from 'zod';

/**
 * The part of OpenLineage that Tributary sends, with the rules of the published schemas: the core
 * https://openlineage.io/spec/2-0-2/OpenLineage.json, and the facets that `SCHEMAS` names, below
 * https://openlineage.io/spec/facets/.
 */

const CORE = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const facetSchema = (version: string, name: string) =>
  `https://openlineage.io/spec/facets/${version}/${name}.json#/$defs/${name}`;

/** Both facets are in one schema. */
const SUBSET = 'https://openlineage.io/spec/facets/1-0-0/BaseSubsetDatasetFacet.json#/$defs/';

/** The published schema of each facet. A facet names it in `_schemaURL`. */
const SCHEMAS = {
  jobType: facetSchema('2-0-3', 'JobTypeJobFacet'),
  errorMessage: facetSchema('1-0-1', 'ErrorMessageRunFacet'),
  parent: facetSchema('1-0-1', 'ParentRunFacet'),
  schema: facetSchema('1-1-1', 'SchemaDatasetFacet'),
  columnLineage: facetSchema('1-2-0', 'ColumnLineageDatasetFacet'),
  outputStatistics: facetSchema('1-0-2', 'OutputStatisticsOutputDatasetFacet'),
  inputSubset: `${SUBSET}InputSubsetInputDatasetFacet`,
  outputSubset: `${SUBSET}OutputSubsetOutputDatasetFacet`,
} as const;

/** Identifies what sends the events. */
const PRODUCER = 'https://www.npmjs.com/package/@tributary-data/tributary';

/** What every facet has. */
export const facet = (name: keyof typeof SCHEMAS) => ({ _producer: PRODUCER, _schemaURL: SCHEMAS[name] });

/** A job is Tributary's. */
export const JOB_TYPE = {
  jobType: { ...facet('jobType'), processingType: 'BATCH', integration: 'TRIBUTARY', jobType: 'JOB' },
} as const;

/** Why a run failed. */
export const errorFacet = (message: string) => ({
  errorMessage: { ...facet('errorMessage'), message, programmingLanguage: 'JAVASCRIPT' },
});

/** What every event has. */
export const ORIGIN = { producer: PRODUCER, schemaURL: CORE };

const uri = z.url();
const count = z.number().int().nonnegative();
const facetOf = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject({ _producer: uri, _schemaURL: uri, ...shape });

const dataset = { namespace: z.string().min(1), name: z.string().min(1) };

/** Some partitions of a dataset. */
const PartitionCondition = z.strictObject({
  type: z.literal('partition'),
  partitions: z.array(z.strictObject({ dimensions: z.record(z.string(), z.string()) })),
});

const InputDataset = z.strictObject({
  ...dataset,
  inputFacets: z.strictObject({ subset: facetOf({ inputCondition: PartitionCondition }) }).optional(),
});

const OutputDataset = z.strictObject({
  ...dataset,
  facets: z.strictObject({
    schema: facetOf({ fields: z.array(z.strictObject({ name: z.string(), type: z.string() })) }),
    columnLineage: facetOf({
      fields: z.record(
        z.string(),
        z.strictObject({ inputFields: z.array(z.strictObject({ ...dataset, field: z.string() })) }),
      ),
    }).optional(),
  }),
  outputFacets: z.strictObject({
    outputStatistics: facetOf({ rowCount: count, size: count }),
    subset: facetOf({ outputCondition: PartitionCondition }).optional(),
  }),
});

const job = { namespace: z.string().min(1), name: z.string().min(1) };

export const RunEvent = z.strictObject({
  eventType: z.enum(['START', 'COMPLETE', 'FAIL', 'ABORT']),
  eventTime: z.iso.datetime(),
  producer: uri,
  schemaURL: uri,
  run: z.strictObject({
    runId: z.uuid(),
    facets: z
      .strictObject({
        errorMessage: facetOf({ message: z.string(), programmingLanguage: z.string() }).optional(),
        parent: facetOf({
          run: z.strictObject({ runId: z.uuid() }),
          job: z.strictObject(job),
        }).optional(),
      })
      .optional(),
  }),
  job: z.strictObject({
    ...job,
    facets: z.strictObject({
      jobType: facetOf({ processingType: z.literal('BATCH'), integration: z.string(), jobType: z.string() }),
    }),
  }),
  inputs: z.array(InputDataset),
  outputs: z.array(OutputDataset),
});
export type RunEvent = z.infer<typeof RunEvent>;
