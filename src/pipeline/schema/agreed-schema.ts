import { z } from 'zod';
import { Form } from '../columns/layout.ts';
import { RedshiftType } from '../columns/redshift-type.ts';
import { KeyAttribute } from '../item/key.ts';
import type { Path } from '../item/path.ts';
import { Seen } from '../seen/seen.ts';

/**
 * `schema/current.json`: the schema that all runs of a pipeline agree on. Every table and column has its name for
 * good, in the order in which it came; types only widen. See `agree` for how it changes.
 */

/** What of a column was seen last: by which run or inference, when its reading began, in what share of the rows. */
export const LastSeen = z.object({ by: z.string(), at: z.string(), share: z.number().min(0).max(1) });
export type LastSeen = z.infer<typeof LastSeen>;

export const AgreedColumn = z.object({
  path: z.string(),
  form: Form,
  name: z.string(),
  type: RedshiftType,
  /** The run or inference that brought it. */
  since: z.string(),
  /** Its type was changed last by this run or inference, from that type. */
  changed: z.object({ by: z.string(), from: RedshiftType }).optional(),
  /** Undefined where it was given its place without a value: a sample showed it, the run did not. */
  lastSeen: LastSeen.optional(),
});
export type AgreedColumn = z.infer<typeof AgreedColumn>;

export const AgreedKey = KeyAttribute.extend({
  path: z.string(),
  /** Of its column in the root table and of its copies in all others. */
  columnName: z.string(),
  type: RedshiftType,
  changed: z.object({ by: z.string(), from: RedshiftType }).optional(),
});
export type AgreedKey = z.infer<typeof AgreedKey>;

export const AgreedTable = z.object({
  path: z.string(),
  name: z.string(),
  since: z.string(),
  /** In the order of the DDL, after the key and the positions. */
  columns: z.array(AgreedColumn),
});
export type AgreedTable = z.infer<typeof AgreedTable>;

/** A sealed run of the whole table. */
const CountedRun = z.object({ run: z.string(), at: z.string() });

export const AgreedSchema = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  /** Counts the changes of names and types, from 1. */
  revision: z.number().int().positive(),
  /** When that change was made, ISO 8601, and by which run or inference. */
  changedAt: z.string(),
  changedBy: z.string(),
  /** The run or inference that made the first agreement. */
  since: z.string(),
  key: z.array(AgreedKey).min(1).max(2),
  /** The root first, then in the order in which they came. */
  tables: z.array(AgreedTable),
  /** What all runs ever saw, without its counts: types hold all of it. */
  seen: Seen,
  /** The newest sealed runs, the oldest of them first: by them is told for how long a column is gone. */
  runs: z.array(CountedRun),
});
export type AgreedSchema = z.infer<typeof AgreedSchema>;

/** Runs kept in `runs`. A column gone for longer is gone for this many runs or more. */
export const RUNS_COUNTED = 100;

/** How many sealed runs, one after the other, had no value in the column; undefined where it never had one. */
export function runsWithout(schema: AgreedSchema, { lastSeen }: AgreedColumn): number | undefined {
  return lastSeen === undefined
    ? undefined
    : schema.runs.filter(({ at }) => Date.parse(at) > Date.parse(lastSeen.at)).length;
}

export function agreedTable(schema: AgreedSchema | undefined, path: Path): AgreedTable | undefined {
  return schema?.tables.find((table) => table.path === path);
}
