import { pipelineDirectory, type RunLocation } from './run-directory.ts';

/**
 * The keys of a pipeline's agreed schemas in S3, beside its runs: that of the destination `warehouse` is in `schema/`, that of
 * any other in a folder of its name there.
 */

type At = Omit<RunLocation, 'run'>;

interface OfDestination extends At {
  /** Absent for `warehouse`. */
  readonly destination?: string | undefined;
}

/** Folders in `schema/` that are not of a destination, which therefore cannot have these names. */
export const SCHEMA_FOLDERS = ['history', 'inferences'] as const;

const root = (at: At) => `${pipelineDirectory(at)}/schema/`;
export const inferencesDirectory = (at: At) => `${root(at)}inferences/`;
const schemaDirectory = (at: OfDestination) =>
  at.destination === undefined ? root(at) : `${root(at)}${at.destination}/`;
export const currentSchemaKey = (at: OfDestination) => `${schemaDirectory(at)}current.json`;
export const nameClaimsKey = (at: OfDestination) => `${schemaDirectory(at)}claims.json`;
export const schemaHistoryDirectory = (at: OfDestination) => `${schemaDirectory(at)}history/`;

/** `…/history/20261121T072924.123Z.json`: sorts by time. @param changedAt ISO 8601 with milliseconds, UTC */
export const schemaHistoryKey = (at: OfDestination, changedAt: string) =>
  `${schemaHistoryDirectory(at)}${changedAt.replaceAll(/[-:]/g, '')}.json`;
