import { z } from 'zod';
import { Form } from '../columns/layout.ts';
import { RedshiftType } from '../columns/redshift-type.ts';
import { KeyAttribute } from '../item/key.ts';
import type { Path } from '../item/path.ts';
import { Seen } from '../seen/seen.ts';
import { Naming } from '../sql/naming.ts';

/**
 * `schema/current.json`: the schema that all runs of a pipeline agree on. Tables and columns keep their order and, unless
 * the mapping renames them, their names. Types only widen. See `agree` for how it changes.
 */

/** When a column was last seen: by which run or inference, when that started to read, in what share of the rows. */
export const LastSeen = z.object({ by: z.string(), at: z.string(), share: z.number().min(0).max(1) });
export type LastSeen = z.infer<typeof LastSeen>;

/** The last change of a name by the mapping: the run or inference that made it, and the name before. */
const Renamed = z.object({ by: z.string(), from: z.string() }).optional();

export const AgreedColumn = z.object({
  path: z.string(),
  form: Form,
  name: z.string(),
  type: RedshiftType,
  /** The run or inference that added it. */
  since: z.string(),
  /** The last change of its type: the run or inference that made it, and the type before. */
  changed: z.object({ by: z.string(), from: RedshiftType }).optional(),
  renamed: Renamed,
  /** Absent if it was added without a value: a sample saw it, the run did not. */
  lastSeen: LastSeen.optional(),
});
export type AgreedColumn = z.infer<typeof AgreedColumn>;

export const AgreedKey = KeyAttribute.extend({
  path: z.string(),
  /** The name of its column in the root table and of the copies in all other tables. */
  columnName: z.string(),
  type: RedshiftType,
  changed: z.object({ by: z.string(), from: RedshiftType }).optional(),
});
export type AgreedKey = z.infer<typeof AgreedKey>;

export const AgreedTable = z.object({
  path: z.string(),
  name: z.string(),
  since: z.string(),
  renamed: Renamed,
  /** In DDL order, after the key and the positions. */
  columns: z.array(AgreedColumn),
});
export type AgreedTable = z.infer<typeof AgreedTable>;

/** A sealed run that read the whole table. */
const CountedRun = z.object({ run: z.string(), at: z.string() });

export const AgreedSchema = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  /** Counts what operators undid, from 1: see epoch.ts. Absent in the first epoch, and in schemas of older versions. */
  epoch: z.number().int().positive().optional(),
  /** Counts the changes of names and types, from 1. */
  revision: z.number().int().positive(),
  /** When this revision was made, ISO 8601. */
  changedAt: z.string(),
  /** The run or inference that made this revision, or the command that began a new epoch. */
  changedBy: z.string(),
  /** The run or inference that made the first agreement. */
  since: z.string(),
  /** The naming of the first agreement. Absent in schemas that older versions began, for `FIRST_NAMING`. */
  naming: Naming.optional(),
  key: z.array(AgreedKey).min(1).max(2),
  /** The root first, then the others in the order in which they appeared. Empty after a reset. */
  tables: z.array(AgreedTable),
  /** Everything that runs ever saw, without counts. The types hold all of it. */
  seen: Seen,
  /** The most recent sealed runs, the oldest first. They show for how many runs a column has been gone. */
  runs: z.array(CountedRun),
});
export type AgreedSchema = z.infer<typeof AgreedSchema>;

/** The most runs kept in `runs`. So a column gone for this many runs may be gone for more. */
export const RUNS_COUNTED = 100;

/** How many of the latest sealed runs in a row had no value in the column; undefined if it never had one. */
export function runsWithout(schema: AgreedSchema, { lastSeen }: AgreedColumn): number | undefined {
  return lastSeen === undefined
    ? undefined
    : schema.runs.filter(({ at }) => Date.parse(at) > Date.parse(lastSeen.at)).length;
}

export function agreedTable(schema: AgreedSchema | undefined, path: Path): AgreedTable | undefined {
  return schema?.tables.find((table) => table.path === path);
}
