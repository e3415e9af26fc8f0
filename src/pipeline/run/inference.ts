import { z } from 'zod';
import { Form } from '../columns/layout.ts';
import { typeSql } from '../columns/redshift-type.ts';
import { bytesAt, scalarAt, valuesAt } from '../columns/seen-column.ts';
import { PipelineDefinition } from '../definition/pipeline-definition.ts';
import { PlannedExport } from '../export/export-manifest.ts';
import { Key } from '../item/key.ts';
import { attributePath, isRoot, type Path } from '../item/path.ts';
import { LikelyDictionary } from '../mapping/suggest/likely-dictionaries.ts';
import type { AgreedKey, AgreedSchema } from '../schema/agreed-schema.ts';
import { Cause } from '../schema/cause.ts';
import { Drift } from '../schema/drift.ts';
import { Examples } from '../seen/examples.ts';
import { Seen, tableSeen } from '../seen/seen.ts';
import { paddedNumber } from './run-directory.ts';
import { inferencesDirectory } from './schema-directory.ts';
import { Cursor, withCursor } from './segments/cursor.ts';

/** The files of a schema inference: `schema/inferences/<name>/…`. */

const count = z.number().int().nonnegative();

type At = { readonly prefix: string; readonly pipeline: string };

const inferenceDirectory = (at: At, inference: string) => `${inferencesDirectory(at)}${inference}/`;
export const inferencePlanKey = (at: At, inference: string) =>
  `${inferenceDirectory(at, inference)}plan.json`;
export const inferenceKey = (at: At, inference: string) =>
  `${inferenceDirectory(at, inference)}inference.json`;
export const inferenceSegmentDirectory = (at: At, inference: string, segment: number) =>
  `${inferenceDirectory(at, inference)}segments/${paddedNumber(segment)}/`;
export const inferenceCheckpointKey = (at: At, inference: string, segment: number, number: number) =>
  `${inferenceSegmentDirectory(at, inference, segment)}checkpoint-${paddedNumber(number)}.json`;

/** `plan.json` of an inference: what it reads. Written once, before anything else. */
export const InferencePlan = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  inference: z.string(),
  owner: z.object({ workflowId: z.string(), firstExecutionRunId: z.string() }),
  plannedAt: z.string(),
  /** The epoch of the agreed schema that it was planned by; absent in the first. */
  epoch: z.number().int().positive().optional(),
  definition: PipelineDefinition,
  source: z.object({
    tableName: z.string(),
    key: Key,
    approximateItems: z.number(),
    /** The export that is read; absent if the table is scanned. */
    export: PlannedExport.optional(),
  }),
  segments: z.number().int().positive(),
  /** The share of the table to read; 1 is the whole table. */
  share: z.number().positive().max(1),
  examples: z.boolean(),
});
export type InferencePlan = z.infer<typeof InferencePlan>;

/** Everything seen in a segment so far, and where its scan resumes. The newest checkpoint includes all earlier ones. */
const CheckpointDocument = z.object({
  version: z.literal(2),
  segment: count,
  number: z.number().int().positive(),
  attempt: z.string(),
  /** The number of sampled parts that were read completely. */
  partsDone: count,
  /** Where reading resumes in the next part; absent at its beginning. */
  cursor: Cursor.optional(),
  done: z.boolean(),
  items: count,
  rejects: count,
  /** Items that do not meet the conditions of `where`. Absent if there are none. */
  filtered: count.optional(),
  readUnits: z.number().nonnegative(),
  seen: Seen,
  examples: Examples,
  /** Items that would change the agreed schema. Absent if there are none. */
  causes: z.array(Cause).optional(),
});
export const InferenceCheckpoint = z.preprocess(withCursor, CheckpointDocument);
export type InferenceCheckpoint = z.infer<typeof CheckpointDocument>;

const ColumnStatistics = z.object({
  path: z.string(),
  form: Form,
  name: z.string(),
  type: z.string(),
  /** The number of rows with a value. */
  values: count,
  /** The same, as a share of the table's rows. */
  share: z.number(),
  kinds: z.array(z.string()),
  textForms: z.array(z.string()),
  /** Bytes of the longest text or value. */
  longestBytes: count,
  /** The most digits of its numbers, before and after the point. */
  digits: z.object({ before: count, after: count }).optional(),
  examples: z.array(z.string()).optional(),
});
type ColumnStatistics = z.infer<typeof ColumnStatistics>;

/** `inference.json`: what an inference found. */
export const Inference = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  inference: z.string(),
  plannedAt: z.string(),
  endedAt: z.string(),
  share: z.number(),
  segments: count,
  items: count,
  rejects: count,
  filtered: count.optional(),
  readUnits: z.number(),
  /** Whether the agreed schema includes what was found. */
  agreed: z.boolean(),
  /** Why it does not. */
  reason: z.string().optional(),
  drift: Drift,
  /** Maps that look like dictionaries. */
  dictionaries: z.array(LikelyDictionary).default([]),
  tables: z.array(
    z.object({ path: z.string(), name: z.string(), rows: count, columns: z.array(ColumnStatistics) }),
  ),
});
export type Inference = z.infer<typeof Inference>;

/** What was seen of each column of the schema, in the schema's order, the key's columns first. */
export function statisticsOf(
  schema: AgreedSchema,
  seen: Seen,
  examples: Examples | undefined,
): Inference['tables'] {
  return schema.tables.map((table) => {
    const ofTable = tableSeen(seen, table.path);
    const key = isRoot(table.path) ? schema.key.map((each) => keyColumn(each, table.path)) : [];
    return {
      path: table.path,
      name: table.name,
      rows: ofTable.rows,
      columns: [...key, ...table.columns].map(({ path, form, name, type }): ColumnStatistics => {
        const values = valuesAt(ofTable, { path, form });
        const scalar = form === 'scalar' ? scalarAt(ofTable, path) : undefined;
        const bytes = form === 'bytes' ? bytesAt(ofTable, path) : undefined;
        const hasNumbers = scalar?.kinds.includes('N') === true;
        return {
          path,
          form,
          name,
          type: typeSql(type),
          values,
          share: ofTable.rows === 0 ? 0 : Number((values / ofTable.rows).toPrecision(4)),
          kinds: [...(scalar?.kinds ?? [])],
          textForms: [...(scalar?.textForms ?? [])],
          longestBytes: scalar?.maxBytes ?? bytes?.maxBytes ?? 0,
          ...(hasNumbers ? { digits: { before: scalar.maxIntegerDigits, after: scalar.maxScale } } : {}),
          ...(examples === undefined || form !== 'scalar' ? {} : { examples: examplesAt(examples, path) }),
        };
      }),
    };
  });
}

const examplesAt = (examples: Examples, path: Path) =>
  Object.hasOwn(examples, path) ? (examples[path] ?? []) : [];

const keyColumn = ({ name, columnName, type }: AgreedKey, table: Path) => ({
  path: attributePath(table, name),
  form: 'scalar' as const,
  name: columnName,
  type,
});
