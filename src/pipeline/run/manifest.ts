import { z } from 'zod';
import { Form } from '../columns/layout.ts';
import { RedshiftType } from '../columns/redshift-type.ts';
import { Key } from '../item/key.ts';
import { PartFile } from '../load/part-file.ts';
import { Drift, noDrift } from '../schema/drift.ts';

const count = z.number().int().nonnegative();

/** A column of a warehouse table and what its cells must add up to. */
export const ManifestColumn = z.object({
  name: z.string(),
  type: RedshiftType,
  /** key: copied from the item's primary key; position: of a list member; value: everything else. */
  role: z.enum(['key', 'position', 'value']),
  /** Path and form of what it holds; of a position, the table's own path. */
  path: z.string(),
  form: Form.optional(),
  notNull: z.boolean(),
  /** Cells that are not NULL. */
  values: count,
  /** Sum of the UTF-8 bytes of its texts: only for VARCHAR. */
  textBytes: count.optional(),
});
export type ManifestColumn = z.infer<typeof ManifestColumn>;

export const ManifestTable = z.object({
  /** Path of the list or set it comes from; the root's is empty. */
  path: z.string(),
  name: z.string(),
  rows: count,
  /** In the order of the DDL: key, positions, values. */
  columns: z.array(ManifestColumn),
  /** Column that distributes the rows, and those that sort them; AUTO where they are not given. */
  distKey: z.string().optional(),
  sortKey: z.array(z.string()).optional(),
  /** Layout id → names of the columns of its files, in the order of their fields. */
  layouts: z.record(z.string(), z.array(z.string())),
  files: z.array(PartFile),
});
export type ManifestTable = z.infer<typeof ManifestTable>;

/** `manifest.json`: the sealed run. All that prepare, load, verify and replace know of the data. */
export const Manifest = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  run: z.string(),
  /** The earlier run that some of the files are of: they stand in its directory. */
  refersTo: z.string().optional(),
  /** The plan's `plannedAt`, and the last checkpoint's end. */
  extractedFrom: z.string(),
  extractedTo: z.string(),
  sealedAt: z.string(),
  key: Key,
  segments: z.number().int().positive(),
  /** Items the scan returned = rows of the root table + rejects. */
  items: count,
  /** Items encoded at the seal because they did not fit the layout of their time. */
  odd: count,
  rejects: count,
  rejectReasons: z.record(z.string(), count),
  bytes: count,
  tables: z.array(ManifestTable),
  /** What the run brought to the agreed schema. */
  drift: Drift.default(noDrift),
  /** What of the mapping does not apply, in sentences. */
  notes: z.array(z.string()).default([]),
});
export type Manifest = z.infer<typeof Manifest>;
