import { pipelineDirectory, type RunLocation } from './run-directory.ts';

/** The keys of a pipeline's agreed schema in S3, beside its runs. */

type At = Omit<RunLocation, 'run'>;

export const schemaDirectory = (at: At) => `${pipelineDirectory(at)}/schema/`;
export const currentSchemaKey = (at: At) => `${schemaDirectory(at)}current.json`;
export const nameClaimsKey = (at: At) => `${schemaDirectory(at)}claims.json`;
export const schemaHistoryDirectory = (at: At) => `${schemaDirectory(at)}history/`;

/** `…/history/20261121T072924.123Z.json`: sorts by time. @param changedAt ISO 8601 with milliseconds, UTC */
export const schemaHistoryKey = (at: At, changedAt: string) =>
  `${schemaHistoryDirectory(at)}${changedAt.replaceAll(/[-:]/g, '')}.json`;
