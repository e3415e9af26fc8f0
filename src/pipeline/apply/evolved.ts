import { z } from 'zod';
import { ManifestColumn, ManifestTable } from '../run/manifest.ts';

/** A column as the DDL has it, without the counts of a run. */
export const TableColumn = ManifestColumn.pick({
  name: true,
  type: true,
  role: true,
  path: true,
  form: true,
  notNull: true,
});
export type TableColumn = z.infer<typeof TableColumn>;

/**
 * A table that changes have created, or what they have changed in a table of the run: columns that the manifest lacks, or
 * has with a narrower type.
 */
export const EvolvedTable = ManifestTable.pick({
  path: true,
  name: true,
  distKey: true,
  sortKey: true,
}).extend({
  columns: z.array(TableColumn),
  /** How many columns the table got on the last day that it got one. */
  added: z.object({ day: z.string(), columns: z.number().int().nonnegative() }).optional(),
});
export type EvolvedTable = z.infer<typeof EvolvedTable>;

/**
 * `evolved.json` in a run's directory: what the changes that are applied to the run's schema have added to the tables of its
 * manifest. It is written before the tables are altered, so a schema may lack some of it, but has nothing else. The agreed
 * schema has the same names, for the next run.
 */
export const Evolved = z.object({
  version: z.literal(1),
  run: z.string(),
  tables: z.array(EvolvedTable),
});
export type Evolved = z.infer<typeof Evolved>;
