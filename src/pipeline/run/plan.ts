import { z } from 'zod';
import { Layout } from '../columns/layout.ts';
import { PipelineDefinition, RunName } from '../definition/pipeline-definition.ts';
import { PlannedExport } from '../export/export-manifest.ts';
import { FIRST_NULL_TEXT } from '../item/csv.ts';
import { Key } from '../item/key.ts';
import { Mapping } from '../mapping/mapping.ts';
import { LikelyDictionary } from '../mapping/suggest/likely-dictionaries.ts';
import { Unmatched } from '../mapping/unmatched.ts';

/** Places in a change log: the schema has all changes before them, and is to get the others. */
const StartInLog = z.object({
  epoch: z.string(),
  positions: z.array(
    z.object({ shard: z.string(), checkpoint: z.number().int().nonnegative(), ended: z.boolean() }),
  ),
});
export type StartInLog = z.infer<typeof StartInLog>;

/** `plan.json`: what a run copies, from where, and in how many segments. Written once, before anything else. */
export const Plan = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  run: z.string(),
  /** The workflow that created the run. A reset does not change the run id of its first execution. */
  owner: z.object({ workflowId: z.string(), firstExecutionRunId: z.string() }),
  /**
   * When the extraction started, by S3's clock, which orders all runs: nothing it read is older. Of an export, the
   * moment that it holds. ISO 8601, UTC.
   */
  plannedAt: z.string(),
  /** The epoch of the agreed schema that it was planned by. Absent in the first, and in plans of older versions. */
  epoch: z.number().int().positive().optional(),
  definition: PipelineDefinition,
  source: z.object({
    tableName: z.string(),
    /** DynamoDB's id of the table; absent in plans of older versions. */
    tableId: z.string().optional(),
    key: Key,
    /** DynamoDB's estimates, up to six hours old. */
    approximateItems: z.number(),
    approximateBytes: z.number(),
    /** The export that is read; absent if the table is scanned. */
    export: PlannedExport.optional(),
  }),
  segments: z.number().int().positive(),
  /** Identifies the key with which values are hashed. Absent if none are, and in a run over another's files, which hashes nothing. */
  hashKeyId: z.string().optional(),
  /** The live run, if its values were hashed with another key. Absent if none were, and in plans of older versions. */
  hashedOtherwise: z.string().optional(),
  /** Settings of the mapping that no sampled item matched. Absent if there are none, and in plans of older versions. */
  unmatched: Unmatched.optional(),
  /** What means NULL in the part files. Absent in plans of older versions, for `FIRST_NULL_TEXT`. */
  nullText: z.string().optional(),
  /** The layouts that the extraction starts with, from a sample of every segment. The root is first. */
  layouts: z.array(Layout),
  /** Layouts for common shapes of rows: see row-shapes.ts. Absent if there are none, and in plans of older versions. */
  shapes: z.array(Layout).optional(),
  /**
   * Columns of the agreed schema that these layouts lack, of tables where they leave little room for new ones. Absent if
   * there are none, and in plans of older versions.
   */
  held: z.array(Layout).optional(),
  /** Maps of the sample that look like dictionaries. Absent if none does, and in plans of older versions. */
  dictionaries: z.array(LikelyDictionary).optional(),
  /** Where in the change log the data begins. Absent if the pipeline follows no changes, and in plans of older versions. */
  changes: StartInLog.optional(),
  /**
   * The pipeline's own mapping, by which images of the log are made that its data can take. Absent if the pipeline follows no
   * changes, in a run over another's files, and in plans of older versions.
   */
  logMapping: Mapping.optional(),
  /** Why it takes the part files of the live run, or why it reads the table although it was to take them. */
  origin: z.string().optional(),
  /**
   * The earlier run whose part files this one takes, with what was set aside there mapped again. The earlier run must not be
   * removed before this one.
   */
  refersTo: z
    .object({
      run: RunName,
      /** The mapping with which its odd items were read. */
      mapping: Mapping,
    })
    .optional(),
});
export type Plan = z.infer<typeof Plan>;

/** What means NULL in a run's part files. */
export const nullTextOf = ({ nullText = FIRST_NULL_TEXT }: Plan): string => nullText;

/** The most segments extracted at once if the read rate is not limited. More would only lengthen queues. */
const MAX_AT_ONCE = 50;
/** The most segments that share a limited read rate, so that each has enough of it. */
const MAX_AT_ONCE_WITH_RATE = 8;

/** How many segments of a run are extracted at once, on all workers together. They share the run's read rate. */
export function segmentsAtOnce({
  definition,
  segments,
}: {
  readonly definition: { readonly source: Pick<PipelineDefinition['source'], 'readUnitsPerSecond'> };
  readonly segments: number;
}): number {
  const limited = definition.source.readUnitsPerSecond !== undefined;
  return Math.min(segments, limited ? MAX_AT_ONCE_WITH_RATE : MAX_AT_ONCE);
}
