import { z } from 'zod';
import { Layout } from '../../columns/layout.ts';
import { Key } from '../../item/key.ts';
import { Mapping } from '../../mapping/mapping.ts';
import type { Observation } from '../../schema/agree.ts';
import type { NameClaim } from '../../schema/name-claims.ts';
import { Seen } from '../../seen/seen.ts';
import type { Manifest } from '../manifest.ts';

/** `observation.json`: what a sealed run saw. The pipeline agrees on it when the run goes live. */
export const ObservationFile = z.object({
  version: z.literal(1),
  pipeline: z.string(),
  by: z.string(),
  at: z.string(),
  whole: z.boolean(),
  /** The epoch of the agreed schema that the run was planned by; absent in the first. */
  epoch: z.number().int().positive().optional(),
  tableName: z.string(),
  key: Key,
  seen: Seen,
  layouts: z.array(Layout),
  mapping: Mapping,
});
export type ObservationFile = z.infer<typeof ObservationFile>;

export function observationFile(observed: Observation, epoch: number | undefined): ObservationFile {
  const { claims: _, layouts, ...rest } = observed;
  return { version: 1, ...rest, layouts: [...layouts], ...(epoch === undefined ? {} : { epoch }) };
}

/** The names of a sealed run's tables and columns. */
export function namesIn({ run, extractedFrom, tables }: Manifest): NameClaim {
  return {
    by: run,
    at: extractedFrom,
    tables: tables.map(({ path, name }) => ({ path, name })),
    columns: tables.flatMap((table) =>
      table.columns.flatMap(({ role, path, form, name }) =>
        role === 'value' && form !== undefined ? [{ table: table.path, path, form, name }] : [],
      ),
    ),
  };
}
