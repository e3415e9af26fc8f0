import { z } from 'zod';
import { Form } from '../columns/layout.ts';
import { RedshiftType } from '../columns/redshift-type.ts';
import { Key } from '../item/key.ts';
import { PartFile } from '../load/part-file.ts';
import { LikelyDictionary } from '../mapping/suggest/likely-dictionaries.ts';
import { Drift, noDrift } from '../schema/drift.ts';
import { ItemFile } from './segments/checkpoint.ts';

const count = z.number().int().nonnegative();

/** A column of a warehouse table, and the counts that its cells must add up to. */
export const ManifestColumn = z.object({
  name: z.string(),
  type: RedshiftType,
  /** `key`: copied from the item's primary key; `position`: of a list member or map entry; `value`: everything else. */
  role: z.enum(['key', 'position', 'value']),
  /** The path of what it holds; for a position, the table's own path. */
  path: z.string(),
  form: Form.optional(),
  notNull: z.boolean(),
  /** Cells that are not NULL. */
  values: count,
  /** Total UTF-8 bytes of its texts. Only for VARCHAR. */
  textBytes: count.optional(),
  /** What its values are: see `kindWords`. Absent if none was seen, and in manifests of older versions. */
  kinds: z.array(z.string()).optional(),
});
export type ManifestColumn = z.infer<typeof ManifestColumn>;

export const ManifestTable = z.object({
  /** The table's path; empty for the root table. */
  path: z.string(),
  name: z.string(),
  rows: count,
  /** In DDL order: key, positions, values. */
  columns: z.array(ManifestColumn),
  /** Name of the column that distributes the rows; AUTO if absent. */
  distKey: z.string().optional(),
  /** Names of the columns that sort the rows; AUTO if absent. */
  sortKey: z.array(z.string()).optional(),
  /** Names of the columns of the files' fields, in order, by layout id. */
  layouts: z.record(z.string(), z.array(z.string())),
  /** What means NULL in the files, by layout id. `FIRST_NULL_TEXT` for a layout that is not listed. */
  nullTexts: z.record(z.string(), z.string()).optional(),
  files: z.array(PartFile),
});
export type ManifestTable = z.infer<typeof ManifestTable>;

/** `manifest.json`: the sealed run. It is everything that prepare, load, verify and replace know about the data. */
export const Manifest = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  run: z.string(),
  /** The earlier run that some of the files belong to. They are in its directory. */
  refersTo: z.string().optional(),
  /** The plan's `plannedAt`, and the last checkpoint's end. */
  extractedFrom: z.string(),
  extractedTo: z.string(),
  sealedAt: z.string(),
  key: Key,
  segments: z.number().int().positive(),
  /** Items that the scan returned = rows of the root tables + rejects + filtered items. */
  items: count,
  /** Items that were encoded at the seal because they did not fit the layouts when they were read. */
  odd: count,
  rejects: count,
  /** Items that do not meet the conditions of `where`. Absent if there are none, and in manifests of older versions. */
  filtered: count.optional(),
  rejectReasons: z.record(z.string(), count),
  /** Files of odd items that were set aside at the seal. The files of other rejects are in the checkpoints. */
  oddRejects: z.array(ItemFile).optional(),
  bytes: count,
  tables: z.array(ManifestTable),
  /** What the run changed in the agreed schema. */
  drift: Drift.default(noDrift),
  /** Messages about settings of the mapping that do not apply. */
  notes: z.array(z.string()).default([]),
  /** Maps that look like dictionaries. */
  dictionaries: z.array(LikelyDictionary).default([]),
});
export type Manifest = z.infer<typeof Manifest>;
